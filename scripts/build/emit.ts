import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';
import { run } from './run.ts';

interface EmitOptions {
  /** Folder of the sources, from the root of the repository. */
  readonly from: string;
  readonly to: string;
  /** Folders below `from` that are left out. */
  readonly without?: readonly string[];
  /** Declarations only, of these files and what they need; instead of JavaScript of all files. */
  readonly typesOf?: readonly string[];
}

/**
 * Compiles a folder file by file with tsc, `.ts` in import paths becoming `.js`. Types are checked by
 * `npm run check`, not here.
 */
export async function emit({ from, to, without = [], typesOf }: EmitOptions): Promise<void> {
  const files = typesOf ?? listSources(join(root, from), without);
  // Below the root, so that the compiler finds the packages as always.
  const folder = mkdtempSync(join(root, 'node_modules', '.stager-emit-'));
  try {
    const config = join(folder, 'tsconfig.json');
    writeFileSync(
      config,
      JSON.stringify({
        extends: join(root, 'tsconfig.json'),
        compilerOptions: {
          noEmit: false,
          rootDir: join(root, from),
          outDir: join(root, to),
          noCheck: true,
          rewriteRelativeImportExtensions: true,
          allowImportingTsExtensions: false,
          types: ['node'],
          typeRoots: [join(root, 'node_modules', '@types')],
          // JavaScript needs nothing of other files; declarations do.
          ...(typesOf
            ? { declaration: true, emitDeclarationOnly: true }
            : { noResolve: true, sourceMap: true }),
        },
        include: [],
        files: files.map((file) => join(root, from, file)),
      }),
    );
    await run(join(root, 'node_modules', '.bin', 'tsc'), ['-p', config]);
    if (typesOf) renameImports(join(root, to));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is published: no tests, no helpers of tests, no templates. */
function listSources(folder: string, without: readonly string[]): string[] {
  return globSync('**/*.ts', { cwd: folder }).filter(
    (file) =>
      !/\.(test|bench|fixture)\.ts$|(^|\/)(_|testing\b)/.test(file) &&
      !without.some((other) => file.startsWith(`${other}/`)),
  );
}

/** The compiler leaves `.ts` in the imports of declarations, where nothing of that name is published. */
function renameImports(folder: string): void {
  for (const name of globSync('**/*.d.ts', { cwd: folder })) {
    const file = join(folder, name);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/((?:from|import\()\s*['"]\.{1,2}\/[^'"]+)\.ts(?=['"])/g, '$1.js'));
  }
}

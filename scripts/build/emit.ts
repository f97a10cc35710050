import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';
import { run } from './run.ts';

interface EmitOptions {
  /** Folder of the sources, from the root of the repository. */
  readonly from: string;
  readonly to: string;
  /** Folders below `from` that are left out. */
  readonly without?: readonly string[];
  /** Declarations only, instead of JavaScript only. */
  readonly types?: boolean;
}

/**
 * Compiles a folder file by file with tsc, `.ts` in import paths becoming `.js`. Types are checked by
 * `npm run check`, not here.
 */
export async function emit({ from, to, without = [], types = false }: EmitOptions): Promise<void> {
  const files = globSync('**/*.ts', { cwd: join(root, from) }).filter(
    (file) =>
      !/\.(test|bench)\.ts$|(^|\/)_/.test(file) && !without.some((folder) => file.startsWith(`${folder}/`)),
  );
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
          ...(types
            ? { declaration: true, emitDeclarationOnly: true }
            : { noResolve: true, sourceMap: true }),
        },
        include: [],
        files: files.map((file) => join(root, from, file)),
      }),
    );
    await run(join(root, 'node_modules', '.bin', 'tsc'), ['-p', config]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

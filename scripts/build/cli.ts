import { readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildResult, build, type Metafile } from 'esbuild';
import { collectLicenses } from './licenses.ts';
import { type OutputFile, removeStale, writeOutputs } from './outputs.ts';
import { root } from './paths.ts';

const dist = join(root, 'cli', 'dist');

/**
 * One bundle with the SDK and every library in it, split where the CLI imports lazily. The published package
 * needs nothing beside it, and a start reads as little as its command needs.
 */
export async function buildCli(): Promise<void> {
  // The stamp says from when on a change makes the bundle stale: from the start of the build.
  const begin = new Date();
  const { version } = JSON.parse(readFileSync(join(root, 'cli', 'package.json'), 'utf8')) as {
    version: string;
  };
  const bundle = await bundleCli(version);
  const help = await renderHelp(version);
  const files: OutputFile[] = [
    ...bundle.outputFiles.map(({ path, contents }) => ({ path, contents })),
    { path: join(dist, 'THIRD-PARTY.txt'), contents: collectLicenses(bundle.metafile, root) },
    { path: join(dist, 'meta.json'), contents: JSON.stringify(slim(bundle.metafile)) },
    { path: join(dist, 'help.txt'), contents: help },
    { path: join(dist, 'version.txt'), contents: `${version}\n` },
  ];
  writeOutputs(files);
  const stamp = { path: join(dist, 'stamp'), contents: '' };
  writeOutputs([stamp]);
  utimesSync(stamp.path, begin, begin);
  removeStale(
    dist,
    [...files, stamp].map(({ path }) => path),
  );
}

type Bundle = BuildResult<{ metafile: true; write: false }>;

function bundleCli(version: string): Promise<Bundle> {
  return build({
    entryPoints: { main: join(root, 'cli/src/cli.ts') },
    outdir: dist,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    conditions: ['stager-dev'],
    minify: true,
    keepNames: false,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    chunkNames: '[name]-[hash]',
    metafile: true,
    write: false,
    logLevel: 'warning',
    define: { STAGER_CLI_VERSION: JSON.stringify(version) },
    // Libraries in CommonJS call `require` for builtins, which a module does not have.
    banner: {
      js: "import{createRequire as stagerCreateRequire}from'node:module';const require=stagerCreateRequire(import.meta.url);",
    },
    absWorkingDir: root,
  });
}

/** The help text that the bin prints without loading the program, made by the program itself. */
async function renderHelp(version: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `export { createProgram } from './cli/src/program.ts';`,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    conditions: ['stager-dev'],
    define: { STAGER_CLI_VERSION: JSON.stringify(version) },
    // A module that is a data URL has no place to look from.
    banner: {
      js: `import{createRequire as stagerCreateRequire}from'node:module';const require=stagerCreateRequire(${JSON.stringify(join(root, 'package.json'))});`,
    },
    write: false,
    absWorkingDir: root,
    logLevel: 'warning',
    plugins: [
      {
        // What the commands load when they run is not part of the help.
        name: 'leave-lazy-imports',
        setup({ onResolve }) {
          onResolve({ filter: /.*/ }, ({ kind, path }) =>
            kind === 'dynamic-import' ? { path, external: true } : undefined,
          );
        },
      },
    ],
  });
  const code = Buffer.from(outputFiles[0]?.contents ?? '').toString('base64');
  const module: { createProgram: (hooks: object) => { outputHelp(): void } } = await import(
    `data:text/javascript;base64,${code}`
  );
  let text = '';
  const writeOut = (part: string) => {
    text += part;
  };
  module.createProgram({ writeOut }).outputHelp();
  return text;
}

/** Which sources went into which file: enough to tell what a start loads. */
function slim({ outputs }: Metafile): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(outputs)
      .filter(([file]) => file.endsWith('.js'))
      .map(([file, { inputs }]) => [file.replace('cli/dist/', ''), Object.keys(inputs)]),
  );
}

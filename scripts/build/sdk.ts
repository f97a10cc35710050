import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { emit } from './emit.ts';
import { root } from './paths.ts';

/** The SDK as two entries that share their code, with types. Its dependency stays a dependency. */
export async function buildSdk(): Promise<void> {
  const out = join(root, 'sdk', 'dist');
  rmSync(out, { recursive: true, force: true });
  await Promise.all([
    build({
      entryPoints: {
        index: join(root, 'sdk/src/index.ts'),
        'testing/index': join(root, 'sdk/src/testing/index.ts'),
      },
      outdir: out,
      bundle: true,
      splitting: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      target: 'node22',
      sourcemap: 'linked',
      logLevel: 'warning',
      absWorkingDir: root,
    }),
    emit({ from: 'sdk/src', to: 'sdk/dist', typesOf: ['index.ts', 'testing/index.ts'] }),
  ]);
}

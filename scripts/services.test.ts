import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTempDir } from '../tests/support/tempDir.ts';
import { root } from './lib/bootstrap.mjs';

let folder: string;
beforeEach(() => {
  folder = makeTempDir('stager-services');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** On a machine that has nothing on its PATH but this Go, and nothing was ever built. */
function runServices(go?: string): { status: number | null; said: string } {
  if (go !== undefined) {
    const file = join(folder, 'go');
    writeFileSync(file, `#!/bin/sh\n${go}\n`);
    chmodSync(file, 0o755);
  }
  const done = spawnSync(process.execPath, [join(root, 'scripts/services.ts')], {
    encoding: 'utf8',
    env: { PATH: folder, XDG_CACHE_HOME: folder },
  });
  return { status: done.status, said: done.stdout + done.stderr };
}

test.each([
  ['no Go', undefined, ['MinIO cannot be built: Go is not installed.']],
  ['an old Go', 'echo go1.19.8', ['MinIO cannot be built: go1.19.8 is older than Go 1.24.']],
  [
    'a Go that cannot build it',
    '[ "$1" = env ] && echo go1.26.0',
    ['Building github.com/minio/minio', 'MinIO could not be built; trying a gateway', 'versitygw'],
  ],
])('with %s it says why there is no store, and what to do', (_name, go, words) => {
  const { status, said } = runServices(go);
  expect(status).toBe(1);
  for (const word of [...words, 'Missing:', 'MinIO', 'with Go 1.24 or later']) expect(said).toContain(word);
});

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { stagerBin } from '../tests/support/cli.ts';
import { makePhoto } from '../tests/support/photos.ts';
import { cleanEnv, makeTempDir, repoRoot, startTestStack, type TestStack } from '../tests/support/stack.ts';

let stack: TestStack;
let dir: string;
beforeAll(async () => {
  stack = await startTestStack();
  dir = makeTempDir('stager-examples');
  mkdirSync(join(dir, 'photos'));
  for (const seed of [1, 2])
    writeFileSync(join(dir, 'photos', `room-${seed}.jpg`), (await makePhoto(seed)).bytes);
});
afterAll(async () => {
  await stack.stop();
  rmSync(dir, { recursive: true, force: true });
});

function machineClient(): NodeJS.ProcessEnv {
  return {
    ...cleanEnv(),
    STAGER_API_URL: stack.apiUrl,
    STAGER_CLIENT_ID: stack.env['STAGER_DEV_CLIENT_ID'],
    STAGER_CLIENT_SECRET: stack.env['STAGER_DEV_CLIENT_SECRET'],
    STAGER_CONFIG_DIR: join(dir, 'config'),
  };
}

test('the customer script stages a folder', () => {
  const script = join(repoRoot, 'examples/stage-listing.ts');
  const run = spawnSync(process.execPath, ['--conditions=stager-dev', script, 'photos', 'out'], {
    cwd: dir,
    env: machineClient(),
    encoding: 'utf8',
  });
  expect(run.status, run.stderr).toBe(0);
  const manifest = JSON.parse(readFileSync(join(dir, 'out', 'manifest.json'), 'utf8'));
  expect(manifest).toEqual([
    { photo: expect.stringContaining('room-'), result: 'ready', image: expect.stringMatching(/^img_/) },
    { photo: expect.stringContaining('room-'), result: 'ready', image: expect.stringMatching(/^img_/) },
  ]);
  expect(readdirSync(join(dir, 'out')).filter((name) => name.includes('.finished.'))).toHaveLength(2);
});

test('the steps of the CI job run as they stand', () => {
  const job = parse(readFileSync(join(repoRoot, 'examples/github-actions/stage-listing.yml'), 'utf8')).jobs
    .stage;
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  // The published package is stood in for by the one in this repository: the install step is the one that is not run.
  symlinkSync(stagerBin, join(bin, 'stager'));
  const steps = job.steps.filter((step: { run?: string }) => step.run && !step.run.startsWith('npm install'));
  expect(steps).toHaveLength(2);
  for (const step of steps) {
    const run = spawnSync('bash', ['-eo', 'pipefail', '-c', step.run], {
      cwd: dir,
      env: {
        ...machineClient(),
        GITHUB_REPOSITORY: 'acme/listing-42',
        CI: 'true',
        PATH: `${bin}:${dirname(process.execPath)}:${process.env['PATH']}`,
      },
      encoding: 'utf8',
    });
    expect(run.status, `${step.name}: ${run.stderr}`).toBe(0);
  }
  expect(() => JSON.parse(readFileSync(join(dir, 'result.json'), 'utf8'))).not.toThrow();
  expect(readdirSync(join(dir, 'staged')).filter((name) => name.includes('.finished.'))).toHaveLength(2);
});

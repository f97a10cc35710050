import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runCli, stagerBin } from '../tests/support/cli.ts';
import { logIn } from '../tests/support/person.ts';
import { makePhoto } from '../tests/support/photos.ts';
import { cleanEnv, makeTempDir, repoRoot, startTestStack, type TestStack } from '../tests/support/stack.ts';

let stack: TestStack;
let dir: string;
beforeAll(async () => {
  // Without approving by itself: the page is answered as a person.
  stack = await startTestStack({ args: [] });
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

/** The token that the job's own comment says how to make, made by the command that stands there. */
async function tokenOfJob(source: string): Promise<NodeJS.ProcessEnv> {
  const command = /stager (tokens create [\s\S]*?)\n#\n/.exec(source)?.[1] ?? '';
  const args = command.replace(/\\\n#/g, '').match(/"[^"]*"|\S+/g) ?? [];
  const login = await logIn(stack, 'demo');
  const made = await runCli(
    args.map((word) => word.replaceAll('"', '')),
    { env: { STAGER_API_URL: stack.apiUrl, STAGER_TOKEN: login, STAGER_CONFIG_DIR: join(dir, 'config') } },
  );
  expect(made.code, made.stderr).toBe(0);
  return {
    ...cleanEnv(),
    STAGER_API_URL: stack.apiUrl,
    STAGER_TOKEN: made.stdout.trim(),
    STAGER_CONFIG_DIR: join(dir, 'config'),
  };
}

test.each(['stage-listing', 'stage-listing-token'])('the steps of %s run as they stand', async (name) => {
  const source = readFileSync(join(repoRoot, `examples/github-actions/${name}.yml`), 'utf8');
  const job = parse(source).jobs.stage;
  const env = 'STAGER_TOKEN' in job.env ? await tokenOfJob(source) : machineClient();
  // What the job is told to set is what it runs with.
  expect(Object.keys(job.env).filter((variable) => !env[variable])).toEqual([]);
  const desk = join(dir, name);
  const bin = join(desk, 'bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(join(dir, 'photos'), join(desk, 'photos'));
  // The published package is stood in for by the one in this repository: the install step is the one that is not run.
  symlinkSync(stagerBin, join(bin, 'stager'));
  const steps = job.steps.filter((step: { run?: string }) => step.run && !step.run.startsWith('npm install'));
  expect(steps).toHaveLength(2);
  for (const step of steps) {
    const run = spawnSync('bash', ['-eo', 'pipefail', '-c', step.run], {
      cwd: desk,
      env: {
        ...env,
        GITHUB_REPOSITORY: 'acme/listing-42',
        CI: 'true',
        PATH: `${bin}:${dirname(process.execPath)}:${process.env['PATH']}`,
      },
      encoding: 'utf8',
    });
    expect(run.status, `${step.name}: ${run.stdout}${run.stderr}`).toBe(0);
  }
  expect(() => JSON.parse(readFileSync(join(desk, 'result.json'), 'utf8'))).not.toThrow();
  expect(readdirSync(join(desk, 'staged')).filter((file) => file.includes('.finished.'))).toHaveLength(2);
});

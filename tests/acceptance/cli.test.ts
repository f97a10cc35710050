import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliResult, runCli } from '../support/cli.ts';
import { makePhoto } from '../support/photos.ts';
import { makeTempDir, startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let dir: string;
let photos: string;

beforeAll(async () => {
  stack = await startTestStack();
  dir = makeTempDir('stager-cli');
  photos = join(dir, 'listing-42');
  mkdirSync(join(photos, 'upstairs'), { recursive: true });
  for (const [seed, name] of ['hall.jpg', 'kitchen.jpg', 'upstairs/hall.jpg'].entries()) {
    writeFileSync(join(photos, name), (await makePhoto(100 + seed)).bytes);
  }
  writeFileSync(join(photos, 'notes.txt'), 'not a photo');
});
afterAll(async () => {
  await stack.stop();
  rmSync(dir, { recursive: true, force: true });
});

const stager = (...args: string[]): Promise<CliResult> =>
  runCli(args, { cwd: dir, env: { STAGER_API_URL: stack.apiUrl, STAGER_CONFIG_DIR: join(dir, 'config') } });

/** These are photos of nothing: no engine that furnishes takes them. */
const FINISH = ['--engine', 'finish'];

const json = (result: CliResult) => JSON.parse(result.stdout);

describe('stager, from login to logout', () => {
  test('before login, what needs one says so and how', async () => {
    const result = await stager('images', 'list', '--json');
    expect(result.code).toBe(4);
    expect(json(result).error.next).toEqual(
      expect.arrayContaining([expect.objectContaining({ command: expect.stringContaining('stager login') })]),
    );
  });

  test('login prints address and code, and keeps the tokens to itself', async () => {
    const result = await stager('login', '--no-browser');
    expect(result.code, result.stderr).toBe(0);
    expect(result.stderr + result.stdout).toContain(stack.env['STAGER_DEV_ISSUER']);
    expect(result.stderr + result.stdout).toMatch(/[A-Z]{4}-[A-Z]{4}/);
    const files = readdirSync(join(dir, 'config'));
    const credentials = files.find((name) => name.startsWith('credentials'));
    expect(credentials).toBeDefined();
    expect(statSync(join(dir, 'config', credentials ?? '')).mode & 0o777).toBe(0o600);
    const who = await stager('whoami', '--json');
    expect(json(who)).toMatchObject({ principal: 'auth0|demo', account: { name: 'Demo' } });
    expect(who.stdout).not.toContain(
      readFileSync(join(dir, 'config', credentials ?? ''), 'utf8').slice(30, 90),
    );
  });

  test('a dry run sends nothing', async () => {
    const result = await stager('upload', photos, ...FINISH, '--dry-run', '--json');
    expect(result.code, result.stderr).toBe(0);
    expect(
      json(await stager('images', 'list', '--json')).items ?? json(await stager('images', 'list', '--json')),
    ).toEqual([]);
  });

  test('success: happy path', async () => {
    const out = join(dir, 'staged');
    const result = await stager(
      'upload',
      photos,
      ...FINISH,
      '--wait',
      '--out',
      out,
      '--project',
      'Listing 42',
      '--json',
    );
    expect(result.code, result.stderr).toBe(0);
    const results = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const finished = results.filter((entry) => entry.name.includes('.finished.'));
    expect(finished).toHaveLength(3);
    for (const entry of finished) {
      const meta = await sharp(join(entry.parentPath, entry.name)).metadata();
      expect(meta.format).toBe('jpeg');
    }
    const projects = await stager('projects', 'list', '--json');
    expect(projects.stdout).toContain('Listing 42');
  });

  test('the same command again sends nothing and makes nothing', async () => {
    const before = await stager('images', 'list', '--json');
    const out = join(dir, 'staged');
    const result = await stager(
      'upload',
      photos,
      ...FINISH,
      '--wait',
      '--out',
      out,
      '--project',
      'Listing 42',
      '--json',
    );
    expect(result.code, result.stderr).toBe(0);
    const after = await stager('images', 'list', '--json');
    expect(after.stdout).toBe(before.stdout);
  });

  test('a file that cannot be used fails alone, with its reason, and the exit code says so', async () => {
    const mixed = join(dir, 'mixed');
    mkdirSync(mixed);
    writeFileSync(join(mixed, 'good.jpg'), (await makePhoto(200)).bytes);
    writeFileSync(join(mixed, 'cut.jpg'), (await makePhoto(201)).bytes.subarray(0, 3000));
    writeFileSync(join(mixed, 'empty.jpg'), '');
    const out = join(dir, 'mixed-out');
    const result = await stager('upload', mixed, ...FINISH, '--wait', '--out', out);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/cut\.jpg/);
    expect(result.stderr).toMatch(/empty\.jpg/);
    expect(readdirSync(out).some((name) => name.startsWith('good.finished'))).toBe(true);
  });

  test('tail ends with the exit status of what it saw', async () => {
    const result = await stager('tail', '--exit-status', '--json');
    expect(result.code, result.stderr).toBe(0);
    for (const line of result.stdout.trim().split('\n').filter(Boolean)) JSON.parse(line);
  });

  test('an unknown engine, room or style is refused before a byte is sent', async () => {
    const result = await stager('upload', photos, '--style', 'gothic', '--json');
    expect(result.code).not.toBe(0);
    expect(result.stdout).toMatch(/style/);
  });

  test('interrupted in the middle, the same command continues', async () => {
    const many = join(dir, 'many');
    mkdirSync(many);
    for (let i = 0; i < 12; i += 1) {
      writeFileSync(join(many, `p${i}.jpg`), (await makePhoto(300 + i, 1200, 900)).bytes);
    }
    const out = join(dir, 'many-out');
    const env = { STAGER_API_URL: stack.apiUrl, STAGER_CONFIG_DIR: join(dir, 'config') };
    let killed = false;
    const first = await runCli(['upload', many, ...FINISH, '--wait', '--out', out], {
      env,
      onStderr: (child) => {
        if (!killed) child.kill('SIGINT');
        killed = true;
      },
    });
    expect(first.code).toBe(130);
    const second = await stager('upload', many, ...FINISH, '--wait', '--out', out);
    expect(second.code, second.stderr).toBe(0);
    const files = readdirSync(out);
    expect(files.filter((name) => name.includes('.finished.'))).toHaveLength(12);
    expect(files.filter((name) => /\.(part|tmp)/.test(name))).toEqual([]);
  });

  test('logout forgets the login', async () => {
    expect((await stager('logout')).code).toBe(0);
    expect((await stager('whoami', '--json')).code).toBe(4);
  });

  test('a script logs in with client credentials', async () => {
    const result = await runCli(['whoami', '--json'], {
      env: {
        STAGER_API_URL: stack.apiUrl,
        STAGER_CONFIG_DIR: join(dir, 'empty-config'),
        STAGER_CLIENT_ID: stack.env['STAGER_DEV_CLIENT_ID'] ?? '',
        STAGER_CLIENT_SECRET: stack.env['STAGER_DEV_CLIENT_SECRET'] ?? '',
      },
    });
    expect(result.code, result.stderr).toBe(0);
    expect(json(result).principal).toBe('stager-ci@clients');
  });
});

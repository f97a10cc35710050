import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startFakeIssuer } from '../testing/fakeIssuer.ts';
import { setUpDesk, speak } from '../testing/inProcess.ts';
import { type LoginApi, startLoginApi } from '../testing/loginApi.ts';
import { tempDir } from '../testing/tempDir.ts';
import { runChecks } from './checks.ts';
import { checkFiles } from './local.ts';
import type { Check } from './types.ts';

interface Report {
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

async function examine(api: LoginApi, env = {}) {
  const all = { STAGER_API_URL: api.url, STAGER_TOKEN: 't', STAGER_CONFIG_DIR: tempDir(), ...env };
  const { code, stdout } = await speak(['doctor', '--json'], all);
  // The document of the command.
  const { ok, checks } = JSON.parse(stdout) as Report;
  expect(ok).toBe(code === 0);
  const find = (name: string) => checks.find((check) => check.name === name);
  return { code, checks, find, words: await speak(['doctor'], all) };
}

describe('stager doctor', () => {
  test('all well: exit code 0, and who one is', async () => {
    // No time passes: a machine that stands still is not a slow line.
    vi.spyOn(performance, 'now').mockReturnValue(0);
    onTestFinished(() => void vi.restoreAllMocks());
    const { code, checks, find, words } = await examine(await startLoginApi());
    expect(code).toBe(0);
    expect(checks.map(({ status }) => status)).toEqual(Array(8).fill('ok'));
    expect(find('API')?.message).toMatch(/answers in \d+ ms: database ok$/);
    expect(find('Credentials')?.message).toBe(
      'auth0|demo of Demo, by the token of STAGER_TOKEN (…, no end); scopes: images:read',
    );
    expect(words.stdout).toContain('Everything is in order.');
  });

  test('which adapter stands behind each part', async () => {
    const api = await startLoginApi();
    api.health = { status: 'ok', checks: { objects: 'ok' }, adapters: { objects: 's3', doorbell: 'bee' } };
    const { find } = await examine(api);
    expect(find('API')?.message).toMatch(/: objects \(s3\) ok, doorbell bee$/);
  });

  test('by the login, after one', async () => {
    const api = await startLoginApi();
    const env = { STAGER_API_URL: api.url, STAGER_CONFIG_DIR: tempDir() };
    expect((await speak(['login'], env)).code).toBe(0);
    const { stdout } = await speak(['doctor'], env);
    expect(stdout).toContain('auth0|demo of Demo, by the login in');
  });

  test('nobody logged in: what to run', async () => {
    const { code, find, words } = await examine(await startLoginApi(), { STAGER_TOKEN: '' });
    expect(code).toBe(1);
    expect(find('Credentials')).toMatchObject({ status: 'failed', fix: 'stager login' });
    expect(words.stdout).toContain('1 check failed.');
  });

  test('half a machine client: what is missing', async () => {
    const { find } = await examine(await startLoginApi(), { STAGER_TOKEN: '', STAGER_CLIENT_ID: 'id' });
    expect(find('Credentials')).toMatchObject({
      message: expect.stringContaining('STAGER_CLIENT_SECRET'),
      fix: expect.stringContaining('STAGER_CLIENT_SECRET'),
    });
  });

  test('a health without parts, and one that is bad', async () => {
    const api = await startLoginApi();
    api.health = { status: 'ok' };
    expect((await examine(api)).find('API')?.message).toMatch(/ms$/);
    api.health = { status: 'failing', checks: { objects: 'failing' } };
    expect((await examine(api)).find('API')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('objects failing'),
    });
  });

  test('nobody listens: told once, the rest is skipped', async () => {
    const issuer = await startFakeIssuer();
    await issuer.close();
    const { stdout, code } = await speak(['doctor', '--json'], {
      STAGER_API_URL: issuer.url,
      STAGER_TOKEN: 't',
      STAGER_CONFIG_DIR: tempDir(),
    });
    expect(code).toBe(1);
    const { checks } = JSON.parse(stdout) as Report;
    expect(checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'Node ok',
      'Settings ok',
      'Files ok',
      'Network ok',
      'API failed',
      'Clock skipped',
      'Login page skipped',
      'Credentials skipped',
    ]);
  });

  test.each([
    [
      'offers no device login',
      async (api: LoginApi) => {
        api.issuer.offersDevice = false;
      },
      'offers no device login',
      'device code grant',
    ],
    [
      'is not there',
      async (api: LoginApi) => {
        const gone = await startFakeIssuer();
        await gone.close();
        api.issuerUrl = gone.url;
      },
      'cannot be reached (ECONNREFUSED)',
      'Nothing listens',
    ],
    [
      'answers nonsense',
      async (api: LoginApi) => {
        api.issuerUrl = `${api.url}/`;
      },
      'did not answer as it should',
      'whoever runs it',
    ],
    [
      'is unsafe',
      async (api: LoginApi) => {
        api.issuerUrl = 'http://id.example.com/';
      },
      'neither https nor on this machine',
      'stager config list',
    ],
  ])('a login page that %s', async (_name, spoil, message, fix) => {
    const api = await startLoginApi();
    await spoil(api);
    const { find } = await examine(api);
    expect(find('Login page')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining(message),
      fix: expect.stringContaining(fix),
    });
  });

  test('settings that are damaged: told, and nobody is asked', async () => {
    const { api, env, dir } = await setUpDesk();
    writeFileSync(join(dir, 'config.json'), '{');
    const { code, stdout } = await speak(['doctor'], { ...env, STAGER_CONFIG_DIR: dir });
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ Settings +The settings in/);
    expect(stdout).not.toContain('Clock');
    expect(api.requests).toEqual([]);
  });

  test('an error of the API without a hint comes with a way on', async () => {
    const { api, context } = await setUpDesk();
    api.failNext({ operation: 'getMe', code: 'account_suspended' });
    const checks = await runChecks(context());
    expect(checks.find(({ name }) => name === 'Credentials')?.fix).toBe('stager help environment');
  });

  test('Ctrl-C ends it, at any check', async () => {
    const early = await setUpDesk();
    early.ctrlC.abort();
    await expect(runChecks(early.context())).rejects.toMatchObject({ code: 'aborted' });
    const late = await setUpDesk();
    late.api.failNext({ operation: 'getMe', hang: true });
    const checks = runChecks(late.context());
    await Promise.race([
      checks,
      waitFor(() => late.api.requests.some(({ operation }) => operation === 'getMe')),
    ]);
    late.ctrlC.abort();
    await expect(checks).rejects.toMatchObject({ code: 'aborted' });
  });
});

async function waitFor(met: () => boolean): Promise<void> {
  while (!met()) await new Promise((next) => setImmediate(next));
}

test('a file in the place of the folder of settings', () => {
  const file = join(tempDir(), 'config');
  writeFileSync(file, '');
  expect(checkFiles(file, 'linux')).toMatchObject({
    status: 'failed',
    message: `${file} is a file, not a folder`,
    fix: expect.stringContaining('STAGER_CONFIG_DIR'),
  });
});

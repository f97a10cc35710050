import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { setUpDesk, speak } from '../testing/inProcess.ts';
import { type LoginApi, startLoginApi } from '../testing/loginApi.ts';
import { tempDir } from '../testing/tempDir.ts';

const envOf = (api: LoginApi, more = {}) => ({
  STAGER_API_URL: api.url,
  STAGER_CONFIG_DIR: join(tempDir(), 'config'),
  ...more,
});

describe('stager login at a desk', () => {
  /** A machine with a browser, which notes where it was sent. */
  function desktop() {
    const dir = tempDir();
    // Programs are started with the environment of the process.
    vi.stubEnv('PATH', dir);
    onTestFinished(() => void vi.unstubAllEnvs());
    const script = `#!/bin/sh\nprintf %s "$1" > "${dir}/tmp" && /bin/mv "${dir}/tmp" "${dir}/opened"\n`;
    writeFileSync(join(dir, 'xdg-open'), script, { mode: 0o755 });
    return { env: { PATH: dir, DISPLAY: ':0' }, opened: join(dir, 'opened') };
  }

  test.skipIf(process.platform !== 'linux')('opens the page, with the code in it', async () => {
    const api = await startLoginApi();
    api.issuer.verificationUriComplete = `${api.issuer.url}activate?user_code=ABCD-EFGH`;
    api.issuer.polls = ['pending', 'pending', 'approve'];
    const { env, opened } = desktop();
    const { code, stderr } = await speak(['login'], envOf(api, env), { terminal: true });
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('Opening the login page in your browser.');
    await vi.waitFor(() => expect(existsSync(opened)).toBe(true));
    expect(readFileSync(opened, 'utf8')).toBe(api.issuer.verificationUriComplete);
  });

  test('--no-browser opens nothing, and says where to go', async () => {
    const api = await startLoginApi();
    const { env, opened } = desktop();
    const { code, stderr } = await speak(['login', '--no-browser'], envOf(api, env), { terminal: true });
    expect(code).toBe(0);
    expect(stderr).toContain('Open this address in a browser, here or on another device:');
    expect(existsSync(opened)).toBe(false);
  });

  test('a login that could not be kept is not asked for', async () => {
    const api = await startLoginApi();
    const file = join(tempDir(), 'file');
    writeFileSync(file, '');
    const { code, stderr } = await speak(['login'], envOf(api, { STAGER_CONFIG_DIR: join(file, 'config') }));
    expect(code).toBe(1);
    expect(stderr).toContain(`${file}/config cannot be used`);
    expect(api.issuer.deviceRequests).toEqual([]);
  });
});

describe('afterwards', () => {
  test('an issuer that is down when the login has to be renewed: exit code 1, the login is kept', async () => {
    const api = await startLoginApi();
    const env = envOf(api);
    expect((await speak(['login'], env)).code).toBe(0);
    api.accepted = ['none'];
    api.issuer.down = true;
    const { code, stdout } = await speak(['whoami', '--json'], env);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'issuer_unavailable',
      retryable: true,
      next: [{ command: 'stager doctor' }],
    });
    expect(readFileSync(join(env.STAGER_CONFIG_DIR, 'credentials.json'), 'utf8')).toContain('refresh-1');
  });

  test('logout of a login that has nothing to revoke', async () => {
    const api = await startLoginApi();
    const env = envOf(api);
    await speak(['login'], env);
    const file = join(env.STAGER_CONFIG_DIR, 'credentials.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"refresh-1"', 'null'));
    const { code, stdout } = await speak(['logout'], env);
    expect(code).toBe(0);
    expect(stdout).toContain('here. The issuer could not be told');
    expect(api.issuer.revoked).toEqual([]);
  });

  test('a machine client in the environment is where the credentials come from', async () => {
    const { env } = await setUpDesk();
    const client = { ...env, STAGER_TOKEN: '', STAGER_CLIENT_ID: 'id', STAGER_CLIENT_SECRET: 'secret' };
    const { code, stdout, stderr } = await speak(['whoami'], client);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('machine client of STAGER_CLIENT_ID');
    expect(stdout).not.toContain('secret');
  });
});

describe('the way back when credentials are refused', () => {
  test.each([
    [{}, [], 'stager login'],
    [{ STAGER_TOKEN: 't' }, [], 'unset STAGER_TOKEN && stager login'],
    [
      { STAGER_TOKEN: 't' },
      ['--profile', 'my work', '--api-url', 'URL'],
      "unset STAGER_TOKEN && stager login --profile 'my work' --api-url URL",
    ],
  ])('%j %j: %s', async (env, args, command) => {
    const api = await startLoginApi();
    api.accepted = ['none'];
    const words = ['whoami', ...args.map((word) => word.replace('URL', api.url)), '--json'];
    const { code, stdout } = await speak(words, envOf(api, env));
    expect(code).toBe(4);
    expect(JSON.parse(stdout).error.next[0].command).toBe(command.replace('URL', api.url));
  });
});

test('a command line that is wrong behind an option names its own command', async () => {
  const env = { STAGER_CONFIG_DIR: tempDir() };
  const group = await speak(['--profile', 'work', 'projects'], env);
  expect(group.code).toBe(2);
  expect(group.stderr).toBe('error: stager projects needs a command.\n  See: stager projects --help\n');
  expect((await speak(['--profile', 'work', 'images', 'get'], env)).stderr).toContain(
    'See: stager images get --help',
  );
  expect((await speak(['--nonsense'], env)).stderr).toContain('See: stager --help');
  expect((await speak(['images', 'lst'], env)).stderr).toContain('Did you mean list?');
});

test('nothing typed, or a question: the help, exit code 0', async () => {
  for (const args of [[], ['--help'], ['help'], ['--version'], ['images', '--help']]) {
    const { code, stdout, stderr } = await speak(args, {});
    expect(code).toBe(0);
    expect(stdout).toMatch(args[0] === '--version' ? /^\d/ : /Usage: stager/);
    expect(stderr).toBe('');
  }
});

test('STAGER_DEBUG adds the stack, and only then', async () => {
  const env = { STAGER_CONFIG_DIR: tempDir() };
  expect((await speak(['config', 'get', 'x'], env)).stderr).not.toMatch(/\n +at /);
  expect((await speak(['config', 'get', 'x'], { ...env, STAGER_DEBUG: '1' })).stderr).toMatch(/\n +at /);
});

import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { setUpDesk, speak } from '../testing/inProcess.ts';
import { startLoginApi } from '../testing/loginApi.ts';
import { type RunOptions, run } from '../testing/run.ts';
import { tempDir } from '../testing/tempDir.ts';
import { logInWithToken } from './loginToken.ts';

const TOKEN = 'stgp_0123456789abcdefghijklmnopqrstuvwxyz';

async function setUp() {
  const api = await startLoginApi();
  const dir = join(tempDir(), 'config');
  const env = { STAGER_API_URL: api.url, STAGER_CONFIG_DIR: dir };
  return {
    api,
    env,
    file: join(dir, 'credentials.json'),
    stager: (args: readonly string[], options: RunOptions = {}) => run(args, { env, ...options }),
  };
}

describe('stager login --with-token', () => {
  test('reads it from a pipe, asks the API, keeps it, and uses it', async () => {
    const { api, stager, file } = await setUp();
    api.accepted = [TOKEN];
    const { code, stdout, stderr } = await stager(['login', '--with-token', '--json'], {
      input: `${TOKEN}\n`,
    });
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      type: 'done',
      principal: 'auth0|demo',
      scopes: ['images:read'],
    });
    expect(stdout + stderr).not.toContain(TOKEN);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const who = await stager(['whoami']);
    expect(who.code, who.stderr).toBe(0);
    expect(who.stdout.replaceAll(/\s+/g, ' ')).toContain(`token of ${file} stgp_…wxyz, no end`);
    expect(who.stdout).not.toContain(TOKEN);
    expect(api.seen).toEqual([TOKEN, TOKEN]);
  });

  test('one that the API refuses is not kept: exit code 4', async () => {
    const { api, stager, file } = await setUp();
    api.accepted = ['another'];
    const { code, stderr } = await stager(['login', '--with-token'], { input: TOKEN });
    expect(code).toBe(4);
    expect(stderr).toContain('The API does not take this token; it was not kept.');
    expect(stderr).not.toContain(TOKEN);
    expect(existsSync(file)).toBe(false);
  });

  test('an API that cannot be asked is no reason to keep it either', async () => {
    const { stager, file, env } = await setUp();
    const { code } = await stager(['login', '--with-token'], {
      input: TOKEN,
      env: { ...env, STAGER_API_URL: 'http://127.0.0.1:9' },
    });
    expect(code).toBe(1);
    expect(existsSync(file)).toBe(false);
  });

  test.each([
    ['nothing', '', 'No token was read from stdin.'],
    ['two words', 'stgp_a stgp_b', 'not one token'],
    ['a file of something else', 'x'.repeat(20_000), 'not one token'],
    ['a variable of a shell', 'STAGER_TOKEN="stgp_a"', 'not one token'],
  ])('%s: exit code 2, and it is not quoted', async (_name, input, words) => {
    const { api, stager } = await setUp();
    const { code, stderr } = await stager(['login', '--with-token'], { input });
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    if (input) expect(stderr).not.toContain(input);
    expect(api.seen).toEqual([]);
  });

  test('a token that may not ask whose it is, is kept all the same', async () => {
    const { api, stager, file } = await setUp();
    api.missing = 'account:read';
    const { code, stdout } = await stager(['login', '--with-token'], { input: TOKEN });
    expect(code).toBe(0);
    expect(stdout).toContain('Whose it is cannot be shown: it lacks the scope account:read.');
    expect(readFileSync(file, 'utf8')).toContain(TOKEN);
  });

  test('no argument takes a token: the command line is for all to see', async () => {
    const { stager } = await setUp();
    expect((await stager(['login', '--with-token', TOKEN])).code).toBe(2);
    expect((await stager(['login', '--token', TOKEN])).code).toBe(2);
  });

  test('at a terminal it is asked for, and not shown', async () => {
    const api = await startLoginApi();
    const desk = await setUpDesk({ terminal: true, env: { STAGER_API_URL: api.url, STAGER_TOKEN: '' } });
    const input = new PassThrough();
    const output = new PassThrough();
    let shown = '';
    output.on('data', (chunk: Buffer) => {
      if (shown === '') setImmediate(() => input.write(`${TOKEN}\n`));
      shown += chunk;
    });
    const result = await logInWithToken(desk.context(), { input, output });
    expect(result.json()).toMatchObject({ principal: 'auth0|demo' });
    expect(shown).toContain('Token');
    expect(shown).not.toContain('0123456789');
  });

  test('Ctrl-C at the question: exit code 130', async () => {
    const desk = await setUpDesk({ terminal: true });
    const input = new PassThrough();
    const output = new PassThrough();
    output.once('data', () => setImmediate(() => input.write('\u0003')));
    await expect(logInWithToken(desk.context(), { input, output })).rejects.toMatchObject({ exit: 130 });
  });
});

describe('afterwards', () => {
  test('logout removes it here, and says that it is still good', async () => {
    const { api, env, file, stager } = await setUp();
    await stager(['login', '--with-token'], { input: TOKEN });
    const { code, stdout } = await speak(['logout'], env);
    expect(code).toBe(0);
    expect(stdout).toContain('It stays valid until it expires or is revoked');
    expect(readFileSync(file, 'utf8')).not.toContain(TOKEN);
    expect(api.issuer.revoked).toEqual([]);
  });

  test('the environment wins over it, and a login puts itself in its place', async () => {
    const { api, env, file, stager } = await setUp();
    await stager(['login', '--with-token'], { input: TOKEN });
    await speak(['whoami'], { ...env, STAGER_TOKEN: 'from-ci' });
    await speak(['whoami'], env);
    expect(api.seen.slice(-2)).toEqual(['from-ci', TOKEN]);
    await speak(['login'], env);
    expect(readFileSync(file, 'utf8')).not.toContain(TOKEN);
  });

  test('whoami and doctor say when it ends, and doctor warns in time', async () => {
    const { api, env, stager } = await setUp();
    api.expiresAt = new Date(Date.now() + 40 * 86_400_000 + 60_000).toISOString();
    await stager(['login', '--with-token'], { input: TOKEN });
    const kept = JSON.parse((await speak(['whoami', '--json'], env)).stdout).credentials;
    expect(kept).toMatchObject({
      kind: 'token',
      masked: 'stgp_…wxyz',
      expiresAt: api.expiresAt,
      renews: false,
    });
    expect((await speak(['whoami'], env)).stdout).toMatch(
      /ends\s+in\s+40\s+d\s+\(\d{4}-\d\d-\d\d\s+\d\d:\d\d\s+UTC\)/,
    );
    const checks = async () => JSON.parse((await speak(['doctor', '--json'], env)).stdout).checks;
    const credentials = async () =>
      (await checks()).find(({ name }: { name: string }) => name === 'Credentials');
    expect(await credentials()).toMatchObject({
      status: 'ok',
      message: expect.stringMatching(/stgp_…wxyz, ends in 40 d .*; scopes: images:read$/),
    });
    api.expiresAt = new Date(Date.now() + 2 * 86_400_000).toISOString();
    expect(await credentials()).toMatchObject({
      status: 'warning',
      fix: expect.stringContaining('ends soon'),
    });
  });

  test('an entry of the file that is half a token is as if it were not there', async () => {
    const { env, file, stager } = await setUp();
    await stager(['login', '--with-token'], { input: TOKEN });
    writeFileSync(file, readFileSync(file, 'utf8').replace('"expiresAt": null', '"expiresAt": "soon"'));
    expect((await speak(['whoami'], env)).code).toBe(4);
  });
});

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliResult, runCli } from '../support/cli.ts';
import { makeTempDir, startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let dir: string;
beforeAll(async () => {
  stack = await startTestStack();
  dir = makeTempDir('stager-login');
});
afterAll(async () => {
  await stack.stop();
  rmSync(dir, { recursive: true, force: true });
});

function seat(name: string) {
  const config = join(dir, name);
  const env = { STAGER_API_URL: stack.apiUrl, STAGER_CONFIG_DIR: config };
  return {
    file: join(config, 'credentials.json'),
    stager: (...args: string[]): Promise<CliResult> => runCli(args, { cwd: dir, env }),
  };
}

/** Refresh tokens that the issuer has ever given out. */
function refreshTokens(): number {
  const store = new DatabaseSync(join(stack.dataDir, 'issuer.sqlite'), { readOnly: true });
  try {
    const row = store.prepare("select count(*) as n from artifact where model = 'RefreshToken'").get();
    return Number(row?.['n']);
  } finally {
    store.close();
  }
}

/** As time does it: the access tokens at hand are no longer good. */
function expire(file: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"expiresAt": \d+/, '"expiresAt": 0'));
}

describe('an issuer that rotates refresh tokens and ends a login when one is used twice', () => {
  test('twenty commands at once that need a new token cause one refresh, and nobody is logged out', async () => {
    const { file, stager } = seat('race');
    expect((await stager('login')).code).toBe(0);
    expire(file);
    const before = refreshTokens();
    const results = await Promise.all(Array.from({ length: 20 }, () => stager('whoami', '--json')));
    for (const { code, stdout, stderr } of results) expect(code, stdout + stderr).toBe(0);
    expect(refreshTokens() - before).toBe(1);
    // Had one been used twice, this would be the end.
    expire(file);
    expect((await stager('whoami')).code).toBe(0);
  });

  test('a refresh token that is used twice ends the login, which is told and removed', async () => {
    const { file, stager } = seat('reuse');
    await stager('login');
    const stolen = readFileSync(file, 'utf8');
    expire(file);
    expect((await stager('whoami')).code).toBe(0);
    writeFileSync(file, stolen);
    expire(file);
    const { code, stderr } = await stager('whoami');
    expect(code).toBe(4);
    expect(stderr).toContain('The login has ended');
    expect(stderr).toContain('stager login');
    expect(JSON.parse(readFileSync(file, 'utf8')).logins).toEqual({});
  });
});

test('a login in two steps', async () => {
  const { stager } = seat('steps');
  const start = await stager('login', '--start', '--json');
  expect(start.code, start.stdout + start.stderr).toBe(0);
  const { verificationUriComplete, userCode, next } = JSON.parse(start.stdout);
  expect(new URL(verificationUriComplete).origin).toBe(new URL(stack.env['STAGER_DEV_ISSUER'] ?? '').origin);
  expect(userCode).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
  expect(next[0].command).toBe('stager login --complete');
  const done = await stager('login', '--complete', '--wait', '--json');
  expect(done.code, done.stdout + done.stderr).toBe(0);
  expect(JSON.parse(done.stdout)).toMatchObject({ principal: 'auth0|demo', notGranted: [] });
});

test('a login that asks for less, and the command that gets the rest', async () => {
  const { stager } = seat('narrow');
  await stager('login', '--scope', 'projects:read');
  const refused = await stager('projects', 'create', 'Elm', '--json');
  expect(refused.code).toBe(4);
  const { error } = JSON.parse(refused.stdout);
  expect(error).toMatchObject({
    code: 'insufficient_scope',
    message: expect.stringContaining('projects:write'),
  });
  const [program, ...args] = error.next[0].command.split(' ');
  expect(program).toBe('stager');
  expect((await stager(...args)).code).toBe(0);
  expect((await stager('projects', 'create', 'Elm')).code).toBe(0);
});

test('a token from stdin', async () => {
  const { stager } = seat('token');
  const config = join(dir, 'token');
  const token = await stack.token();
  const kept = await runCli(['login', '--with-token', '--json'], {
    env: { STAGER_API_URL: stack.apiUrl, STAGER_CONFIG_DIR: config },
    input: `${token}\n`,
  });
  expect(kept.code, kept.stdout + kept.stderr).toBe(0);
  const who = await stager('whoami');
  expect(who.stdout).toContain('stager-ci@clients');
  expect(who.stdout).not.toContain(token);
});

test('the issuer of the stack passes every check of doctor --auth', async () => {
  const { stager } = seat('doctor');
  await stager('login');
  const { STAGER_DEV_CLIENT_ID, STAGER_DEV_CLIENT_SECRET } = stack.env;
  const { code, stdout, stderr } = await runCli(['doctor', '--auth', '--json'], {
    env: {
      STAGER_API_URL: stack.apiUrl,
      STAGER_CONFIG_DIR: join(dir, 'doctor'),
      STAGER_CLIENT_ID: STAGER_DEV_CLIENT_ID ?? '',
      STAGER_CLIENT_SECRET: STAGER_DEV_CLIENT_SECRET ?? '',
    },
  });
  expect(code, stdout + stderr).toBe(0);
  const { checks }: { checks: { name: string; status: string }[] } = JSON.parse(stdout);
  expect(checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
    // A warning where it takes longer than a second.
    expect.stringMatching(/^API (ok|warning)$/),
    'Discovery ok',
    'Clock ok',
    'Keys ok',
    'Device code ok',
    'Refresh ok',
    'Person ok',
    'Machine ok',
  ]);
  expect(stdout).not.toMatch(/eyJ/);
});

import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startLoginApi } from './testing/loginApi.ts';
import { type RunOptions, run } from './testing/run.ts';
import { tempDir } from './testing/tempDir.ts';

/** An issuer, an API that takes its tokens, and a folder for the login. */
async function setUp() {
  const bench = await startLoginApi();
  const configDir = join(tempDir(), 'config');
  return Object.assign(bench, {
    configDir,
    stager: (args: readonly string[], { env, ...rest }: RunOptions = {}) =>
      run(args, { env: { STAGER_API_URL: bench.url, STAGER_CONFIG_DIR: configDir, ...env }, ...rest }),
  });
}

describe('stager login', () => {
  test('prints address and code, waits, and keeps the tokens to itself', async () => {
    const { issuer, configDir, stager, seen } = await setUp();
    issuer.polls = ['pending', 'approve'];
    const { code, stdout, stderr } = await stager(['login']);
    expect(code, stderr).toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain(`${issuer.url}activate`);
    expect(stderr).toContain('ABCD-EFGH');
    expect(stderr).toContain('Logged in as auth0|demo, account Demo');
    const file = join(configDir, 'credentials.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(configDir).mode & 0o777).toBe(0o700);
    expect(seen).toEqual(['access-1']);
    expect(stderr).not.toContain('access-1');
  });

  test('a damaged file of logins is put aside first, and does not cost the login', async () => {
    const { configDir, stager } = await setUp();
    const file = join(configDir, 'credentials.json');
    mkdirSync(configDir, { recursive: true });
    writeFileSync(file, '{"broken');
    const before = await stager(['whoami']);
    expect(before.code).toBe(4);
    expect(before.stderr).toContain('stager login');
    const { code, stderr } = await stager(['login']);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(`it is kept as ${file}.damaged`);
    expect(readFileSync(`${file}.damaged`, 'utf8')).toBe('{"broken');
    expect((await stager(['whoami'])).code).toBe(0);
  });

  test('--json: the code on one line, the end on another', async () => {
    const { issuer, stager } = await setUp();
    const { code, stdout } = await stager(['login', '--json']);
    expect(code).toBe(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      {
        type: 'code',
        verificationUri: `${issuer.url}activate`,
        verificationUriComplete: null,
        userCode: 'ABCD-EFGH',
        expiresIn: 300,
      },
      expect.objectContaining({ type: 'done', principal: 'auth0|demo' }),
    ]);
  });

  test('declined: exit code 3, nothing is kept', async () => {
    const { issuer, stager } = await setUp();
    issuer.polls = ['denied'];
    const { code, stderr } = await stager(['login']);
    expect(code).toBe(3);
    expect(stderr).toContain('declined');
    expect((await stager(['whoami'])).code).toBe(4);
  });

  test('Ctrl-C while it waits: exit code 130', async () => {
    const { issuer, stager } = await setUp();
    issuer.polls = ['pending'];
    const { code, stderr } = await stager(['login'], {
      onOutput(child, _stdout, text) {
        if (text.includes('ABCD-EFGH')) child.kill('SIGINT');
      },
    });
    expect(code).toBe(130);
    expect(stderr).toContain('Interrupted');
  });

  test('a token in the environment wins, and the login says so', async () => {
    const { stager, seen } = await setUp();
    const { code, stderr } = await stager(['login'], { env: { STAGER_TOKEN: 'from-ci' } });
    expect(code).toBe(0);
    expect(stderr).toContain('STAGER_TOKEN is set');
    const who = await stager(['whoami', '--json'], { env: { STAGER_TOKEN: 'from-ci' } });
    expect(seen.at(-1)).toBe('from-ci');
    expect(JSON.parse(who.stdout).credentials).toMatchObject({
      kind: 'token',
      from: 'STAGER_TOKEN',
      masked: '…',
    });
    expect(who.stdout).not.toContain('from-ci');
  });
});

describe('afterwards', () => {
  test('whoami tells the source of the credentials and not the token', async () => {
    const { configDir, stager } = await setUp();
    await stager(['login']);
    const { code, stdout } = await stager(['whoami', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      principal: 'auth0|demo',
      credentials: {
        kind: 'login',
        from: join(configDir, 'credentials.json'),
        masked: '…',
        expiresAt: expect.stringMatching(/Z$/),
        renews: true,
      },
    });
    expect(stdout).not.toMatch(/access-|refresh-/);
  });

  test('a token that the API refuses is renewed once, unseen', async () => {
    const bench = await setUp();
    await bench.stager(['login']);
    bench.accepted = ['access-2'];
    const { code, stderr } = await bench.stager(['whoami']);
    expect(code, stderr).toBe(0);
    expect(bench.issuer.refreshes).toEqual(['refresh-1']);
  });

  test('Ctrl-C in the middle of a renewal does not cost the login', async () => {
    const bench = await setUp();
    await bench.stager(['login']);
    bench.accepted = ['access-2'];
    let interrupt = () => {};
    let printed = () => {};
    // The answer is on its way when the command says that it was interrupted.
    bench.issuer.beforeRefreshAnswer = () => {
      interrupt();
      return new Promise((resolve) => {
        printed = resolve;
      });
    };
    const listing = bench.stager(['images', 'list'], {
      onStart: (child) => {
        interrupt = () => void child.kill('SIGINT');
      },
      onOutput: (_child, _stdout, stderr) => {
        if (stderr.includes('Interrupted')) printed();
      },
    });
    expect((await listing).code).toBe(130);
    expect(readFileSync(join(bench.configDir, 'credentials.json'), 'utf8')).toContain('refresh-2');
    expect((await bench.stager(['whoami'])).code).toBe(0);
  });

  test('a login that was revoked: exit code 4 and the way back', async () => {
    const bench = await setUp();
    await bench.stager(['login']);
    bench.accepted = ['none'];
    // Somebody else has used the refresh token: the issuer ends the login.
    bench.issuer.grant();
    const { code, stdout } = await bench.stager(['whoami', '--json']);
    expect(code).toBe(4);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'login_expired',
      next: [{ command: 'stager login' }, {}],
    });
  });

  test('each profile has its own login', async () => {
    const { stager } = await setUp();
    await stager(['login', '--profile', 'work']);
    expect((await stager(['whoami', '--profile', 'work'])).code).toBe(0);
    expect((await stager(['whoami', '--profile', 'home'])).code).toBe(4);
  });

  test('logout revokes at the issuer and forgets here, also when the issuer is down', async () => {
    const { issuer, configDir, stager } = await setUp();
    await stager(['login']);
    expect((await stager(['logout'])).stdout).toContain('Logged out');
    expect(issuer.revoked).toEqual(['refresh-1']);
    expect((await stager(['whoami'])).code).toBe(4);
    await stager(['login']);
    issuer.down = true;
    const offline = await stager(['logout', '--json']);
    expect(offline.code).toBe(0);
    expect(JSON.parse(offline.stdout)).toMatchObject({ loggedOut: true, revoked: false });
    expect(readFileSync(join(configDir, 'credentials.json'), 'utf8')).not.toContain('refresh-');
    expect(JSON.parse((await stager(['logout', '--json'])).stdout)).toMatchObject({ loggedOut: false });
  });
});

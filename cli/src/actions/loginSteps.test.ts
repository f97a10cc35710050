import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { speak } from '../testing/inProcess.ts';
import { startLoginApi } from '../testing/loginApi.ts';
import { tempDir } from '../testing/tempDir.ts';

/** A script that logs in, in steps. */
async function setUp() {
  const api = await startLoginApi();
  const dir = join(tempDir(), 'config');
  const env = { STAGER_API_URL: api.url, STAGER_CONFIG_DIR: dir };
  const say = async (...args: string[]) => {
    const { code, stdout, stderr } = await speak(['login', ...args, '--json'], env);
    expect(stderr).toBe('');
    return { code, body: JSON.parse(stdout) };
  };
  return { api, env, say, pending: join(dir, 'pending-logins.json'), logins: join(dir, 'credentials.json') };
}

let ahead = 0;
/** The clock of this process goes on by so many seconds, and not by itself. */
function later(seconds: number): void {
  ahead += seconds * 1000;
}
const letTimePass = () => vi.mocked(Date.now).mockRestore();
beforeEach(() => {
  ahead = 0;
  const begun = Date.now();
  vi.spyOn(Date, 'now').mockImplementation(() => begun + ahead);
});
afterEach(() => vi.restoreAllMocks());

describe('a login in two steps', () => {
  test('start prints address, code, end and the next command, and keeps the secret half to itself', async () => {
    const { api, say, pending, logins } = await setUp();
    const { code, body } = await say('--start', '--profile', 'work');
    expect(code).toBe(0);
    expect(body).toEqual({
      type: 'code',
      verificationUri: `${api.issuer.url}activate`,
      verificationUriComplete: null,
      userCode: 'ABCD-EFGH',
      expiresIn: 300,
      expiresAt: expect.stringMatching(/Z$/),
      next: [{ command: 'stager login --complete --profile work', when: expect.any(String) }],
    });
    expect(statSync(pending).mode & 0o777).toBe(0o600);
    expect(readFileSync(pending, 'utf8')).toContain('"deviceCode": "device"');
    expect(existsSync(logins)).toBe(false);
  });

  test('complete answers pending with exit code 8, then logs in', async () => {
    const { api, say, pending, logins } = await setUp();
    api.issuer.polls = ['pending', 'approve'];
    await say('--start');
    later(1);
    const waiting = await say('--complete');
    expect(waiting.code).toBe(8);
    expect(waiting.body).toMatchObject({
      type: 'pending',
      userCode: 'ABCD-EFGH',
      retryAfter: expect.any(Number),
      next: [{ command: 'stager login --complete' }],
    });
    later(2);
    const done = await say('--complete');
    expect(done.code).toBe(0);
    expect(done.body).toMatchObject({ type: 'done', principal: 'auth0|demo', notGranted: [] });
    expect(readFileSync(logins, 'utf8')).toContain('access-1');
    expect(existsSync(pending)).toBe(false);
    const again = await say('--complete');
    expect(again.code).toBe(4);
    expect(again.body.error).toMatchObject({
      code: 'login_not_started',
      next: [{ command: 'stager login --start' }],
    });
  });

  test('a script that asks too often is told when to come again, and the issuer is left alone', async () => {
    const { api, say, pending } = await setUp();
    api.issuer.polls = ['slow_down', 'pending', 'approve'];
    await say('--start');
    later(1);
    const told = (await say('--complete')).body;
    expect(told.type).toBe('pending');
    expect(told.retryAfter).toBeGreaterThanOrEqual(5);
    expect((await say('--complete')).code).toBe(8);
    expect(api.issuer.polls).toEqual(['pending', 'approve']);
    // 5 s for good: also in the processes to come.
    later(8);
    expect((await say('--complete')).body.retryAfter).toBeGreaterThanOrEqual(5);
    expect(readFileSync(pending, 'utf8')).toContain('"interval": 5.01');
  });

  test('--wait stays until it is approved, and over a failure of the issuer', async () => {
    const { api, say } = await setUp();
    api.issuer.polls = ['pending', 'broken', 'approve'];
    letTimePass();
    await say('--start');
    const { code, body } = await say('--complete', '--wait');
    expect(code, JSON.stringify(body)).toBe(0);
    expect(body).toMatchObject({ type: 'done', principal: 'auth0|demo' });
  });

  test('without --wait, an issuer in trouble is told, and the started login is kept', async () => {
    const { api, say, pending } = await setUp();
    await say('--start');
    later(1);
    api.issuer.down = true;
    const { code, body } = await say('--complete');
    expect(code).toBe(1);
    expect(body.error).toMatchObject({ code: 'issuer_unavailable', retryable: true });
    expect(existsSync(pending)).toBe(true);
    api.issuer.down = false;
    expect((await say('--complete')).code).toBe(0);
  });

  test.each([
    ['denied', 3, 'declined'],
    ['expired', 4, 'login_timeout'],
  ] as const)('%s: exit code %d, and nothing is left of it', async (answer, exit, error) => {
    const { api, say, pending, logins } = await setUp();
    api.issuer.polls = [answer];
    await say('--start');
    later(1);
    const { code, body } = await say('--complete');
    expect(code).toBe(exit);
    expect(body.error.code).toBe(error);
    expect(existsSync(pending)).toBe(false);
    expect(existsSync(logins)).toBe(false);
  });

  test('after its time it is over, without asking anybody', async () => {
    const { api, say, pending } = await setUp();
    await say('--start');
    later(301);
    const { code, body } = await say('--complete');
    expect(code).toBe(4);
    expect(body.error.code).toBe('login_timeout');
    expect(api.issuer.polls).toEqual(['approve']);
    expect(api.seen).toEqual([]);
    expect(existsSync(pending)).toBe(false);
  });

  test('two that complete at once: one login', async () => {
    const { say } = await setUp();
    await say('--start');
    later(1);
    const codes = await Promise.all([say('--complete'), say('--complete')]);
    expect(codes.map(({ code }) => code).toSorted()).toEqual([0, 4]);
  });

  test('a file that cannot be understood is as if nothing had been started', async () => {
    const { say, pending } = await setUp();
    await say('--start');
    for (const text of ['{', '{"version": 2}', '1']) {
      writeFileSync(pending, text);
      expect((await say('--complete')).body.error.code).toBe('login_not_started');
    }
  });

  test('in words: what to do now, and with what to go on', async () => {
    const { api, env } = await setUp();
    api.issuer.polls = ['pending'];
    const { stdout } = await speak(['login', '--start'], env);
    expect(stdout).toContain(`${api.issuer.url}activate`);
    expect(stdout).toContain('ABCD-EFGH');
    expect(stdout).toMatch(/within 5 minutes\. Then\n\n {2}stager login --complete\n$/);
    later(1);
    const waiting = await speak(['login', '--complete'], env);
    expect(waiting.code).toBe(8);
    expect(waiting.stdout).toContain('Nobody has approved the login yet.');
    expect(waiting.stdout).toContain('not before 1 s');
  });
});

describe('which scopes are asked for', () => {
  test('all that the API knows; what was not granted is said once, quietly', async () => {
    const { api, env } = await setUp();
    api.scopes = ['account:read', 'images:read', 'admin:read'];
    const { stderr } = await speak(['login'], env);
    expect(api.issuer.deviceRequests[0]?.get('scope')).toBe(
      'openid offline_access account:read images:read admin:read',
    );
    expect(stderr.match(/Not granted: account:read admin:read$/gm)).toHaveLength(1);
    expect((await speak(['whoami'], env)).stderr).toBe('');
  });

  test('--scope asks for those alone, and for who one is', async () => {
    const { api, env, say } = await setUp();
    api.scopes = ['account:read', 'images:read', 'images:write', 'admin:read'];
    await speak(['login', '--scope', 'images:read,images:write', '--scope', 'images:read'], env);
    await say('--start', '--scope', 'images:read');
    expect(api.issuer.deviceRequests.map((request) => request.get('scope'))).toEqual([
      'openid offline_access account:read images:read images:write',
      'openid offline_access account:read images:read',
    ]);
  });

  test.each([
    [['--scope', 'images:raed'], 'Did you mean images:read?'],
    [['--scope', 'nothing:likeit'], 'It has: images:read'],
    [['--scope', 'everything'], 'scopes look like images:read'],
    [['--start', '--with-token'], 'exclude each other'],
    [['--wait'], '--complete'],
    [['--complete', '--scope', 'images:read'], 'settled already'],
  ])('%j: exit code 2', async (args, words) => {
    const { say } = await setUp();
    const { code, body } = await say(...args);
    expect(code).toBe(2);
    expect(`${body.error.message} ${body.error.hint}`).toContain(words);
  });
});

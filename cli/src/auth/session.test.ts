import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CliError } from '../errors.ts';
import { type FakeIssuer, startFakeIssuer } from '../testing/fakeIssuer.ts';
import { tempDir } from '../testing/tempDir.ts';
import { type DeviceLogin, loginKey, readLogins, writeLogins } from './credentials.ts';
import { isUsable, Session, toLogin } from './session.ts';

const API = 'http://127.0.0.1:4600';
const KEY = loginKey('default', API);

async function setUp(
  expiresAt: number,
): Promise<{ issuer: FakeIssuer; file: string; session: Session; login: DeviceLogin }> {
  const issuer = await startFakeIssuer();
  onTestFinished(() => issuer.close());
  const file = join(tempDir(), 'credentials.json');
  const login: DeviceLogin = {
    issuer: issuer.url,
    clientId: 'stager-cli',
    accessToken: 'access-old',
    refreshToken: issuer.grant(),
    expiresAt,
    scope: 'images:read',
  };
  await writeLogins(file, { [KEY]: login });
  const session = new Session({ file, profile: 'default', apiUrl: API, fetch: async () => fetch });
  return { issuer, file, session, login };
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('when a stored token is used as it is', () => {
  const login = (expiresAt: number): DeviceLogin => ({
    issuer: '',
    clientId: '',
    accessToken: 'a',
    refreshToken: null,
    expiresAt,
    scope: '',
  });
  test.each([
    ['fresh', 1_000_000, {}, true],
    ['about to end', 40_000, {}, false],
    ['ended', -1, {}, false],
    ['fresh, but refused by the API', 1_000_000, { rejected: 'a' }, false],
    ['fresh, and another one was refused', 1_000_000, { rejected: 'b' }, true],
  ])('%s', (_name, expiresAt, request, usable) => {
    expect(isUsable(login(expiresAt), request, 0)).toBe(usable);
  });
});

describe('renewal', () => {
  test('a fresh token costs no request', async () => {
    const { issuer, session } = await setUp(Date.now() + 600_000);
    expect(await session.getToken()).toBe('access-old');
    expect(issuer.refreshes).toEqual([]);
  });

  test('twenty processes that need a token at once cause one refresh', async () => {
    const { issuer, file } = await setUp(0);
    const script = fileURLToPath(new URL('../testing/refreshOnce.ts', import.meta.url));
    const tokens = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const child = spawn(process.execPath, ['--conditions=stager-dev', script, file, API, 'access-old']);
        let out = '';
        let err = '';
        child.stdout.on('data', (chunk) => (out += chunk));
        child.stderr.on('data', (chunk) => (err += chunk));
        const code = await new Promise((done) => child.once('close', done));
        expect(code, err).toBe(0);
        return out;
      }),
    );
    expect(new Set(tokens)).toEqual(new Set(['access-2']));
    expect(issuer.refreshes).toEqual(['refresh-1']);
    expect((await readLogins(file))[KEY]).toMatchObject({ refreshToken: 'refresh-2' });
  });

  test('callers of one process share a refresh', async () => {
    const { issuer, session } = await setUp(0);
    const tokens = await Promise.all([
      session.getToken(),
      session.getToken(),
      session.getToken({ refresh: true }),
    ]);
    expect(new Set(tokens)).toEqual(new Set(['access-2']));
    expect(issuer.refreshes).toHaveLength(1);
  });

  test('a token that the API refused is renewed although it seems good', async () => {
    const { session } = await setUp(Date.now() + 600_000);
    expect(await session.getToken({ rejected: 'access-old' })).toBe('access-2');
  });

  test('an issuer that is down costs nothing but the try', async () => {
    const { issuer, file, session, login } = await setUp(0);
    issuer.down = true;
    const error = await failureOf(session.getToken());
    expect(error).toBeInstanceOf(CliError);
    expect(error).toMatchObject({ code: 'issuer_unavailable', exit: 1, retryable: true });
    expect((await readLogins(file))[KEY]).toEqual(login);
    issuer.down = false;
    expect(await session.getToken()).toBe('access-2');
  });

  test('an issuer that is not there costs nothing but the try', async () => {
    const { issuer, file, session, login } = await setUp(0);
    await issuer.close();
    expect(await failureOf(session.getToken())).toMatchObject({ code: 'issuer_unavailable', exit: 1 });
    expect((await readLogins(file))[KEY]).toEqual(login);
    // For the hook of the set-up, which closes it once more.
    issuer.close = async () => undefined;
  });

  test.each([
    [{ error: 'unauthorized_client', error_description: 'The client is blocked.' }, 'The client is blocked.'],
    [{ error: 'unauthorized_client' }, 'unauthorized_client'],
  ])('a refusal of the issuer is told in its words: %j', async (refusal, words) => {
    const { issuer, file, session, login } = await setUp(0);
    issuer.refusal = refusal;
    expect(await failureOf(session.getToken())).toMatchObject({
      code: 'login_refused',
      exit: 4,
      message: `The login could not be renewed: ${words}`,
    });
    expect((await readLogins(file))[KEY]).toEqual(login);
  });

  describe('what says nothing about the login leaves it as it is, to the byte', () => {
    const answer =
      (status: number, body: string, type = 'application/json') =>
      async () =>
        new Response(body, { status, headers: { 'content-type': type } });
    const html = '<html><body>Please log in to the network</body></html>';
    test.each([
      ['the network is down', () => Promise.reject(new TypeError('fetch failed'))],
      ['nobody answers in time', () => Promise.reject(new DOMException('too slow', 'TimeoutError'))],
      ['a page of a proxy', answer(200, html, 'text/html')],
      ['a proxy that wants to be paid', answer(407, html, 'text/html')],
      ['a page in the dress of JSON', answer(200, html)],
      ['a server that has fallen', answer(500, '{"error":"server_error"}')],
      ['a gateway', answer(502, html, 'text/html')],
      ['a gateway that quotes what it cannot know', answer(503, '{"error":"invalid_grant"}')],
      ['too many requests', answer(429, '{"error":"too_many_requests"}')],
      ['an answer without a token', answer(200, '{}')],
      ['an empty answer', answer(200, '')],
    ])('%s', async (_name, tokenEndpoint) => {
      const { file } = await setUp(0);
      const before = readFileSync(file);
      const send: typeof fetch = (input, init) =>
        String(input).endsWith('/token') ? tokenEndpoint() : fetch(input, init);
      const session = new Session({ file, profile: 'default', apiUrl: API, fetch: async () => send });
      expect(await failureOf(session.getToken())).toMatchObject({
        code: 'issuer_unavailable',
        exit: 1,
        retryable: true,
        hint: expect.stringContaining('The login is kept.'),
      });
      expect(readFileSync(file)).toEqual(before);
    });
  });

  test('a login that cannot be renewed and is over: exit code 4', async () => {
    const { file, session, login } = await setUp(0);
    await writeLogins(file, { [KEY]: { ...login, refreshToken: null } });
    expect(await failureOf(session.getToken())).toMatchObject({ code: 'login_expired', exit: 4 });
  });

  test('an issuer that has become unsafe gets no token', async () => {
    const { file, session, login } = await setUp(0);
    await writeLogins(file, { [KEY]: { ...login, issuer: 'http://id.example.com/' } });
    expect(await failureOf(session.getToken())).toMatchObject({ code: 'issuer_unsafe', exit: 1 });
  });

  test('a login that has ended is removed, alone, and a new one asked for: exit code 4', async () => {
    const { file, session, login } = await setUp(0);
    const other = loginKey('work', 'https://api.example.com');
    await writeLogins(file, { [KEY]: { ...login, refreshToken: 'refresh-of-yesterday' }, [other]: login });
    expect(await failureOf(session.getToken())).toMatchObject({
      code: 'login_expired',
      exit: 4,
      message: expect.stringContaining('It was removed from this machine.'),
      next: expect.arrayContaining([expect.objectContaining({ command: 'stager login' })]),
    });
    expect(await readLogins(file)).toEqual({ [other]: login });
    expect(await failureOf(session.getToken())).toMatchObject({ code: 'not_logged_in', exit: 4 });
  });

  test('whoever waited while somebody else found that the login has ended is told so', async () => {
    const { issuer, file, login } = await setUp(0);
    await writeLogins(file, { [KEY]: { ...login, refreshToken: 'refresh-of-yesterday' } });
    const sessions = Array.from(
      { length: 3 },
      () => new Session({ file, profile: 'default', apiUrl: API, fetch: async () => fetch }),
    );
    const failures = await Promise.all(sessions.map((one) => failureOf(one.getToken())));
    for (const failure of failures) expect(failure).toMatchObject({ code: 'login_expired', exit: 4 });
    expect(issuer.refreshes).toEqual(['refresh-of-yesterday']);
  });

  test('a token that was brought along is given as it is, and nothing is asked for it', async () => {
    const { issuer, file, session } = await setUp(0);
    const kept = { token: 'stgp_abc', principal: 'auth0|demo', scope: 'images:read', expiresAt: 1 };
    await writeLogins(file, { [KEY]: kept });
    expect(await session.getToken()).toBe('stgp_abc');
    expect(await session.getToken({ refresh: true, rejected: 'stgp_abc' })).toBe('stgp_abc');
    expect(await readLogins(file)).toEqual({ [KEY]: kept });
    expect(issuer.refreshes).toEqual([]);
  });

  test('without a login: exit code 4', async () => {
    const session = new Session({
      file: join(tempDir(), 'credentials.json'),
      profile: 'default',
      apiUrl: API,
      fetch: async () => fetch,
    });
    expect(await failureOf(session.getToken())).toMatchObject({ code: 'not_logged_in', exit: 4 });
  });

  test('a lock that was left behind is taken over', async () => {
    const { file, session } = await setUp(0);
    mkdirSync(`${file}.lock`);
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(`${file}.lock`, longAgo, longAgo);
    expect(await session.getToken()).toBe('access-2');
  });

  test('other logins in the file stay as they are', async () => {
    const { file, session, login } = await setUp(0);
    const other = loginKey('work', 'https://api.example.com');
    await writeLogins(file, { [KEY]: login, [other]: login });
    await session.getToken();
    expect((await readLogins(file))[other]).toEqual(login);
  });
});

describe('the file', () => {
  test('is readable by its owner alone, also when it was not before', async () => {
    const { file, login } = await setUp(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const mask = process.umask(0);
    onTestFinished(() => void process.umask(mask));
    chmodSync(file, 0o644);
    await writeLogins(file, { [KEY]: login });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(() => JSON.parse(readFileSync(file, 'utf8'))).not.toThrow();
  });

  test.each(['{"version": 1, "logi', 'secret', '[]', '{"logins": 1}'])(
    'that is damaged is told, not quoted and not replaced: %s',
    async (text) => {
      const { file } = await setUp(0);
      writeFileSync(file, text);
      const failure = await failureOf(readLogins(file));
      expect(failure).toMatchObject({ code: 'credentials_damaged', exit: 4 });
      expect(String(failure)).toContain(`The logins in ${file} cannot be read: it is damaged.`);
      expect(readFileSync(file, 'utf8')).toBe(text);
    },
  );

  test('that is a folder is told in words', async () => {
    const failure = await failureOf(readLogins(tempDir()));
    expect(failure).toMatchObject({ code: 'credentials_unreadable', exit: 4 });
    expect(String(failure)).toContain('cannot be read: it is a folder, not a file.');
  });

  test('an entry of it that is no login is as if it were not there', async () => {
    const { file, login } = await setUp(0);
    const entries = { [KEY]: login, bad: { ...login, expiresAt: 'soon' }, worse: { issuer: 1 }, worst: null };
    writeFileSync(file, JSON.stringify({ version: 1, logins: entries }));
    expect(await readLogins(file)).toEqual({ [KEY]: login });
  });

  test('that cannot be replaced stays, and nothing is left beside it', async () => {
    const { login } = await setUp(0);
    const file = join(tempDir(), 'taken');
    mkdirSync(join(file, 'full'), { recursive: true });
    expect(await failureOf(writeLogins(file, { [KEY]: login }))).toMatchObject({ code: 'EISDIR' });
    expect(readdirSync(dirname(file))).toEqual(['taken']);
  });
});

describe('what becomes of an answer of the issuer', () => {
  const base = { issuer: 'https://id.example.com/', clientId: 'c', scope: 's', refreshToken: 'old' };
  test('an issuer that does not rotate leaves the refresh token', () => {
    expect(toLogin(base, { access_token: 'a', expires_in: 60 }, 1000)).toEqual({
      ...base,
      accessToken: 'a',
      expiresAt: 61_000,
    });
  });
  test('a login that was never meant to last has no refresh token', () => {
    expect(
      toLogin({ issuer: '', clientId: '', scope: 's' }, { access_token: 'a', scope: 't' }, 0),
    ).toMatchObject({
      refreshToken: null,
      scope: 't',
    });
  });
  test('a lifetime that is not stated is taken to be short', () => {
    expect(toLogin(base, { access_token: 'a' }, 0).expiresAt).toBe(300_000);
  });
});

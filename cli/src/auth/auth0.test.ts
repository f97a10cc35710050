import { join } from 'node:path';
import nock from 'nock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tempDir } from '../testing/tempDir.ts';
import { type DeviceLogin, loginKey, readLogins, writeLogins } from './credentials.ts';
import { startDeviceLogin, waitForApproval } from './deviceLogin.ts';
import { Session } from './session.ts';

// What Auth0 answers, in its own shapes: its status codes are not those of RFC 8628, and every value is invented.
const ORIGIN = 'https://acme.eu.auth0.com';
const ISSUER = `${ORIGIN}/`;
const AUDIENCE = 'https://api.acme.example';
const FORM = { 'content-type': /^application\/x-www-form-urlencoded/ };

beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
  nock.enableNetConnect();
});

function discovery(): void {
  nock(ORIGIN)
    .get('/.well-known/openid-configuration')
    .reply(200, {
      issuer: ISSUER,
      authorization_endpoint: `${ORIGIN}/authorize`,
      token_endpoint: `${ORIGIN}/oauth/token`,
      device_authorization_endpoint: `${ORIGIN}/oauth/device/code`,
      userinfo_endpoint: `${ORIGIN}/userinfo`,
      revocation_endpoint: `${ORIGIN}/oauth/revoke`,
      jwks_uri: `${ORIGIN}/.well-known/jwks.json`,
      scopes_supported: ['openid', 'profile', 'offline_access', 'email'],
      response_types_supported: ['code'],
      id_token_signing_alg_values_supported: ['HS256', 'RS256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    });
}

const asked: URLSearchParams[] = [];
const keep = (body: Record<string, string>) => {
  asked.push(new URLSearchParams(body));
  return true;
};

function deviceCode(): void {
  nock(ORIGIN, { reqheaders: FORM })
    .post('/oauth/device/code', keep)
    .reply(200, {
      device_code: 'GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNh',
      user_code: 'WDJB-MJHT',
      verification_uri: `${ORIGIN}/activate`,
      verification_uri_complete: `${ORIGIN}/activate?user_code=WDJB-MJHT`,
      expires_in: 900,
      interval: 5,
    });
}

function tokenAnswer(status: number, body: object, headers: Record<string, string> = {}): void {
  nock(ORIGIN, { reqheaders: FORM }).post('/oauth/token', keep).reply(status, body, headers);
}

const PENDING = {
  error: 'authorization_pending',
  error_description: 'User has yet to authorize device code.',
};
const SLOW = {
  error: 'slow_down',
  error_description: 'You are polling faster than the specified interval of 5 seconds.',
};
const TOKENS = {
  access_token: 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln',
  refresh_token: 'v1.first',
  scope: 'openid offline_access account:read',
  expires_in: 86_400,
  token_type: 'Bearer',
};

async function start() {
  asked.length = 0;
  const config = { issuer: ISSUER, audience: AUDIENCE, cliClientId: 'cli', scopes: [] };
  const signal = new AbortController().signal;
  return startDeviceLogin({ config, scopes: ['account:read', 'images:read'], fetch, signal });
}

async function wait(slept: number[] = []) {
  return waitForApproval(await start(), {
    fetch,
    signal: new AbortController().signal,
    patience: 300,
    sleep: async (ms) => slept.push(ms / 1000),
  });
}

describe('Auth0: the device flow', () => {
  test('asks for audience and scopes, and shows the page with the code in it', async () => {
    discovery();
    deviceCode();
    const { code } = await start();
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({
      client_id: 'cli',
      scope: 'openid offline_access account:read images:read',
      audience: AUDIENCE,
    });
    expect(code).toEqual({
      verificationUri: `${ORIGIN}/activate`,
      verificationUriComplete: `${ORIGIN}/activate?user_code=WDJB-MJHT`,
      userCode: 'WDJB-MJHT',
      expiresIn: 300,
    });
  });

  test('403 is pending and 429 is slow_down, which stays', async () => {
    discovery();
    deviceCode();
    discovery();
    tokenAnswer(403, PENDING);
    tokenAnswer(429, SLOW);
    tokenAnswer(403, PENDING);
    tokenAnswer(200, TOKENS);
    const slept: number[] = [];
    const login = await wait(slept);
    expect(slept).toEqual([5, 5, 10, 10]);
    expect(asked.at(-1)?.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:device_code');
    // Auth0 leaves out what the role does not have, and says what was given.
    expect(login).toMatchObject({ refreshToken: 'v1.first', scope: 'openid offline_access account:read' });
  });

  test('the limit of the tenant (429 with Retry-After) is a reason to wait, not an end', async () => {
    discovery();
    deviceCode();
    discovery();
    tokenAnswer(
      429,
      { error: 'too_many_requests', error_description: 'Global limit has been reached' },
      {
        'retry-after': '12',
      },
    );
    tokenAnswer(200, TOKENS);
    const slept: number[] = [];
    await wait(slept);
    expect(slept).toEqual([5, 12]);
  });

  test.each([
    [{ error: 'access_denied', error_description: 'User cancelled the confirmation prompt.' }, 3, 'declined'],
    [{ error: 'expired_token', error_description: 'The current transaction expired.' }, 4, 'login_timeout'],
    [{ error: 'invalid_grant', error_description: 'Invalid or expired device code.' }, 4, 'login_refused'],
  ])('%j: exit code %d', async (answer, exit, code) => {
    discovery();
    deviceCode();
    discovery();
    tokenAnswer(403, answer);
    await expect(wait()).rejects.toMatchObject({ exit, code });
  });

  test.each([
    [
      403,
      {
        error: 'unauthorized_client',
        error_description: "Grant type 'urn:…:device_code' not allowed for the client.",
      },
    ],
    [403, { error: 'access_denied', error_description: 'Service not found: https://api.acme.example' }],
  ])('an application that is not set up for it is told in the words of Auth0', async (status, answer) => {
    discovery();
    nock(ORIGIN).post('/oauth/device/code').reply(status, answer);
    await expect(start()).rejects.toMatchObject({
      message: expect.stringContaining(answer.error_description),
    });
  });
});

describe('Auth0: refresh tokens rotate', () => {
  const API = 'https://api.acme.example';
  const KEY = loginKey('default', API);

  async function session() {
    const file = join(tempDir(), 'credentials.json');
    const login: DeviceLogin = {
      issuer: ISSUER,
      clientId: 'cli',
      accessToken: 'old',
      refreshToken: 'v1.first',
      expiresAt: 0,
      scope: 'openid offline_access account:read',
      asked: 'openid offline_access account:read images:read',
    };
    await writeLogins(file, { [KEY]: login });
    asked.length = 0;
    return {
      file,
      session: new Session({ file, profile: 'default', apiUrl: API, fetch: async () => fetch }),
    };
  }

  test('the new one is kept in the place of the old', async () => {
    const { file, session: one } = await session();
    discovery();
    tokenAnswer(200, { ...TOKENS, access_token: 'new', refresh_token: 'v1.second' });
    expect(await one.getToken()).toBe('new');
    expect(asked[0]?.get('refresh_token')).toBe('v1.first');
    expect((await readLogins(file))[KEY]).toMatchObject({
      refreshToken: 'v1.second',
      asked: 'openid offline_access account:read images:read',
    });
  });

  test('403 invalid_grant ends the login; a page of its edge does not', async () => {
    const { file, session: one } = await session();
    discovery();
    nock(ORIGIN)
      .post('/oauth/token')
      .reply(503, '<html>Service Unavailable</html>', { 'content-type': 'text/html' });
    await expect(one.getToken()).rejects.toMatchObject({ code: 'issuer_unavailable', retryable: true });
    expect(await readLogins(file)).toHaveProperty([KEY]);
    discovery();
    tokenAnswer(403, { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' });
    await expect(one.getToken()).rejects.toMatchObject({ code: 'login_expired', exit: 4 });
    expect(await readLogins(file)).toEqual({});
  });
});

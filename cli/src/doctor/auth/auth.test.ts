import { generateKeyPairSync, sign } from 'node:crypto';
import { join } from 'node:path';
import nock from 'nock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loginKey, writeLogins } from '../../auth/credentials.ts';
import { speak } from '../../testing/inProcess.ts';
import { type LoginApi, startLoginApi } from '../../testing/loginApi.ts';
import { tempDir } from '../../testing/tempDir.ts';
import type { Check } from '../types.ts';

// What an Auth0 tenant answers, in its own shapes and words; every value is invented.
const ORIGIN = 'https://acme.eu.auth0.com';
const ISSUER = `${ORIGIN}/`;
const SCOPES = ['account:read', 'images:read', 'admin:read'];
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const JWK = { ...publicKey.export({ format: 'jwk' }), kid: 'key-1', use: 'sig', alg: 'RS256' };

beforeEach(() => {
  nock.disableNetConnect();
  nock.enableNetConnect('127.0.0.1');
});
afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

interface Tenant {
  discovery?: object;
  keys?: readonly object[];
  device?: readonly [status: number, body: object];
  token?: readonly [status: number, body: object];
}

const METADATA = {
  issuer: ISSUER,
  token_endpoint: `${ORIGIN}/oauth/token`,
  device_authorization_endpoint: `${ORIGIN}/oauth/device/code`,
  jwks_uri: `${ORIGIN}/.well-known/jwks.json`,
};
const CODE = {
  device_code: 'Ag_EE',
  user_code: 'QTZL-MCBW',
  verification_uri: `${ORIGIN}/activate`,
  verification_uri_complete: `${ORIGIN}/activate?user_code=QTZL-MCBW`,
  expires_in: 900,
  interval: 5,
};

function jwt(claims: object = {}, header: object = {}, key = privateKey): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = {
    iss: ISSUER,
    sub: 'k3J9@clients',
    aud: 'api',
    iat: 1,
    exp: 9_999_999_999,
    scope: 'account:read images:read',
    permissions: ['account:read', 'images:read'],
    gty: 'client-credentials',
    ...claims,
  };
  const signed = `${part({ alg: 'RS256', typ: 'JWT', kid: 'key-1', ...header })}.${part(payload)}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`;
}

const tokenOf = (access_token: string) =>
  [200, { access_token, token_type: 'Bearer', expires_in: 86_400 }] as const;

function serve({ discovery = {}, keys = [JWK], device = [200, CODE], token }: Tenant): URLSearchParams[] {
  const asked: URLSearchParams[] = [];
  const keep = (body: Record<string, string>) => asked.push(new URLSearchParams(body)) > 0;
  // Of the moment of the answer: the first command loads for seconds on a busy machine, which is no clock that is off.
  const date = { date: () => new Date().toUTCString() };
  nock(ORIGIN)
    .get('/.well-known/openid-configuration')
    .reply(200, { ...METADATA, ...discovery }, date);
  nock(ORIGIN).get('/.well-known/jwks.json').reply(200, { keys });
  nock(ORIGIN)
    .post('/oauth/device/code', keep)
    .reply(...device);
  if (token)
    nock(ORIGIN)
      .post('/oauth/token', keep)
      .reply(...token);
  return asked;
}

async function examine(
  tenant: Tenant | undefined,
  env: Record<string, string> = {},
  edit = (_: LoginApi) => {},
) {
  const api = await startLoginApi();
  api.issuerUrl = ISSUER;
  api.scopes = SCOPES;
  edit(api);
  const asked = tenant ? serve(tenant) : [];
  const all = { STAGER_API_URL: api.url, STAGER_CONFIG_DIR: tempDir(), ...env };
  const { code, stdout } = await speak(['doctor', '--auth', '--json'], all);
  const { checks }: { checks: Check[] } = JSON.parse(stdout);
  return {
    api,
    asked,
    code,
    checks,
    stdout,
    find: (name: string) => checks.find((check) => check.name === name),
  };
}

const MACHINE = { STAGER_CLIENT_ID: 'k3J9', STAGER_CLIENT_SECRET: 'very-secret' };

describe('stager doctor --auth', () => {
  test('a tenant that is set up: every check, and what was asked', async () => {
    const { asked, code, checks, stdout } = await examine({ token: tokenOf(jwt()) }, MACHINE);
    expect(code, stdout).toBe(0);
    expect(checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
      // A warning where it takes longer than a second.
      expect.stringMatching(/^API (ok|warning)$/),
      'Discovery ok',
      'Clock ok',
      'Keys ok',
      'Device code ok',
      'Refresh skipped',
      'Person skipped',
      'Machine ok',
    ]);
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({
      client_id: 'stager-cli',
      audience: 'api',
      scope: 'openid offline_access account:read images:read admin:read',
    });
    expect(asked.map((form) => form.get('grant_type'))).toEqual([null, 'client_credentials']);
    expect(stdout).toContain(
      'auth0|demo of Demo: RS256, for this API, with the scopes account:read images:read',
    );
    expect(stdout).not.toMatch(/very-secret|eyJ|Ag_EE/);
  });

  test('in words, within 80 columns', async () => {
    const api = await startLoginApi();
    api.issuerUrl = ISSUER;
    serve({
      device: [
        403,
        { error: 'unauthorized_client', error_description: 'Grant type not allowed for the client.' },
      ],
    });
    const { code, stdout } = await speak(['doctor', '--auth'], {
      STAGER_API_URL: api.url,
      STAGER_CONFIG_DIR: tempDir(),
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ Device code +a device login is refused/);
    expect(stdout).toContain('1 check failed.');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test.each<[string, Tenant, string, string, string]>([
    [
      'the slash at the end',
      { discovery: { issuer: ORIGIN } },
      'Discovery',
      'the tenant calls itself https://acme.eu.auth0.com: no token',
      'Set STAGER_ISSUER of the API to exactly https://acme.eu.auth0.com',
    ],
    [
      'HS256 keys',
      { keys: [{ kty: 'oct', kid: 'x' }] },
      'Keys',
      'no RSA key',
      'JWT Signing Algorithm: RS256',
    ],
    ['keys for encryption', { keys: [{ ...JWK, use: 'enc' }] }, 'Keys', 'no RSA key', 'RS256'],
    ['no keys', { discovery: { jwks_uri: undefined } }, 'Keys', 'names no jwks_uri', 'OpenID Connect'],
    [
      'no device endpoint',
      { discovery: { device_authorization_endpoint: undefined } },
      'Device code',
      'names no device_authorization_endpoint',
      'check Device Code',
    ],
    [
      'the grant is off',
      {
        device: [
          403,
          {
            error: 'unauthorized_client',
            error_description:
              "Grant type 'urn:ietf:params:oauth:grant-type:device_code' not allowed for the client.",
          },
        ],
      },
      'Device code',
      'unauthorized_client',
      'check Device Code and Refresh Token; its type must be Native',
    ],
    [
      'another audience',
      { device: [403, { error: 'access_denied', error_description: 'Service not found: api' }] },
      'Device code',
      'Service not found: api',
      'Identifier of the API must be exactly',
    ],
    [
      'an unknown client',
      { device: [401, { error: 'invalid_client', error_description: 'Unknown client: stager-cli' }] },
      'Device code',
      'Unknown client',
      'STAGER_CLI_CLIENT_ID of the stager API is stager-cli',
    ],
    [
      'a scope that is refused',
      { device: [400, { error: 'invalid_scope' }] },
      'Device code',
      'invalid_scope',
      'Permissions',
    ],
    ['anything else', { device: [500, {}] }, 'Device code', 'status 500', 'Monitoring > Logs'],
    ['no code', { device: [200, {}] }, 'Device code', 'without a code', 'OpenID Connect'],
    [
      'a login page elsewhere, as without the custom domain',
      { device: [200, { ...CODE, verification_uri: 'https://login.acme.example/activate' }] },
      'Device code',
      'does not belong to https://acme.eu.auth0.com',
      'custom domain',
    ],
  ])('%s', async (_name, tenant, check, message, fix) => {
    const { code, find } = await examine(tenant);
    expect(code).toBe(1);
    expect(find(check)).toMatchObject({
      status: 'failed',
      message: expect.stringContaining(message),
      fix: expect.stringContaining(fix),
    });
  });

  test('an issuer that is not there, or is none', async () => {
    nock(ORIGIN)
      .get('/.well-known/openid-configuration')
      .replyWithError(Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }));
    const gone = await examine(undefined);
    expect(gone.checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
      // A warning where it takes longer than a second.
      expect.stringMatching(/^API (ok|warning)$/),
      'Discovery failed',
    ]);
    expect(gone.find('Discovery')).toMatchObject({ message: expect.stringContaining('ENOTFOUND') });
    nock(ORIGIN).get('/.well-known/openid-configuration').reply(404, 'Not Found');
    expect((await examine(undefined)).find('Discovery')).toMatchObject({
      message: expect.stringContaining('answers 404'),
      fix: expect.stringContaining('https://TENANT.REGION.auth0.com/'),
    });
  });

  test('a clock that is off', async () => {
    nock(ORIGIN)
      .get('/.well-known/openid-configuration')
      .reply(200, METADATA, { date: new Date(Date.now() - 120_000).toUTCString() });
    serve({});
    expect((await examine(undefined)).find('Clock')).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/1\d\d s ahead of the issuer/),
    });
  });
});

describe('the machine client', () => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  test.each<[string, readonly [number, object], string, string]>([
    [
      'not authorized for the API',
      [
        403,
        {
          error: 'access_denied',
          error_description:
            'Client is not authorized to access "api". You need to create a "client-grant" associated to this API.',
        },
      ],
      'client-grant',
      'authorize the client',
    ],
    [
      'of another type',
      [
        403,
        {
          error: 'unauthorized_client',
          error_description: "Grant type 'client_credentials' not allowed for the client.",
        },
      ],
      'not allowed',
      'Machine to Machine',
    ],
    [
      'a wrong secret',
      [401, { error: 'access_denied', error_description: 'Unauthorized' }],
      'Unauthorized',
      'copied whole',
    ],
    ['a secret that is none', [401, { error: 'invalid_client' }], 'invalid_client', 'copied whole'],
    [
      'another audience',
      [403, { error: 'not_found', error_description: 'Service not found: api' }],
      'Service',
      'exactly api',
    ],
    ['anything else', [500, {}], 'status 500', 'Monitoring > Logs'],
    ['an opaque token', tokenOf('opaque'), 'opaque', 'Identifier of an API'],
    ['HS256', tokenOf(jwt({}, { alg: 'HS256' })), 'signed with HS256', 'RS256'],
    [
      'a token for another API',
      tokenOf(jwt({ aud: 'https://other' })),
      'is for https://other',
      'STAGER_AUDIENCE',
    ],
    [
      'a token of another issuer',
      tokenOf(jwt({ iss: 'https://login.acme.example/' })),
      'is of https://login',
      'STAGER_ISSUER',
    ],
    ['a key that is not the tenant’s', tokenOf(jwt({}, {}, other)), 'no key of the tenant', 'new token'],
    ['a key that is not there', tokenOf(jwt({}, { kid: 'gone' })), 'kid gone', 'new token'],
    [
      'no permission',
      tokenOf(jwt({ scope: undefined, permissions: [] })),
      'no scope of the API',
      'Machine To Machine',
    ],
  ])('%s', async (_name, token, message, fix) => {
    const { find } = await examine({ token }, MACHINE);
    expect(find('Machine')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining(message),
      fix: expect.stringContaining(fix),
    });
  });

  test('scopes without roles behind them are a warning: whoever asks gets them', async () => {
    const { code, find } = await examine({ token: tokenOf(jwt({ permissions: undefined })) }, MACHINE);
    expect(code).toBe(0);
    expect(find('Machine')).toMatchObject({
      status: 'warning',
      fix: expect.stringContaining('Add Permissions in the Access Token'),
    });
  });

  test('a client that the API knows nothing of is told how it is registered; one that may not ask is good', async () => {
    const refused = await examine({ token: tokenOf(jwt()) }, MACHINE, (api) => {
      api.accepted = ['another'];
    });
    expect(refused.find('Machine')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('does not take the token'),
    });
    const quiet = await examine({ token: tokenOf(jwt()) }, MACHINE, (api) => {
      api.missing = 'account:read';
    });
    expect(quiet.find('Machine')?.status).toBe('ok');
    const stranger = await examine({ token: tokenOf(jwt()) }, MACHINE, (api) => {
      api.account = undefined;
    });
    expect(stranger.find('Machine')?.fix).toBe(
      'An operator registers it: stager admin clients add ACCOUNT k3J9',
    );
  });
});

describe('after a login', () => {
  async function loggedIn(login: { accessToken: string; refreshToken: string | null }) {
    const dir = tempDir();
    const api = await startLoginApi();
    api.issuerUrl = ISSUER;
    api.scopes = SCOPES;
    serve({});
    await writeLogins(join(dir, 'credentials.json'), {
      [loginKey('default', api.url)]: {
        issuer: ISSUER,
        clientId: 'stager-cli',
        expiresAt: Date.now() + 3_600_000,
        scope: 'openid account:read images:read',
        ...login,
      },
    });
    const env = { STAGER_API_URL: api.url, STAGER_CONFIG_DIR: dir };
    const { checks }: { checks: Check[] } = JSON.parse(
      (await speak(['doctor', '--auth', '--json'], env)).stdout,
    );
    return (name: string) => checks.find((check) => check.name === name);
  }

  test('what people are given, and that it lasts', async () => {
    const accessToken = jwt({
      sub: 'auth0|a',
      aud: ['api', `${ORIGIN}/userinfo`],
      scope: 'openid account:read images:read',
    });
    const find = await loggedIn({ accessToken, refreshToken: 'v1.a' });
    expect(find('Refresh')?.status).toBe('ok');
    expect(find('Person')).toMatchObject({
      status: 'ok',
      message:
        'RS256, for this API, with the scopes account:read images:read; without admin:read, which the role does not have',
    });
  });

  test('no refresh token: which switches', async () => {
    const find = await loggedIn({ accessToken: jwt(), refreshToken: null });
    expect(find('Refresh')).toMatchObject({
      status: 'failed',
      fix: expect.stringContaining('Allow Offline Access'),
    });
  });
});

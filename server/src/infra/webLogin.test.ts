import { generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import nock from 'nock';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { IssuerUnavailable, LoginRefused, type WebLogin } from '../ports/index.ts';
import { createWebLogin } from './webLogin.ts';

// What Auth0 answers, in its own shapes; every value is invented.
const ORIGIN = 'https://acme.eu.auth0.com';
/** With the slash that Auth0 puts into `iss`. */
const ISSUER = `${ORIGIN}/`;
const AUDIENCE = 'https://api.acme.example';
const PAGES = 'https://stager.acme.example';
const CLIENT = { id: 'web-client', secret: 'web-secret-0123456789' };
const SUBJECT = 'auth0|ann';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const OTHER_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

let login: WebLogin;
const asked: URLSearchParams[] = [];
beforeEach(() => {
  asked.splice(0);
  nock.disableNetConnect();
  login = createWebLogin({
    issuer: ISSUER,
    audience: AUDIENCE,
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    redirectUri: `${PAGES}/billing/callback`,
    postLogoutRedirectUri: `${PAGES}/billing/logout`,
    scopes: ['billing:read', 'billing:write'],
  });
});
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
  nock.enableNetConnect();
});

function discovery(more: object = { end_session_endpoint: `${ORIGIN}/oidc/logout` }): void {
  nock(ORIGIN)
    .get('/.well-known/openid-configuration')
    .reply(200, {
      issuer: ISSUER,
      authorization_endpoint: `${ORIGIN}/authorize`,
      token_endpoint: `${ORIGIN}/oauth/token`,
      userinfo_endpoint: `${ORIGIN}/userinfo`,
      revocation_endpoint: `${ORIGIN}/oauth/revoke`,
      jwks_uri: `${ORIGIN}/.well-known/jwks.json`,
      scopes_supported: ['openid', 'profile', 'offline_access', 'email'],
      response_types_supported: ['code', 'token', 'code id_token'],
      code_challenge_methods_supported: ['S256', 'plain'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['HS256', 'RS256', 'PS256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      ...more,
    });
}

function keys(): void {
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256' };
  nock(ORIGIN)
    .get('/.well-known/jwks.json')
    .reply(200, { keys: [jwk] });
}

function tokenAnswer(status: number, body: object): void {
  nock(ORIGIN)
    .post('/oauth/token', (sent: Record<string, string>) => {
      asked.push(new URLSearchParams(sent));
      return true;
    })
    .reply(status, body);
}

interface IdClaims {
  readonly nonce?: string;
  readonly iss?: string;
  readonly aud?: string;
  readonly sub?: string;
}

function idToken(claims: IdClaims, key = privateKey): Promise<string> {
  const { iss = ISSUER, aud = CLIENT.id, sub = SUBJECT, ...rest } = claims;
  return new SignJWT({ ...rest, name: 'Ann', email: 'ann@acme.example', sid: 'session-at-auth0' })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: 'k1' })
    .setIssuer(iss)
    .setAudience(aud)
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime('10h')
    .sign(key);
}

async function tokens(given: { readonly idToken: string; readonly refreshToken?: string }): Promise<object> {
  return {
    access_token: 'the access token',
    refresh_token: given.refreshToken,
    id_token: given.idToken,
    scope: 'openid profile email billing:read billing:write offline_access',
    expires_in: 86_400,
    token_type: 'Bearer',
  };
}

/** A login that was begun here and comes back from Auth0. */
async function finish(claims: IdClaims = {}, key = privateKey) {
  const { pending } = await login.begin(false);
  const id = await idToken({ nonce: pending.nonce, ...claims }, key);
  tokenAnswer(200, await tokens({ idToken: id, refreshToken: 'v1.first' }));
  return login.finish(new URLSearchParams({ code: 'the-code', state: pending.state }).toString(), pending);
}

test('Auth0 is told for which API, and that the login shall go on without the person', async () => {
  discovery();
  const { url } = await login.begin(false);
  expect(url.startsWith(`${ORIGIN}/authorize?`)).toBe(true);
  expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({
    client_id: CLIENT.id,
    response_type: 'code',
    redirect_uri: `${PAGES}/billing/callback`,
    // Without it, Auth0 gives a token that is for nobody but itself.
    audience: AUDIENCE,
    scope: 'openid profile email offline_access billing:read billing:write',
    code_challenge_method: 'S256',
  });
});

test('a code is worth tokens once, with the verifier and the secret in the body', async () => {
  discovery();
  keys();
  const given = await finish();
  expect(given).toMatchObject({
    subject: SUBJECT,
    name: 'ann@acme.example',
    accessToken: 'the access token',
    refreshToken: 'v1.first',
  });
  expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
    grant_type: 'authorization_code',
    code: 'the-code',
    redirect_uri: `${PAGES}/billing/callback`,
    client_id: CLIENT.id,
    client_secret: CLIENT.secret,
  });
  expect(asked[0]?.get('code_verifier')).toMatch(/^[\w-]{43,}$/);
});

test.each([
  ['of another issuer', { iss: 'https://evil.eu.auth0.com/' }],
  ['for another application', { aud: 'other-client' }],
  ['of another login', { nonce: 'another' }],
])('an ID token %s is no login', async (_which, claims) => {
  discovery();
  await expect(finish(claims)).rejects.toMatchObject({ name: 'LoginRefused', code: 'invalid_response' });
});

test('an ID token that Auth0 has not signed is no login, straight from its address or not', async () => {
  discovery();
  keys();
  await expect(finish({}, OTHER_KEY)).rejects.toThrow(LoginRefused);
});

test('each renewal brings another refresh token, and one that was used is refused', async () => {
  discovery();
  keys();
  const id = await idToken({});
  tokenAnswer(200, await tokens({ idToken: id, refreshToken: 'v1.second' }));
  const given = await login.renew('v1.first', SUBJECT, 'the id token of the login');
  expect(given).toMatchObject({ subject: SUBJECT, refreshToken: 'v1.second', idToken: id });
  expect(asked[0]?.get('refresh_token')).toBe('v1.first');
  tokenAnswer(403, { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' });
  await expect(login.renew('v1.first', SUBJECT, 'id')).rejects.toMatchObject({ code: 'invalid_grant' });
});

test('a renewal that answers for somebody else is refused', async () => {
  discovery();
  keys();
  tokenAnswer(200, await tokens({ idToken: await idToken({ sub: 'auth0|bob' }) }));
  await expect(login.renew('v1.first', SUBJECT, 'id')).rejects.toMatchObject({ code: 'another_subject' });
});

test.each([
  [429, { error: 'too_many_requests', error_description: 'Too Many Requests' }],
  [503, { error: 'temporarily_unavailable' }],
])('an answer %i decides nothing of a login', async (status, body) => {
  discovery();
  tokenAnswer(status, body);
  await expect(login.renew('v1.first', SUBJECT, 'id')).rejects.toThrow(IssuerUnavailable);
});

test('a logout leads to Auth0 with the session that it shall end, and back to us', async () => {
  discovery();
  const url = new URL((await login.logoutUrl('the id token')) ?? '');
  expect(url.href.startsWith(`${ORIGIN}/oidc/logout?`)).toBe(true);
  expect(url.searchParams.get('id_token_hint')).toBe('the id token');
  expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${PAGES}/billing/logout`);
});

test('where the tenant does not tell of a logout there is none', async () => {
  discovery({});
  expect(await login.logoutUrl('the id token')).toBeNull();
});

test('what Auth0 says of itself is asked for once, and again after it did not answer', async () => {
  nock(ORIGIN).get('/.well-known/openid-configuration').reply(500);
  await expect(login.begin(false)).rejects.toThrow(IssuerUnavailable);
  discovery();
  await Promise.all([login.begin(false), login.begin(true)]);
});

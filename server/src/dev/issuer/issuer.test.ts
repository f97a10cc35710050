import { createPublicKey, verify } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as oidc from 'openid-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createIssuer } from './index.ts';
import { AUTO_APPROVED_USER, checkOptions, type IssuerOptions } from './options.ts';
import { AUDIENCE, CI, CLI, decode, IssuerBench } from './testing.ts';

let bench: IssuerBench;
const consoleOutput: unknown[] = [];
beforeEach(async () => {
  for (const name of ['log', 'info', 'warn', 'error'] as const) {
    vi.spyOn(console, name).mockImplementation((...words) => consoleOutput.push(words));
  }
  bench = await new IssuerBench().start({ autoApprove: true });
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await bench.stop();
  expect(consoleOutput.splice(0)).toEqual([]);
});

async function login(scope = 'openid offline_access images:read') {
  const config = await bench.client(CLI);
  const started = await oidc.initiateDeviceAuthorization(config, { scope, audience: AUDIENCE });
  const tokens = await oidc.pollDeviceAuthorizationGrant(config, started);
  return { config, tokens, refreshToken: tokens.refresh_token ?? '' };
}

function refresh(refreshToken: string) {
  return bench.post('/oauth/token', {
    grant_type: 'refresh_token',
    client_id: CLI,
    refresh_token: refreshToken,
  });
}

describe('what is published', () => {
  test.each(['openid-configuration', 'oauth-authorization-server'])('/.well-known/%s', async (name) => {
    const response = await fetch(`${bench.url}.well-known/${name}`);
    expect(await response.json()).toMatchObject({
      issuer: bench.url,
      jwks_uri: `${bench.url}.well-known/jwks.json`,
      token_endpoint: `${bench.url}oauth/token`,
      device_authorization_endpoint: `${bench.url}oauth/device/code`,
      revocation_endpoint: `${bench.url}oauth/revoke`,
      userinfo_endpoint: `${bench.url}userinfo`,
      end_session_endpoint: `${bench.url}oidc/logout`,
    });
  });

  test('the key that signs, and no private part of it', async () => {
    const { tokens } = await login();
    const published = await (await fetch(`${bench.url}.well-known/jwks.json`)).text();
    const jwks: { keys: Record<string, string>[] } = JSON.parse(published);
    const [key] = jwks.keys;
    expect(Object.keys(key ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    const [head = '', body = '', signature = ''] = tokens.access_token.split('.');
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toMatchObject({
      alg: 'RS256',
      kid: key?.['kid'],
    });
    const publicKey = createPublicKey({ key: key ?? {}, format: 'jwk' });
    const signed = Buffer.from(`${head}.${body}`);
    expect(verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  test('another name for this address is turned away', async () => {
    const status = await new Promise((resolve, reject) => {
      request(
        `${bench.url}oauth/device/code`,
        { method: 'POST', headers: { host: 'evil.test' } },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(421);
  });
});

describe('refresh tokens', () => {
  test('rotate', async () => {
    const { config, refreshToken } = await login();
    const second = await oidc.refreshTokenGrant(config, refreshToken);
    expect(second.refresh_token).not.toBe(refreshToken);
    expect(decode(second.access_token)).toMatchObject({
      sub: 'auth0|demo',
      scope: 'openid offline_access images:read',
    });
    const third = await oidc.refreshTokenGrant(config, second.refresh_token ?? '');
    expect(third.access_token).toBeTruthy();
  });

  test('used twice, the whole family is dead', async () => {
    const { config, refreshToken } = await login();
    const second = await oidc.refreshTokenGrant(config, refreshToken);
    expect(await refresh(refreshToken)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await refresh(second.refresh_token ?? '')).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
  });

  test('of two uses at once, at most one is answered', async () => {
    const { refreshToken } = await login();
    const answers = await Promise.all([1, 2, 3, 4].map(() => refresh(refreshToken)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(answers.every(({ status }) => status === 200 || status === 400)).toBe(true);
  });

  test('outlive a restart; so do the keys', async () => {
    const { tokens, refreshToken } = await login();
    const before = await (await fetch(`${bench.url}.well-known/jwks.json`)).json();
    await bench.restart();
    expect(await (await fetch(`${bench.url}.well-known/jwks.json`)).json()).toEqual(before);
    expect((await refresh(refreshToken)).status).toBe(200);
    const config = await bench.client(CLI);
    expect((await oidc.fetchUserInfo(config, tokens.access_token, 'auth0|demo')).sub).toBe('auth0|demo');
  });

  test('reuse is noticed over a restart', async () => {
    const { refreshToken } = await login();
    const { body } = await refresh(refreshToken);
    await bench.restart();
    expect((await refresh(refreshToken)).body).toMatchObject({ error: 'invalid_grant' });
    expect((await refresh(String(body['refresh_token']))).body).toMatchObject({ error: 'invalid_grant' });
  });

  test('revoked, they are dead', async () => {
    const { config, refreshToken } = await login();
    await oidc.tokenRevocation(config, refreshToken);
    expect((await refresh(refreshToken)).body).toMatchObject({ error: 'invalid_grant' });
  });

  test('end 15 days after their last use', async () => {
    const { refreshToken } = await login();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 15 * 86_400_000 + 10_000 });
    expect((await refresh(refreshToken)).body).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('client credentials', () => {
  test('all its scopes when none is named, the audience defaulted', async () => {
    const config = await bench.client(CI.id, CI.secret);
    const tokens = await oidc.clientCredentialsGrant(config);
    expect(decode(tokens.access_token)).toMatchObject({
      iss: bench.url,
      sub: 'stager-ci@clients',
      aud: AUDIENCE,
      azp: 'stager-ci',
      gty: 'client-credentials',
      scope: 'images:read images:write',
      permissions: ['images:read', 'images:write'],
    });
    expect(tokens.scope).toBe('images:read images:write');
  });

  test('the scopes that are named, as far as it has them', async () => {
    const config = await bench.client(CI.id, CI.secret);
    const tokens = await oidc.clientCredentialsGrant(config, {
      audience: AUDIENCE,
      scope: 'images:read account:read',
    });
    expect(decode(tokens.access_token)['scope']).toBe('images:read');
  });

  test.each([
    ['a wrong audience', { audience: 'https://elsewhere.test' }, 400, 'invalid_target'],
    ['a wrong secret', { client_secret: 'guess' }, 401, 'invalid_client'],
    ['an unknown client', { client_id: 'nobody' }, 401, 'invalid_client'],
    [
      'a grant that is not its own',
      { grant_type: 'refresh_token', refresh_token: 'x' },
      400,
      'invalid_request',
    ],
  ])('%s', async (_name, fields, status, error) => {
    const good = { grant_type: 'client_credentials', client_id: CI.id, client_secret: CI.secret };
    expect(await bench.post('/oauth/token', { ...good, ...fields })).toMatchObject({
      status,
      body: { error },
    });
    expect(bench.log).toEqual([]);
  });
});

describe('userinfo', () => {
  test.each([
    ['no token', ''],
    ['no JWT', 'Bearer abc'],
    ['an unsigned token', `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`],
  ])('%s: 401', async (_name, authorization) => {
    const response = await fetch(`${bench.url}userinfo`, {
      headers: authorization === '' ? {} : { authorization },
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('invalid_token');
  });

  test('a token without openid, a changed token and an expired token: 401', async () => {
    const ask = async (token: string) =>
      (await fetch(`${bench.url}userinfo`, { headers: { authorization: `Bearer ${token}` } })).status;
    const good = (await login()).tokens.access_token;
    const plain = (await login('images:read')).tokens.access_token;
    const [head, body = '', signature] = good.split('.');
    const claims = { ...decode(good), sub: 'auth0|other' };
    const changed = [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
    expect([await ask(good), await ask(plain), await ask(changed), await ask(`${head}.${body}`)]).toEqual([
      200, 401, 401, 401,
    ]);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 601_000 });
    expect(await ask(good)).toBe(401);
  });
});

describe('the data file', () => {
  test('is private, side files too', () => {
    for (const suffix of ['', '-wal', '-shm']) {
      expect(statSync(bench.dataFile + suffix).mode & 0o777).toBe(0o600);
    }
  });

  test('that breaks under way costs one answer and one line in the log, not the process', async () => {
    const db = new DatabaseSync(bench.dataFile);
    db.exec('alter table artifact rename to elsewhere');
    const fields = { client_id: CLI, scope: 'openid' };
    const broken = await bench.post('/oauth/device/code', fields);
    expect(broken).toMatchObject({ status: 500, body: { error: 'server_error' } });
    expect(JSON.stringify(broken.body)).not.toContain('artifact');
    expect(bench.log.join()).toMatch(/oauth\/device\/code failed: .*artifact/);
    db.exec('alter table elsewhere rename to artifact');
    db.close();
    expect((await bench.post('/oauth/device/code', fields)).status).toBe(200);
  });

  test('an issuer that cannot start gives its port back', async () => {
    const port = Number(new URL(bench.url).port);
    await bench.stop();
    const broken = new IssuerBench();
    writeFileSync(broken.dataFile, 'not a database, and long enough to be none');
    await expect(broken.start({ port })).rejects.toThrow(/cannot use its data file/);
    await broken.stop();
    bench = await new IssuerBench().start({ port });
    expect(bench.url).toBe(`http://127.0.0.1:${port}/`);
  });

  test('that is no database is refused and left alone', async () => {
    const file = join(bench.dir, 'notes.txt');
    writeFileSync(file, 'my notes, which are long enough to be no empty file');
    await expect(createIssuer(options({ dataFile: file }))).rejects.toThrow(/cannot use its data file/);
    expect(readFileSync(file, 'utf8')).toMatch(/^my notes/);
  });
});

describe('options that cannot work', () => {
  test.each([
    ['no slash', { issuerUrl: 'http://127.0.0.1:1' }, /slash at its end/],
    ['a path', { issuerUrl: 'http://127.0.0.1:1/x/' }, /slash at its end/],
    ['auto-approval for the world', { issuerUrl: 'http://10.0.0.7:1/', autoApprove: true }, /loopback only/],
    ['auto-approval by nobody', { autoApprove: true, users: [{ ...USER, id: 'other' }] }, /user demo/],
    ['no users', { users: [] }, /at least one user/],
    ['a user twice', { users: [USER, USER] }, /same id/],
  ])('%s', (_name, more, message) => {
    expect(() => checkOptions(options(more))).toThrow(message);
  });

  test('a port that is taken', async () => {
    const port = Number(new URL(bench.url).port);
    const second = new IssuerBench();
    await expect(second.start({ port })).rejects.toThrow(`127.0.0.1:${port}`);
    await second.stop();
  });
});

const USER = { id: AUTO_APPROVED_USER, name: 'Demo', email: 'demo@example.com', scopes: [] };

function options(more: Partial<IssuerOptions>): IssuerOptions {
  return {
    issuerUrl: 'http://127.0.0.1:1/',
    audience: AUDIENCE,
    dataFile: join(bench?.dir ?? '', 'unused.sqlite'),
    autoApprove: false,
    users: [USER],
    clients: [],
    scopes: [],
    log: () => undefined,
    ...more,
  };
}

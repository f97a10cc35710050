import nock from 'nock';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { clientCredentials } from './clientCredentials.ts';

const ISSUER = 'https://tenant.eu.auth0.example/';
const ORIGIN = 'https://tenant.eu.auth0.example';

let now = 0;
let asked: URLSearchParams[] = [];
beforeEach(() => {
  nock.disableNetConnect();
  vi.spyOn(Math, 'random').mockReturnValue(0);
  now = 1_000_000;
  asked = [];
});
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
  nock.enableNetConnect();
  vi.restoreAllMocks();
});

function provider(issuer = ISSUER) {
  return clientCredentials({
    clientId: 'ci',
    clientSecret: 's3cret',
    fetch: (input, init) => fetch(input, init),
    config: async () => ({ issuer, audience: 'https://api.example' }),
    now: () => now,
  });
}

function discovery(times = 1, issuer = ISSUER, token_endpoint = `${ORIGIN}/oauth/token`) {
  nock(ORIGIN).get('/.well-known/openid-configuration').times(times).reply(200, { issuer, token_endpoint });
}

function token(access_token: string, expires_in = 3600) {
  nock(ORIGIN)
    .post('/oauth/token', (body: Record<string, string>) => {
      asked.push(new URLSearchParams(body));
      return true;
    })
    .reply(200, { access_token, token_type: 'Bearer', expires_in });
}

describe('client credentials', () => {
  test('are exchanged once for many calls at once', async () => {
    discovery();
    token('t1');
    const { getToken } = provider();
    expect(await Promise.all([getToken(), getToken(), getToken()])).toEqual(['t1', 't1', 't1']);
    expect(await getToken()).toBe('t1');
    expect(Object.fromEntries(asked[0] ?? [])).toEqual({
      grant_type: 'client_credentials',
      client_id: 'ci',
      client_secret: 's3cret',
      audience: 'https://api.example',
    });
  });

  test.each([
    ['an hour', 3600, 3600 - 120],
    ['a minute', 60, 48],
  ])('a token that lives %s is renewed in the background, the calls go on', async (_name, life, renewAt) => {
    discovery(2);
    token('t1', life);
    const { getToken } = provider();
    await getToken();
    now += renewAt * 1000 - 1;
    expect(await getToken()).toBe('t1');
    now += 1;
    token('t2', life);
    expect(await getToken()).toBe('t1');
    await vi.waitFor(async () => expect(await getToken()).toBe('t2'));
  });

  test('a token that is about to end is waited for', async () => {
    discovery(2);
    token('t1', 100);
    const { getToken } = provider();
    await getToken();
    now += 90_000;
    token('t2', 100);
    expect(await getToken()).toBe('t2');
  });

  test('a failure in the background is no failure', async () => {
    discovery();
    token('t1', 1000);
    const { getToken } = provider();
    await getToken();
    now += 890_000;
    nock(ORIGIN).get('/.well-known/openid-configuration').times(3).reply(503);
    expect(await getToken()).toBe('t1');
    await vi.waitFor(() => expect(nock.pendingMocks()).toEqual([]));
  });

  test('a refused token is replaced, once for all who had it', async () => {
    discovery(2);
    token('t1');
    const { getToken } = provider();
    await getToken();
    token('t2');
    const refresh = () => getToken({ refresh: true, rejected: 't1' });
    expect(await Promise.all([refresh(), refresh()])).toEqual(['t2', 't2']);
    expect(await refresh()).toBe('t2');
  });

  test('a busy or unreachable issuer is tried again', async () => {
    nock(ORIGIN)
      .get('/.well-known/openid-configuration')
      .replyWithError(Object.assign(new Error('x'), { code: 'ECONNRESET' }));
    nock(ORIGIN).get('/.well-known/openid-configuration').reply(429);
    discovery();
    token('t1');
    expect(await provider().getToken()).toBe('t1');
  });

  test('an issuer that stays away is a retryable error', async () => {
    nock(ORIGIN).get('/.well-known/openid-configuration').times(3).reply(502);
    await expect(provider().getToken()).rejects.toMatchObject({
      code: 'issuer_unavailable',
      retryable: true,
    });
  });

  test('a refusal says who refused and why, without the secret', async () => {
    discovery();
    nock(ORIGIN)
      .post('/oauth/token')
      .reply(401, { error: 'access_denied', error_description: 'Unauthorized' });
    const error = await provider()
      .getToken()
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'AuthenticationError', code: 'unauthenticated', status: 401 });
    expect(String(error)).toContain(`${ORIGIN} refused the client credentials (access_denied: Unauthorized)`);
    expect(JSON.stringify(error)).not.toContain('s3cret');
  });

  test('an answer without a token is a refusal', async () => {
    discovery();
    nock(ORIGIN).post('/oauth/token').reply(200, 'what?');
    await expect(provider().getToken()).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test.each([
    'http://tenant.eu.auth0.example/',
    'http://127.0.0.1.evil.example/',
    'ftp://127.0.0.1/',
    'tenant',
  ])('nothing is sent to an issuer at %s', async (issuer) => {
    await expect(provider(issuer).getToken()).rejects.toMatchObject({
      code: 'not_configured',
      message: expect.stringContaining('neither https nor on this machine'),
    });
  });

  test('no secret is sent to an endpoint over plain http', async () => {
    discovery(1, ISSUER, 'http://tenant.eu.auth0.example/oauth/token');
    await expect(provider().getToken()).rejects.toMatchObject({ code: 'not_configured' });
  });

  test('a redirection takes no secret along', async () => {
    discovery();
    nock(ORIGIN).post('/oauth/token').reply(307, '', { location: 'https://evil.example/oauth/token' });
    let lured = false;
    nock('https://evil.example')
      .post('/oauth/token')
      .optionally()
      .reply(() => {
        lured = true;
        return [200, { access_token: 'x' }];
      });
    await expect(provider().getToken()).rejects.toMatchObject({ code: 'unauthenticated', status: 307 });
    expect(lured).toBe(false);
  });

  test('an issuer under another name gets no secret', async () => {
    discovery(1, ORIGIN);
    await expect(provider().getToken()).rejects.toMatchObject({
      code: 'not_configured',
      hint: expect.stringContaining('slash'),
    });
  });
});

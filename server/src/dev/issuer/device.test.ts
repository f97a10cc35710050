import * as oidc from 'openid-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { normalizeCode } from './device.ts';
import { isLoopback, polledTooSoon } from './polling.ts';
import { AUDIENCE, Browser, CLI, decode, grant, IssuerBench, SCOPES } from './testing.ts';

const SCOPE = `openid profile email offline_access ${SCOPES.join(' ')}`;
const PENDING = 'urn:ietf:params:oauth:grant-type:device_code';

let bench: IssuerBench;
beforeEach(async () => {
  bench = await new IssuerBench().start();
});
afterEach(async () => {
  vi.useRealTimers();
  await bench.stop();
});

async function begin(scope = SCOPE) {
  const config = await bench.client(CLI);
  const started = await oidc.initiateDeviceAuthorization(config, { scope, audience: AUDIENCE });
  const link = started.verification_uri_complete ?? '';
  return { config, started, link, browser: new Browser() };
}

/** One poll, with no client library that would wait. */
function poll(deviceCode: string) {
  return bench.post('/oauth/token', { grant_type: PENDING, client_id: CLI, device_code: deviceCode });
}

describe('the device flow', () => {
  test('approve as demo: tokens with all that was asked for', async () => {
    const { config, started, link, browser } = await begin();
    expect(started).toMatchObject({ interval: 1, expires_in: 600 });
    expect(started.user_code).toMatch(/^[B-Z]{4}-[B-Z]{4}$/);
    const page = await browser.open(link);
    expect(page.text).toContain(started.user_code);
    expect(page.text).toContain('stager CLI');
    expect(page.text).toContain('Upload photos');
    expect(page.text).not.toContain('<script');
    const done = await page.submit({ user: 'demo', decision: 'approve' });
    expect(done.title).toBe('stager CLI is connected');

    const tokens = await grant(config, started);
    expect(tokens.expires_in).toBe(600);
    expect(tokens.scope?.split(' ').sort()).toEqual(SCOPE.split(' ').sort());
    const claims = decode(tokens.access_token);
    expect(claims).toMatchObject({
      iss: bench.url,
      aud: [AUDIENCE, `${bench.url}userinfo`],
      sub: 'auth0|demo',
      azp: CLI,
      permissions: SCOPES,
      scope: tokens.scope,
    });
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(600);
    expect(tokens.claims()).toMatchObject({ sub: 'auth0|demo', email: 'demo@example.com', name: 'Demo' });
    const person = await oidc.fetchUserInfo(config, tokens.access_token, 'auth0|demo');
    expect(person).toMatchObject({ email: 'demo@example.com', name: 'Demo' });
    expect((await poll(started.device_code)).body).toMatchObject({ error: 'invalid_grant' });
  });

  test('a person gives no more than they have', async () => {
    const { config, started, link, browser } = await begin();
    await (await browser.open(link)).submit({ user: 'other', decision: 'approve' });
    const tokens = await grant(config, started);
    const claims = decode(tokens.access_token);
    expect(claims['sub']).toBe('auth0|other');
    expect(claims['scope']).toBe('openid profile email offline_access images:read');
    expect(claims['permissions']).toEqual(['images:read']);
  });

  test('a client gets no more than it asks for', async () => {
    const { config, started, link, browser } = await begin('images:read');
    await (await browser.open(link)).submit({ user: 'demo', decision: 'approve' });
    const tokens = await grant(config, started);
    expect(decode(tokens.access_token)).toMatchObject({ scope: 'images:read', aud: AUDIENCE });
    expect(tokens.refresh_token).toBeUndefined();
    expect(tokens.id_token).toBeUndefined();
  });

  test('deny', async () => {
    const { started, link, browser } = await begin();
    const done = await (await browser.open(link)).submit({ decision: 'deny' });
    expect(done.title).toBe('Request denied');
    expect(await poll(started.device_code)).toMatchObject({ status: 400, body: { error: 'access_denied' } });
    const again = await browser.open(link);
    expect(again.status).toBe(400);
    expect(again.text).toContain('answered already');
  });

  test('the code may be typed, in any case, without its dash', async () => {
    const { started, browser } = await begin();
    const entry = await browser.open(started.verification_uri);
    expect(entry.title).toBe('Connect a device');
    const typed = started.user_code.toLowerCase().replace('-', '');
    const page = await browser.open(`${started.verification_uri}?user_code=${typed}`);
    expect(page.text).toContain(started.user_code);
  });

  test('an unknown code is asked for again, and markup in it stays text', async () => {
    const page = await new Browser().open(`${bench.url}activate?user_code=${encodeURIComponent('"><b>x')}`);
    expect(page.status).toBe(400);
    expect(page.text).toContain('no such code');
    expect(page.text).not.toContain('"><b>');
  });

  test.each([
    ['GET', 'activate', 200],
    ['HEAD', 'activate', 200],
    ['PUT', 'activate', 405],
    ['GET', 'activate/anything', 404],
    ['POST', 'activate', 403],
    ['GET', 'login/anything', 403],
  ])('%s /%s: %s', async (method, path, status) => {
    const response = await fetch(bench.url + path, { method });
    expect(response.status).toBe(status);
    expect(bench.log).toEqual([]);
  });

  test('a form that is too long is refused', async () => {
    const body = new URLSearchParams({ user_code: 'x'.repeat(10_000) });
    const response = await fetch(`${bench.url}activate`, { method: 'POST', body });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('too long');
  });

  test('an expired code', async () => {
    const { started, link, browser } = await begin();
    const page = await browser.open(link);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 601_000 });
    expect((await page.submit({ user: 'demo', decision: 'approve' })).text).toContain('has expired');
    expect(await poll(started.device_code)).toMatchObject({ status: 400, body: { error: 'expired_token' } });
  });

  test('polling too fast', async () => {
    const { started } = await begin();
    // No time passes between the two, however long they take.
    vi.useFakeTimers({ toFake: ['Date'] });
    expect((await poll(started.device_code)).body).toMatchObject({ error: 'authorization_pending' });
    expect(await poll(started.device_code)).toMatchObject({ status: 400, body: { error: 'slow_down' } });
  });

  test('a pending code outlives a restart', async () => {
    const { config, started, link, browser } = await begin();
    const page = await browser.open(link);
    await bench.restart();
    expect((await page.submit({ user: 'demo', decision: 'approve' })).title).toContain('connected');
    await bench.restart();
    expect((await grant(config, started)).access_token).toBeTruthy();
  });

  test.each([
    ['polls', { audience: 'https://elsewhere.test', client_id: CLI, scope: 'openid' }, 400, 'invalid_target'],
    ['comes', { audience: AUDIENCE, client_id: 'nobody', scope: 'openid' }, 401, 'invalid_client'],
    ['asks', { audience: AUDIENCE, scope: 'openid' }, 400, 'invalid_request'],
  ])('a bad request is an error of its own: %s %j', async (_name, fields, status, error) => {
    const fieldsSent = Object.fromEntries(Object.entries(fields));
    expect(await bench.post('/oauth/device/code', fieldsSent)).toMatchObject({ status, body: { error } });
    expect(bench.log).toEqual([]);
  });
});

describe('the approval form', () => {
  test.each([
    ['without its field', { xsrf: '' }, {}],
    ['with a made-up field', { xsrf: 'a'.repeat(64) }, {}],
    ['from another site', {}, { origin: 'https://evil.test' }],
    ['from another site, as fetch metadata has it', {}, { 'sec-fetch-site': 'cross-site' }],
    ['without a person', { user: '' }, {}],
    ['for a stranger', { user: 'root' }, {}],
  ])('is refused %s, and the code stays pending', async (_name, fields, headers) => {
    const { started, link, browser } = await begin();
    const page = await browser.open(link);
    const answer = await page.submit({ user: 'demo', decision: 'approve', ...fields }, headers);
    expect(answer.status).toBe(403);
    expect((await poll(started.device_code)).body).toMatchObject({ error: 'authorization_pending' });
  });

  test('holds for one browser and for one code', async () => {
    const one = await begin();
    const two = await begin();
    const page = await one.browser.open(one.link);
    const other = await new Browser().open(two.link);
    expect((await other.submit({ ...page.fields, decision: 'approve', user: 'demo' })).status).toBe(403);
    const swapped = { user_code: two.started.user_code, user: 'demo', decision: 'approve' };
    expect((await page.submit(swapped)).status).toBe(403);
  });

  test('cannot be framed, and neither runs nor loads anything', async () => {
    const { link, browser } = await begin();
    const { headers } = (await browser.open(link)).response;
    expect(headers.get('x-frame-options')).toBe('DENY');
    const policy = headers.get('content-security-policy');
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('auto-approval', () => {
  test('answers for demo, with no page', async () => {
    await bench.stop();
    bench = await new IssuerBench().start({ autoApprove: true });
    const { config, started } = await begin();
    expect(started.interval).toBe(0.05);
    const tokens = await oidc.pollDeviceAuthorizationGrant(config, started);
    expect(decode(tokens.access_token)).toMatchObject({ sub: 'auth0|demo' });
    expect(tokens.refresh_token).toBeTruthy();
  });

  test('is off unless asked for', async () => {
    const { started } = await begin();
    expect((await poll(started.device_code)).body).toMatchObject({ error: 'authorization_pending' });
  });

  test.each([
    ['127.0.0.1', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['10.0.0.7', false],
    ['::ffff:10.0.0.7', false],
    [undefined, false],
  ])('a request from %s: loopback %s', (address, loopback) => {
    expect(isLoopback(address)).toBe(loopback);
  });
});

test.each([
  [undefined, 1000, 1, false],
  [1000, 1499, 1, true],
  [1000, 1500, 1, false],
  [1000, 3000, 5, true],
])('polled last at %s, now at %s, every %s s: too soon %s', (last, now, interval, soon) => {
  expect(polledTooSoon(last, now, interval)).toBe(soon);
});

test('codes as people type them', () => {
  expect(normalizeCode(' bcdf-ghjk ')).toBe('BCDFGHJK');
});

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../../../tests/support/api.ts';
import { makeAccount } from '../../../../tests/support/fixtures.ts';
import { heading, redirect, type Shown, Visitor } from '../../../../tests/support/visitor.ts';
import { ALL_SCOPES } from '../../contract/index.ts';
import { secretHash } from '../../core/accounts/secrets.ts';
import { AUDIENCE, Browser, IssuerBench } from '../../dev/issuer/testing.ts';
import { createKeySet } from '../../infra/jwks.ts';
import { createWebLogin } from '../../infra/webLogin.ts';
import { IssuerUnavailable, type VerifiedToken, type WebLogin } from '../../ports/index.ts';
import { createTokenVerifier } from '../middleware/authenticate.ts';

const CLIENT = { id: 'stager-web', secret: 'web-secret-0123456789' };
const people = (['demo', 'other', 'nobody', 'late'] as const).map((id) => ({
  id,
  name: id,
  email: `${id}@example.com`,
  scopes: ALL_SCOPES,
}));

const bench = new IssuerBench();
let api: TestApi;
let superuser: pg.Client;
/** Whether the issuer does not answer. */
let down = false;
beforeAll(async () => {
  // Each has to know the address of the other.
  let login: WebLogin | undefined;
  let verify: ((token: string) => Promise<VerifiedToken>) | undefined;
  const late = <T>(value: T | undefined): T => {
    if (!value) throw new Error('the issuer has not started');
    return value;
  };
  const up = <T>(value: T | undefined): T => {
    if (down) throw new IssuerUnavailable('down');
    return late(value);
  };
  api = await startTestApi({
    who: () => undefined,
    scopes: [],
    verifyToken: (token) => late(verify)(token),
    pages: {
      login: () => ({
        origin: 'http://127.0.0.1',
        begin: (...given) => late(login).begin(...given),
        finish: (...given) => late(login).finish(...given),
        renew: (...given) => up(login).renew(...given),
        logoutUrl: (...given) => up(login).logoutUrl(...given),
      }),
    },
  });
  await bench.start({
    audience: AUDIENCE,
    scopes: ALL_SCOPES,
    users: people,
    clients: [
      {
        ...CLIENT,
        kind: 'web',
        name: 'stager in the browser',
        redirectUris: [`${api.url}/billing/callback`],
        postLogoutRedirectUris: [`${api.url}/billing/logout`],
      },
    ],
  });
  const issuer = bench.url;
  verify = createTokenVerifier({ keys: createKeySet({ issuer }), issuer, audience: AUDIENCE });
  login = createWebLogin({
    issuer,
    audience: AUDIENCE,
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    redirectUri: `${api.url}/billing/callback`,
    postLogoutRedirectUri: `${api.url}/billing/logout`,
    scopes: ['billing:read', 'billing:write'],
  });
  superuser = new pg.Client(api.database.superuserUrl);
  await superuser.connect();
  await makeAccount(api.store, 'auth0|demo');
  await makeAccount(api.store, 'auth0|other');
});
afterAll(async () => {
  await superuser.end();
  await api.close();
  await bench.stop();
});

/** At the issuer, as a person; answers with the address that it sends the browser back to. */
async function approve(url: string, fields: Record<string, string>): Promise<string> {
  const page = await new Browser().follow(url);
  const answer = await page.submit(fields);
  return answer.location?.href ?? '';
}

const path = (url: string) => url.slice(api.url.length);

async function logIn(visitor: Visitor, user = 'demo', from = '/billing'): Promise<Shown> {
  const toIssuer = redirect(await visitor.get(redirect(await visitor.get(from))));
  const back = await approve(toIssuer, { user, decision: 'approve' });
  return visitor.get(path(back));
}

/** How long the issuer's word still holds for a session. In milliseconds, as everything that processes write. */
async function confirmFor(hash: string, left: string): Promise<void> {
  await superuser.query(
    `UPDATE browser_sessions SET confirmed_until = date_trunc('milliseconds', now() + $1::interval)
      WHERE secret_hash = $2`,
    [left, hash],
  );
}

function loginsOf({ jar }: Visitor): string[] {
  return [...jar.keys()].filter((name) => name.startsWith('__Host-stager_login_'));
}

/** Resolves in the next millisecond. */
async function tick(): Promise<void> {
  const now = Date.now();
  while (Date.now() === now) await new Promise((done) => setImmediate(done));
}

describe('a login', () => {
  test('leads from a page to the issuer and back to the page', async () => {
    const visitor = new Visitor(api.url);
    const toLogin = redirect(await visitor.get('/billing/checkout?plan=pro'));
    expect(toLogin).toBe('/billing/login?return=%2Fbilling%2Fcheckout%3Fplan%3Dpro');
    const toIssuer = new URL(redirect(await visitor.get(toLogin)));
    expect(toIssuer.origin).toBe(new URL(bench.url).origin);
    expect(toIssuer.searchParams.get('code_challenge_method')).toBe('S256');
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(toIssuer.searchParams.get(name)).toMatch(/^[\w-]{32,}$/);
    }
    const back = await approve(toIssuer.href, { user: 'demo', decision: 'approve' });
    expect(redirect(await visitor.get(path(back)))).toBe('/billing/checkout?plan=pro');
    const page = await visitor.get('/billing/checkout?plan=pro');
    expect(page.status).toBe(200);
    expect(page.text).toContain('demo@example.com');
  });

  test('leaves nothing in the browser but random values, in cookies that no script and no other host reads', async () => {
    const visitor = new Visitor(api.url);
    const begun = await visitor.get('/billing/login');
    const state = new URL(redirect(begun)).searchParams.get('state') ?? '';
    const answer = await logIn(visitor);
    const set = [...begun.headers.getSetCookie(), ...answer.headers.getSetCookie()];
    for (const cookie of set) {
      expect(cookie).toMatch(
        /^__Host-stager_\w+=[\w-]*; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=\d+$/,
      );
      // What has to come back with the issuer's answer is encrypted.
      expect(cookie).not.toContain(state);
    }
    expect(visitor.jar.get('__Host-stager_session')).toMatch(/^stgs_[0-9A-Za-z]{39}$/);
    expect(loginsOf(visitor)).toHaveLength(1);
    // The other one, which was begun and not gone on with, ends with the session at the latest.
    await visitor.get('/billing');
    await visitor.post('/billing/logout');
    expect([...visitor.jar]).toEqual([]);
  });

  test('gives a new session each time, and ends the one before', async () => {
    const visitor = new Visitor(api.url);
    await logIn(visitor);
    const first = visitor.jar.get('__Host-stager_session') ?? '';
    const toIssuer = redirect(await visitor.get('/billing/login'));
    await visitor.get(path(await approve(toIssuer, { user: 'demo', decision: 'approve' })));
    expect(visitor.jar.get('__Host-stager_session')).not.toBe(first);
    const former = new Visitor(api.url);
    former.jar.set('__Host-stager_session', first);
    expect(redirect(await former.get('/billing'))).toBe('/billing/login?return=%2Fbilling');
  });

  test('is renewed at the issuer behind the pages, each time with the refresh token that came last', async () => {
    const visitor = new Visitor(api.url);
    await logIn(visitor);
    const hash = secretHash(visitor.jar.get('__Host-stager_session') ?? '');
    for (const left of ['1 minute', '-1 minute', '1 minute']) {
      await confirmFor(hash, left);
      expect((await visitor.get('/billing')).status).toBe(200);
      const { rows } = await superuser.query(
        `SELECT confirmed_until > now() + interval '5 minutes' AS renewed FROM browser_sessions WHERE secret_hash = $1`,
        [hash],
      );
      expect(rows).toEqual([{ renewed: true }]);
    }
  });

  test('makes nothing of a session that somebody else has planted', async () => {
    const visitor = new Visitor(api.url);
    const planted = `stgs_${'a'.repeat(39)}`;
    visitor.jar.set('__Host-stager_session', planted);
    await logIn(visitor);
    expect(visitor.jar.get('__Host-stager_session')).not.toBe(planted);
    const attacker = new Visitor(api.url);
    attacker.jar.set('__Host-stager_session', planted);
    expect(redirect(await attacker.get('/billing'))).toContain('/billing/login');
  });

  test('that another browser has begun is refused: nobody is logged in as somebody else', async () => {
    const attacker = new Visitor(api.url);
    const toIssuer = redirect(await attacker.get('/billing/login'));
    const back = path(await approve(toIssuer, { user: 'other', decision: 'approve' }));
    const victim = new Visitor(api.url);
    const fresh = await victim.get(back);
    expect([fresh.status, heading(fresh)]).toEqual([400, 'This login is not valid']);
    // Also where the victim has begun one of its own.
    await victim.get('/billing/login');
    expect((await victim.get(back)).status).toBe(400);
    expect(victim.jar.has('__Host-stager_session')).toBe(false);
  });

  test('works once: the address that it came back by is worth nothing afterwards', async () => {
    const visitor = new Visitor(api.url);
    const toIssuer = redirect(await visitor.get('/billing/login'));
    const kept = new Map(visitor.jar);
    const back = path(await approve(toIssuer, { user: 'demo', decision: 'approve' }));
    await visitor.get(back);
    // Going back in the same browser leads to the page.
    expect(redirect(await visitor.get(back))).toBe('/billing');
    const thief = new Visitor(api.url);
    for (const [name, value] of kept) thief.jar.set(name, value);
    const again = await thief.get(back);
    expect([again.status, heading(again)]).toEqual([403, 'The login did not work']);
    expect(thief.jar.has('__Host-stager_session')).toBe(false);
  });

  test('that the person cancels is told, with both ways on', async () => {
    const visitor = new Visitor(api.url);
    const toIssuer = redirect(await visitor.get('/billing/login?return=/billing/canceled?plan=pro'));
    const answer = await visitor.get(path(await approve(toIssuer, { user: 'demo', decision: 'deny' })));
    expect([answer.status, heading(answer)]).toEqual([403, 'You are not logged in']);
    expect(answer.text).toContain('/billing/login?return=%2Fbilling%2Fcanceled%3Fplan%3Dpro&amp;as=other');
  });

  test('in one tab leaves that of another as it is: both end logged in, where each began', async () => {
    const visitor = new Visitor(api.url);
    const pages = ['/billing/checkout?plan=pro', '/billing/canceled?plan=business'];
    const backs: string[] = [];
    for (const page of pages) {
      const toIssuer = redirect(await visitor.get(redirect(await visitor.get(page))));
      backs.push(path(await approve(toIssuer, { user: 'demo', decision: 'approve' })));
    }
    for (const [at, back] of backs.entries()) {
      expect(redirect(await visitor.get(back))).toBe(pages[at]);
      expect((await visitor.get('/billing')).status).toBe(200);
    }
    expect(loginsOf(visitor)).toEqual([]);
    // What has done its work does none again, nor with the cookies of before.
    expect(redirect(await visitor.get(backs[0] ?? ''))).toBe('/billing');
  });

  test('is no other’s: what was begun in one tab does not end with the state of another', async () => {
    const visitor = new Visitor(api.url);
    const [one, other] = [await visitor.get('/billing/login'), await visitor.get('/billing/login')].map(
      (answer) => new URL(redirect(answer)),
    );
    const back = new URL(await approve(one?.href ?? '', { user: 'demo', decision: 'approve' }));
    back.searchParams.set('state', other?.searchParams.get('state') ?? '');
    const refused = await visitor.get(path(back.href));
    expect([refused.status, heading(refused)]).toEqual([403, 'The login did not work']);
    expect(visitor.jar.has('__Host-stager_session')).toBe(false);
  });

  test('may be begun in five tabs; a sixth takes the place of the first', async () => {
    const visitor = new Visitor(api.url);
    const urls: string[] = [];
    for (let n = 0; n < 6; n += 1) {
      urls.push(redirect(await visitor.get('/billing/login')));
      // The order is that of their ends, in milliseconds.
      await tick();
    }
    expect(loginsOf(visitor)).toHaveLength(5);
    const answerOf = async (url = '') =>
      visitor.get(path(await approve(url, { user: 'demo', decision: 'approve' })));
    expect(heading(await answerOf(urls[0]))).toBe('This login is not valid');
    for (const url of [urls[1], urls[5]]) expect(redirect(await answerOf(url))).toBe('/billing');
  });

  test('of somebody without an account says so', async () => {
    const answer = await logIn(new Visitor(api.url), 'nobody');
    expect([answer.status, heading(answer)]).toEqual([403, 'You belong to no account']);
  });

  test('as somebody else asks who it is, whoever is logged in at the issuer', async () => {
    const answer = await new Visitor(api.url).get('/billing/login?as=other');
    expect(new URL(redirect(answer)).searchParams.get('prompt')).toBe('login');
  });

  test.each([
    'https://evil.example/',
    '//evil.example/billing',
    '/\\evil.example',
    '/v1/me',
    '/billing/logout',
  ])('never leads on to %s', async (to) => {
    const visitor = new Visitor(api.url);
    const toIssuer = redirect(await visitor.get(`/billing/login?return=${encodeURIComponent(to)}`));
    const back = await approve(toIssuer, { user: 'demo', decision: 'approve' });
    expect(redirect(await visitor.get(path(back)))).toBe('/billing');
  });
});

describe('a logout', () => {
  test('ends the session here and leads to where the one at the issuer ends', async () => {
    const visitor = new Visitor(api.url);
    await logIn(visitor);
    const session = visitor.jar.get('__Host-stager_session') ?? '';
    await visitor.get('/billing');
    const to = new URL(redirect(await visitor.post('/billing/logout')));
    expect(to.href).toMatch(new RegExp(`^${bench.url}oidc/logout\\?`));
    expect(to.searchParams.get('post_logout_redirect_uri')).toBe(`${api.url}/billing/logout`);
    expect([...visitor.jar]).toEqual([]);
    visitor.jar.set('__Host-stager_session', session);
    expect(redirect(await visitor.get('/billing'))).toContain('/billing/login');
    expect(heading(await visitor.get('/billing/logout'))).toBe('You are logged out');
  });

  test('ends the session also of an account that is suspended, where no page is shown any more', async () => {
    const visitor = new Visitor(api.url);
    await makeAccount(api.store, 'auth0|late');
    await logIn(visitor, 'late');
    await visitor.get('/billing');
    const session = visitor.jar.get('__Host-stager_session') ?? '';
    await superuser.query(
      `UPDATE accounts SET suspended_at = now()
        WHERE id = (SELECT account_id FROM members WHERE principal = 'auth0|late')`,
    );
    await expect.poll(async () => heading(await visitor.get('/billing'))).toBe('The account is suspended');
    expect(redirect(await visitor.post('/billing/logout'))).toContain('oidc/logout');
    expect(await held(session)).toBe(false);
  });

  test('ends the session also where the issuer would have to be asked about it and is down', async () => {
    const visitor = new Visitor(api.url);
    await logIn(visitor);
    await visitor.get('/billing');
    const session = visitor.jar.get('__Host-stager_session') ?? '';
    await confirmFor(secretHash(session), '0');
    down = true;
    expect((await visitor.get('/billing')).status).toBe(503);
    const answer = await visitor.post('/billing/logout');
    down = false;
    expect(redirect(answer)).toBe('/billing/logout?here=only');
    expect((await visitor.get('/billing/logout?here=only')).text).toContain(
      'At the login page you may still be logged in',
    );
    expect(await held(session)).toBe(false);
  });

  async function held(session: string): Promise<boolean> {
    const { rowCount } = await superuser.query('SELECT 1 FROM browser_sessions WHERE secret_hash = $1', [
      secretHash(session),
    ]);
    return rowCount === 1;
  }
});

describe('every page', () => {
  const PAGES = [
    '/billing',
    '/billing/checkout?plan=pro',
    '/billing/logout',
    '/billing/callback',
    '/billing/none',
  ];

  test.each(PAGES)('%s runs no script, is in no frame, tells no other site and is not kept', async (page) => {
    const visitor = new Visitor(api.url);
    await logIn(visitor);
    const { headers, text } = await visitor.get(page);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; style-src 'self'; img-src data:; form-action 'self' /);
    expect(policy).toContain("base-uri 'none'; frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|script-src|\*/);
    expect(Object.fromEntries(headers)).toMatchObject({
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
    });
    expect(text).not.toMatch(/<script|<style| style=| on\w+="/i);
  });

  test('has one style sheet, which may be kept for ever', async () => {
    const visitor = new Visitor(api.url);
    const { text } = await visitor.get('/billing/logout');
    const [, href = ''] = /<link rel="stylesheet" href="([^"]+)">/.exec(text) ?? [];
    const sheet = await visitor.get(href);
    expect(sheet.headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect(sheet.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  test('is one of those that there are, by a method that it has', async () => {
    const visitor = new Visitor(api.url);
    const none = await visitor.get('/billing/none');
    expect([none.status, heading(none)]).toEqual([404, 'There is no such page']);
    const wrong = await visitor.post('/billing/success');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../../../tests/support/api.ts';
import { makeAccount, subscribe } from '../../../../tests/support/fixtures.ts';
import { heading, redirect, Visitor } from '../../../../tests/support/visitor.ts';
import { ALL_SCOPES } from '../../contract/index.ts';
import { secretHash } from '../../core/accounts/secrets.ts';
import { newId } from '../../core/ids.ts';
import type { Payments } from '../../ports/index.ts';
import { PAGE_ROUTES } from './routes.ts';

/** What was asked of Stripe. */
const asked: string[] = [];
const note =
  <T>(what: string, answer: T) =>
  async () => {
    asked.push(what);
    return answer;
  };
// The methods that forms lead to, for an account that has a plan.
const payments: Partial<Payments> = {
  createPortal: note('portal', 'https://billing.stripe.com/p/1'),
  upgrade: note('upgrade', undefined),
  setCancelAtPeriodEnd: note('cancel or resume', undefined),
};

let api: TestApi;
let account: string;
const OWNER = 'auth0|owner';
beforeAll(async () => {
  api = await startTestApi({
    scopes: [...ALL_SCOPES],
    // A token is the name of whoever has it.
    who: (token) => ({ subject: token, expiresAt: new Date(Date.now() + 3_600_000) }),
    payments: payments as Payments,
  });
  account = await makeAccount(api.store, OWNER);
  await makeAccount(api.store, 'auth0|stranger');
  await subscribe(api.database, account, 'pro');
  await api.store.read.members.add(account, { id: newId('mem'), principal: 'auth0|member', role: 'member' });
});
afterAll(() => api.close());
beforeEach(() => void asked.splice(0));

/** A browser in which somebody has logged in and looked at a page. */
async function visitorAs(principal: string, visitor = new Visitor(api.url)): Promise<Visitor> {
  const nothing = { name: null, refreshToken: null };
  const login = { ...nothing, subject: principal, accessToken: principal, idToken: 'id' };
  visitor.jar.set(
    '__Host-stager_session',
    await api.pages.sessions.open(login, { requestId: 'test', ip: '::1' }),
  );
  expect((await visitor.get('/billing')).status).toBe(200);
  return visitor;
}

const forms = PAGE_ROUTES.filter(({ method }) => method === 'POST');
const FIELDS: Readonly<Record<string, Record<string, string>>> = {
  '/billing/buy': { plan: 'business' },
  '/billing/pay-as-you-go': { enabled: 'off', cap: '7' },
};

interface Attempt {
  readonly fields?: Record<string, string>;
  readonly headers?: Record<string, string>;
}
const OWN = () => ({ origin: api.url, 'sec-fetch-site': 'same-origin' });

/** Every way in which a form must not come; the rest of it is as it should be. */
const REFUSED: Readonly<Record<string, (visitor: Visitor) => Promise<Attempt> | Attempt>> = {
  'without a token': () => ({ fields: { csrf: '' } }),
  'with a token that nobody made': () => ({ fields: { csrf: 'x.y' } }),
  'with the token of somebody else': async (visitor) => {
    const token = (await visitorAs('auth0|stranger')).jar.get('__Host-stager_csrf') ?? '';
    // Also where the cookie was planted.
    visitor.jar.set('__Host-stager_csrf', token);
    return { fields: { csrf: token } };
  },
  'with the token of another session of the same person': async (visitor) => {
    const token = (await visitorAs(OWNER)).jar.get('__Host-stager_csrf') ?? '';
    visitor.jar.set('__Host-stager_csrf', token);
    return { fields: { csrf: token } };
  },
  'with a token from before the login': async (visitor) => {
    const csrf = visitor.jar.get('__Host-stager_csrf') ?? '';
    await visitorAs(OWNER, visitor);
    return { fields: { csrf } };
  },
  'with another token of the session than in the cookie': async (visitor) => {
    const csrf = visitor.jar.get('__Host-stager_csrf') ?? '';
    visitor.jar.delete('__Host-stager_csrf');
    await visitor.get('/billing');
    return { fields: { csrf } };
  },
  'with the token, and without its cookie': (visitor) => {
    const csrf = visitor.jar.get('__Host-stager_csrf') ?? '';
    visitor.jar.delete('__Host-stager_csrf');
    return { fields: { csrf } };
  },
  'from another site': () => ({
    headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  }),
  'from another site, by its origin alone': () => ({ headers: { origin: 'https://evil.example' } }),
  'from another site, by what the browser says alone': () => ({
    headers: { ...OWN(), 'sec-fetch-site': 'cross-site' },
  }),
  'from a sister domain': () => ({ headers: { ...OWN(), 'sec-fetch-site': 'same-site' } }),
  'from a page without an origin': () => ({ headers: { ...OWN(), origin: 'null' } }),
  'from another port of this host': () => ({ headers: { origin: 'http://127.0.0.1:1' } }),
  'from nowhere': () => ({ headers: {} }),
};

async function state(): Promise<unknown> {
  const read = api.store.account(account).read;
  return [asked.slice(), (await read.billing.standing(account, new Date()))?.payAsYouGo];
}

describe.each(forms.map(({ path }) => path))('the form of %s', (path) => {
  const fields = FIELDS[path] ?? {};

  test.each(Object.entries(REFUSED))('is refused %s, and does nothing', async (_how, prepare) => {
    const visitor = await visitorAs(OWNER);
    const attempt = await prepare(visitor);
    const before = await state();
    const answer = await visitor.post(path, { ...fields, ...attempt.fields }, attempt.headers);
    expect([answer.status, heading(answer)]).toEqual([403, 'Please do that once more']);
    expect(await state()).toEqual(before);
    expect((await visitor.get('/billing')).status).toBe(200);
  });

  test('is taken from a page of ours', async () => {
    const visitor = await visitorAs(OWNER);
    expect(redirect(await visitor.post(path, fields))).toMatch(
      /^(\/billing|https:\/\/(checkout|billing)\.stripe\.com\/)/,
    );
  });

  test('is taken from a browser that sends no origin but says that it is ours', async () => {
    const visitor = await visitorAs(OWNER);
    const answer = await visitor.post(path, fields, { 'sec-fetch-site': 'same-origin' });
    expect(answer.status).toBe(303);
  });

  test('leads to the login without a session, and back to its page, and does nothing', async () => {
    const visitor = new Visitor(api.url);
    const before = await state();
    const headers = { ...OWN(), referer: `${api.url}/billing/cancel` };
    expect(redirect(await visitor.post(path, fields, headers))).toBe(
      '/billing/login?return=%2Fbilling%2Fcancel',
    );
    const foreign = { ...OWN(), referer: 'https://evil.example/billing/cancel' };
    expect(redirect(await visitor.post(path, fields, foreign))).toBe('/billing/login?return=%2Fbilling');
    expect(await state()).toEqual(before);
  });

  test('is a form, and not too long', async () => {
    const visitor = await visitorAs(OWNER);
    const long = await visitor.post(path, { ...fields, more: 'x'.repeat(9_000) });
    expect(long.status).toBe(413);
    const json = await fetch(api.url + path, {
      method: 'POST',
      headers: { ...OWN(), 'content-type': 'application/json' },
      body: '{}',
    });
    expect(json.status).toBe(415);
    expect(asked).toEqual([]);
  });
});

const forOwners = forms.filter(({ access }) => access === 'owner').map(({ path }) => path);

test.each(forOwners)('the form of %s is for owners', async (path) => {
  const visitor = await visitorAs('auth0|member');
  const before = await state();
  const answer = await visitor.post(path, FIELDS[path] ?? {});
  expect([answer.status, heading(answer)]).toEqual([403, 'That is not possible']);
  expect(answer.text).toContain('Only an owner of the account can do this');
  expect(await state()).toEqual(before);
});

/** As after a renewal at which the issuer has given less. */
async function withoutScope(visitor: Visitor, scope: string): Promise<void> {
  const secret = visitor.jar.get('__Host-stager_session') ?? '';
  const { browserSessions } = api.store.account(account).read;
  const row = await browserSessions.findBySecret(secretHash(secret));
  if (!row) throw new Error('there is no such session');
  const scopes = row.scopes.filter((one) => one !== scope);
  await browserSessions.renew(account, row.id, { ...row, scopes });
}

test.each(forOwners)('the form of %s is for logins that may change the plan', async (path) => {
  const visitor = await visitorAs(OWNER);
  await withoutScope(visitor, 'billing:write');
  const before = await state();
  const answer = await visitor.post(path, FIELDS[path] ?? {});
  expect([answer.status, heading(answer)]).toEqual([403, 'That is not possible']);
  expect(answer.text).toContain('does not include billing:write');
  expect(await state()).toEqual(before);
  expect((await visitor.get('/billing')).text).not.toContain('action="/billing/portal"');
});

test('plan and usage are for logins that may look at them', async () => {
  const visitor = await visitorAs(OWNER);
  await withoutScope(visitor, 'billing:read');
  const page = await visitor.get('/billing');
  expect([page.status, heading(page)]).toEqual([403, 'That is not possible']);
  expect(page.text).toContain('does not include billing:read');
});

test('every page that changes something is a form', () => {
  expect(forms.length).toBeGreaterThanOrEqual(6);
  expect(PAGE_ROUTES.filter(({ access, method }) => access === 'anybody' && method !== 'GET')).toEqual([]);
});

test.each(forms.map(({ path }) => path))('looking at %s does nothing', async (path) => {
  const visitor = await visitorAs(OWNER);
  await visitor.get(path);
  expect(asked).toEqual([]);
  expect((await visitor.get('/billing')).status).toBe(200);
});

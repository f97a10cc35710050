import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../../../tests/support/api.ts';
import { makeAccount, subscribe } from '../../../../tests/support/fixtures.ts';
import { heading, redirect, type Shown, Visitor } from '../../../../tests/support/visitor.ts';
import { ALL_SCOPES } from '../../contract/index.ts';
import { newId } from '../../core/ids.ts';
import { type NewCheckout, type Payments, PaymentsError } from '../../ports/index.ts';

/** What was asked of Stripe: with the same key it is the same page. */
const checkouts = new Map<string, NewCheckout>();
let failure: PaymentsError | undefined;
const payments: Partial<Payments> = {
  createCustomer: async ({ accountId }) => `cus_${accountId}`,
  async createCheckout(checkout, key) {
    if (failure) throw failure;
    checkouts.set(key, checkout);
    const number = [...checkouts.keys()].indexOf(key);
    return {
      id: `cs_${number}`,
      status: 'open',
      url: `https://checkout.stripe.com/c/${number}`,
      expiresAt: new Date(Date.now() + 3_600_000),
      customerId: checkout.customerId,
      accountId: checkout.accountId,
    };
  },
  expireCheckout: async () => undefined,
  async upgrade() {
    if (failure) throw failure;
  },
  setCancelAtPeriodEnd: async () => undefined,
};

let api: TestApi;
let superuser: pg.Client;
beforeAll(async () => {
  api = await startTestApi({
    scopes: [...ALL_SCOPES],
    // No token can have a bar.
    who: (token) => ({ subject: token.replace('-', '|'), expiresAt: new Date(Date.now() + 3_600_000) }),
    // The methods that pages lead to.
    payments: payments as Payments,
  });
  superuser = new pg.Client(api.database.superuserUrl);
  await superuser.connect();
});
afterAll(async () => {
  await superuser.end();
  await api.close();
});

let principal: string;
let account: string;
let visitor: Visitor;
beforeEach(async () => {
  checkouts.clear();
  failure = undefined;
  principal = `auth0|${newId('mem')}`;
  account = await makeAccount(api.store, principal);
  visitor = await visitorAs(principal);
});

async function visitorAs(subject: string): Promise<Visitor> {
  const made = new Visitor(api.url);
  const login = {
    subject,
    accessToken: subject.replace('|', '-'),
    idToken: 'id',
    name: null,
    refreshToken: null,
  };
  made.jar.set(
    '__Host-stager_session',
    await api.pages.sessions.open(login, { requestId: 'test', ip: '::1' }),
  );
  await made.get('/billing/logout');
  await made.get('/billing');
  return made;
}

/** As `stager billing checkout` asks for it; without the origin. */
async function link(plan: string, key = newId('att')): Promise<string> {
  const response = await fetch(`${api.url}/v1/billing/checkout`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${principal.replace('|', '-')}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify({ plan }),
  });
  expect(response.status).toBe(201);
  // The contract's own check of answers is on.
  const { url, expiresAt } = (await response.json()) as { url: string; expiresAt: string };
  expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now() + 25 * 60_000);
  return url.slice(api.url.length);
}

/** The fields of the form of a page that leads to `/billing/buy`. */
function fieldsOf({ text }: Shown): Record<string, string> {
  const [, form = ''] = /<form method="post" action="\/billing\/buy">([\s\S]*?)<\/form>/.exec(text) ?? [];
  const inputs = form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g);
  return Object.fromEntries([...inputs].map(([, name = '', value = '']) => [name, value]));
}

async function told(answer: Promise<Shown>): Promise<[number, string]> {
  const shown = await answer;
  return [shown.status, heading(shown)];
}

describe('a link from the terminal', () => {
  test('carries plan and account, and nobody’s identity', async () => {
    const path = await link('pro');
    expect(path).toMatch(
      new RegExp(`^/billing/checkout\\?ticket=tkt_[0-9a-z]{26}\\.${account}\\.[\\w-]{43}$`),
    );
    expect(redirect(await new Visitor(api.url).get(path))).toContain('/billing/login?return=');
  });

  test('is the same one for the same key', async () => {
    const key = newId('att');
    expect(await link('pro', key)).toBe(await link('pro', key));
  });

  test('may be looked at as often as one likes, by anybody and any program', async () => {
    const path = await link('pro');
    for (let i = 0; i < 3; i++) {
      await new Visitor(api.url).get(path);
      const page = await visitor.get(path);
      expect([page.status, heading(page)]).toEqual([200, 'Buy Pro']);
      expect(page.text).toContain('For the account <strong>Test</strong>');
      expect(page.text).toContain('$29 a month');
    }
    expect(checkouts.size).toBe(0);
    expect(redirect(await visitor.post('/billing/buy', fieldsOf(await visitor.get(path))))).toContain(
      'stripe.com',
    );
  });

  test('leads to Stripe, for this plan and account, and back to us', async () => {
    const fields = fieldsOf(await visitor.get(await link('business')));
    expect(redirect(await visitor.post('/billing/buy', fields))).toBe('https://checkout.stripe.com/c/0');
    expect([...checkouts.values()]).toEqual([
      {
        accountId: account,
        customerId: `cus_${account}`,
        plan: 'business',
        successUrl: `${api.url}/billing/success?plan=business`,
        cancelUrl: `${api.url}/billing/canceled?plan=business`,
      },
    ]);
  });

  test('that is clicked twice pays once', async () => {
    const fields = fieldsOf(await visitor.get(await link('pro')));
    const answers = await Promise.all([1, 2, 3].map(() => visitor.post('/billing/buy', fields)));
    expect(new Set(answers.map(redirect))).toEqual(new Set(['https://checkout.stripe.com/c/0']));
    expect(checkouts.size).toBe(1);
  });

  test('says the plan itself, whatever the form says', async () => {
    const fields = fieldsOf(await visitor.get(await link('pro')));
    await visitor.post('/billing/buy', { ...fields, plan: 'business' });
    expect([...checkouts.values()][0]?.plan).toBe('pro');
  });

  test('that was used says so, and how to go on', async () => {
    const path = await link('pro');
    const fields = fieldsOf(await visitor.get(path));
    await visitor.post('/billing/buy', fields);
    const page = await visitor.get(path);
    expect([page.status, heading(page)]).toEqual([410, 'This link was used already']);
    expect(page.text).toContain('href="/billing/checkout?plan=pro"');
    // Another owner of the account does not go on with it either, nor its user a quarter of an hour later.
    const other = `auth0|${newId('mem')}`;
    await api.store.read.members.add(account, { id: newId('mem'), principal: other, role: 'owner' });
    const theirs = await visitorAs(other);
    const { csrf: _, ...rest } = fields;
    expect(await told(theirs.post('/billing/buy', rest))).toEqual([410, 'This link was used already']);
    await superuser.query(`UPDATE checkout_tickets SET used_at = used_at - interval '15 minutes'`);
    expect(await told(visitor.post('/billing/buy', fields))).toEqual([410, 'This link was used already']);
    expect(checkouts.size).toBe(1);
  });

  test('that was used and has done its work says that the plan is active', async () => {
    const path = await link('pro');
    await visitor.post('/billing/buy', fieldsOf(await visitor.get(path)));
    await subscribe(api.database, account, 'pro');
    expect(await told(visitor.get(path))).toEqual([200, 'Pro is active']);
  });

  test('that has expired says so, and buys nothing', async () => {
    const path = await link('pro');
    const fields = fieldsOf(await visitor.get(path));
    await superuser.query('UPDATE checkout_tickets SET expires_at = now() WHERE account_id = $1', [account]);
    for (const answer of [visitor.get(path), visitor.post('/billing/buy', fields)]) {
      expect(await told(answer)).toEqual([410, 'This link has expired']);
    }
    expect(checkouts.size).toBe(0);
  });

  test('of another account is refused, and says which one it is for and how to go on', async () => {
    const path = await link('pro');
    const fields = fieldsOf(await visitor.get(path));
    const stranger = `auth0|${newId('mem')}`;
    const theirs = await makeAccount(api.store, stranger);
    const other = await visitorAs(stranger);
    const page = await other.get(path);
    expect([page.status, heading(page)]).toEqual([403, 'This link is for another account']);
    for (const named of [account, theirs]) expect(page.text).toContain(named);
    expect(page.text).toContain('&amp;as=other');
    const { csrf: _, ...rest } = fields;
    expect(await told(other.post('/billing/buy', rest))).toEqual([403, 'This link is for another account']);
    expect(checkouts.size).toBe(0);
    // It is as good as before for whom it is for.
    expect(await told(visitor.get(path))).toEqual([200, 'Buy Pro']);
  });

  test.each([
    ['cut off', (path: string) => path.slice(0, -4)],
    ['for another account', (path: string) => path.replace(/acc_\w{26}/, newId('acc'))],
    ['made up', () => '/billing/checkout?ticket=tkt_1.acc_2.x'],
    ['empty', () => '/billing/checkout?ticket='],
  ])('that is %s is not ours', async (_how, change) => {
    expect(await told(visitor.get(change(await link('pro'))))).toEqual([404, 'This link is not whole']);
  });
});

describe('buying', () => {
  const order = async (plan: string) => fieldsOf(await visitor.get(`/billing/checkout?plan=${plan}`));

  test('goes on when Stripe does not answer, and charges nobody twice', async () => {
    failure = new PaymentsError('unavailable', 'no answer');
    const fields = await order('pro');
    const down = await visitor.post('/billing/buy', fields);
    expect([down.status, heading(down)]).toEqual([503, 'Stripe does not answer']);
    expect(down.headers.get('retry-after')).toBe('5');
    failure = undefined;
    expect(redirect(await visitor.post('/billing/buy', fields))).toBe('https://checkout.stripe.com/c/0');
    expect(checkouts.size).toBe(1);
  });

  test.each([
    ['declined', 402, 'The payment did not go through'],
    ['refused', 409, 'That is not possible now'],
    ['misconfigured', 503, 'Payments are not set up'],
  ] as const)('that is %s is told, and the plan is as it was', async (code, status, title) => {
    await subscribe(api.database, account, 'pro');
    failure = new PaymentsError(code, 'secret words of Stripe');
    const answer = await visitor.post('/billing/buy', await order('business'));
    expect([answer.status, heading(answer)]).toEqual([status, title]);
    expect(answer.text).not.toContain('secret words');
    expect((await visitor.get('/billing')).text).toMatch(/tier current[\s\S]*?<h3>Pro<\/h3>/);
  });

  test('takes no name of a purchase from an address, which anybody can write', async () => {
    const planted = newId('att');
    const page = await visitor.get(`/billing/checkout?plan=pro&attempt=${planted}`);
    expect(fieldsOf(page)['attempt']).toMatch(/^att_/);
    expect(fieldsOf(page)['attempt']).not.toBe(planted);
  });

  test('is told to a member who may not, with the account and the way to be somebody else', async () => {
    const member = `auth0|${newId('mem')}`;
    await api.store.read.members.add(account, { id: newId('mem'), principal: member, role: 'member' });
    const page = await (await visitorAs(member)).get('/billing/checkout?plan=pro');
    expect([page.status, heading(page)]).toEqual([403, 'That is not possible']);
    expect(page.text).toContain(account);
    expect(page.text).toContain(
      'href="/billing/login?return=%2Fbilling%2Fcheckout%3Fplan%3Dpro&amp;as=other"',
    );
  });

  test('a larger plan says what is charged now, and changes the plan that is there', async () => {
    await subscribe(api.database, account, 'pro');
    const page = await visitor.get('/billing/checkout?plan=business');
    expect(heading(page)).toBe('Change to Business');
    expect(page.text).toContain('Your card is charged now');
    expect(page.text).not.toContain('above its limit');
    expect(redirect(await visitor.post('/billing/buy', fieldsOf(page)))).toBe(
      '/billing/success?plan=business',
    );
    expect(checkouts.size).toBe(0);
  });

  test('a larger plan says that images above the limit are paid with it', async () => {
    await subscribe(api.database, account, 'pro');
    await superuser.query(
      `INSERT INTO usage_periods (account_id, period_start, period_end, units, overage)
       SELECT account_id, period_start, period_end, 103, 3 FROM subscriptions WHERE account_id = $1`,
      [account],
    );
    expect((await visitor.get('/billing/checkout?plan=business')).text).toContain(
      'less what is left of Pro, and for 3 images above its limit.',
    );
  });

  test('a plan that was canceled is kept by buying it again, and nothing is charged', async () => {
    await subscribe(api.database, account, 'pro', { cancelAtPeriodEnd: true });
    const page = await visitor.get('/billing/checkout?plan=pro');
    expect(heading(page)).toBe('Keep Pro');
    expect(page.text).toContain('nothing is charged now');
    expect(redirect(await visitor.post('/billing/buy', fieldsOf(page)))).toBe('/billing/success?plan=pro');
    expect(checkouts.size).toBe(0);
  });

  test.each(['pro', 'business'])('%s while an invoice is open leads to paying that', async (plan) => {
    await subscribe(api.database, account, 'pro', { status: 'past_due' });
    const lastWeek = `UPDATE subscriptions SET past_due_since = now() - interval '8 days' WHERE account_id = $1`;
    for (const grace of ['', lastWeek]) {
      if (grace) await superuser.query(grace, [account]);
      const page = await visitor.get(`/billing/checkout?plan=${plan}`);
      expect([page.status, heading(page)]).toEqual([409, 'Pro is not paid']);
      expect(page.text).toMatch(/action="\/billing\/portal"[\s\S]*Pay the invoice/);
      const sent = await visitor.post('/billing/buy', { plan });
      expect([sent.status, heading(sent)]).toEqual([409, 'Pro is not paid']);
      const { text } = await visitor.get('/billing');
      expect(text).toContain('>Payment failed</span>');
      expect(text).toContain('Pay the invoice');
      expect(text).not.toContain('href="/billing/checkout');
    }
    expect((await visitor.get('/billing/cancel')).text).toContain('stays to be paid');
    expect(checkouts.size).toBe(0);
  });

  test.each(['free', 'dev', 'gold', ''])('the plan %j leads to those that there are', async (plan) => {
    expect(redirect(await visitor.get(`/billing/checkout?plan=${plan}`))).toBe('/billing#plans');
    expect(redirect(await visitor.post('/billing/buy', { plan }))).toBe('/billing#plans');
  });
});

describe('coming back from Stripe', () => {
  test('waits for its word without a script, and not for ever', async () => {
    const first = await visitor.get('/billing/success?plan=pro');
    expect(first.headers.get('refresh')).toBe('2; url=/billing/success?plan=pro&look=1');
    expect(first.text).toContain('aria-busy="true"');
    const later = await visitor.get('/billing/success?plan=pro&look=8');
    expect(later.headers.get('refresh')).toBe('16; url=/billing/success?plan=pro&look=9');
    expect(later.text).toContain('You need not stay');
    const last = await visitor.get('/billing/success?plan=pro&look=18');
    expect(last.headers.get('refresh')).toBeNull();
    expect(last.text).toContain('Please do not pay again');
    expect(last.text).not.toContain('<script');
    for (const odd of ['-1', 'x', '1e999', '9999']) {
      expect((await visitor.get(`/billing/success?plan=pro&look=${odd}`)).status).toBe(200);
    }
  });

  test('with a script stays, asks how it is, and loads nothing but that script', async () => {
    const { text, headers } = await visitor.get('/billing/success?plan=pro&live=1');
    expect(headers.get('refresh')).toBeNull();
    const [, src = ''] = /<script src="([^"]+)"><\/script>/.exec(text) ?? [];
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain(`; script-src ${api.url}${src}; connect-src ${api.url}/billing/state`);
    expect(policy).toMatch(/^default-src 'none'/);
    expect(policy).not.toContain('unsafe');
    const script = await visitor.get(src);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(script.text).toContain('/billing/state');
    const state = async (look: number) =>
      JSON.parse((await visitor.get(`/billing/state?plan=pro&look=${look}`)).text);
    expect(await state(0)).toEqual({
      done: false,
      seconds: 2,
      words: expect.stringContaining('waiting for Stripe'),
    });
    expect(await state(7)).toMatchObject({ done: false, words: expect.stringContaining('need not stay') });
    expect(await state(18)).toEqual({ done: true });
    await subscribe(api.database, account, 'pro');
    expect(await state(1)).toEqual({ done: true });
    // Also to somebody who is not logged in any more, it says nothing.
    const nobody = await new Visitor(api.url).get('/billing/state?plan=pro');
    expect([nobody.status, nobody.text]).toEqual([303, '']);
  });

  test('says that the plan is active as soon as it is', async () => {
    await subscribe(api.database, account, 'pro');
    const page = await visitor.get('/billing/success?plan=pro&look=3');
    expect([heading(page), page.headers.get('refresh')]).toEqual(['Pro is active', null]);
  });

  test('without having paid loses nothing', async () => {
    const page = await visitor.get('/billing/canceled?plan=business');
    expect(heading(page)).toBe('You have not paid');
    expect(page.text).toContain('href="/billing/checkout?plan=business"');
    expect(await told(visitor.get('/billing/checkout?plan=business'))).toEqual([200, 'Buy Business']);
  });
});

describe('the overview', () => {
  test('shows account, plan, usage and what can be done', async () => {
    await subscribe(api.database, account, 'pro');
    const { text } = await visitor.get('/billing');
    expect(text).toContain('Account <strong>Test</strong>');
    expect(text).toMatch(/tier current" aria-current="true"[\s\S]*?<h3>Pro<\/h3>/);
    expect(text).toContain('role="img" aria-label="0 images used of 100"');
    for (const action of ['portal', 'pay-as-you-go', 'logout'])
      expect(text).toContain(`action="/billing/${action}`);
    expect(text).toContain('href="/billing/cancel"');
  });

  test.each([
    [{ cancelAtPeriodEnd: true }, 'Canceled', 'action="/billing/resume"'],
    [{ status: 'past_due' }, 'Payment failed', 'action="/billing/portal"'],
  ])('of %j says so, and shows the way out', async (wish, badge, wayOut) => {
    await subscribe(api.database, account, 'pro', wish);
    const { text } = await visitor.get('/billing');
    expect(text).toContain(`>${badge}</span>`);
    expect(text).toContain(wayOut);
  });

  test('shows what Stripe has accepted at once, before it tells of it', async () => {
    await subscribe(api.database, account, 'pro');
    const badge = async () => /class="badge[^"]*">([^<]+)</.exec((await visitor.get('/billing')).text)?.[1];
    expect(await badge()).toBe('Active');
    expect(redirect(await visitor.post('/billing/cancel'))).toBe('/billing?done=canceled');
    expect(await badge()).toBe('Canceled');
    expect(redirect(await visitor.post('/billing/resume'))).toBe('/billing?done=resumed');
    expect(await badge()).toBe('Active');
    // What it tells afterwards is what counts.
    await superuser.query(
      'UPDATE subscriptions SET cancel_at_period_end = true, synced_at = clock_timestamp() WHERE account_id = $1',
      [account],
    );
    expect(await badge()).toBe('Canceled');
  });

  test('says until when a plan holds that was not paid, and what is then', async () => {
    await subscribe(api.database, account, 'pro', { status: 'past_due' });
    expect((await visitor.get('/billing')).text).toMatch(
      /if nothing is paid by \d+ \w+ \d{4} at \d\d:\d\d UTC, the account is on the plan \w+ from then on/,
    );
  });

  test('sells nobody less than what they are given', async () => {
    const offers = async () => (await visitor.get('/billing')).text.match(/checkout\?plan=\w+/g) ?? [];
    await superuser.query(`UPDATE accounts SET plan = 'free' WHERE id = $1`, [account]);
    expect(await offers()).toEqual(['checkout?plan=pro', 'checkout?plan=business']);
    await superuser.query(`UPDATE accounts SET plan = 'pro' WHERE id = $1`, [account]);
    expect(await offers()).toEqual(['checkout?plan=business']);
    await superuser.query(`UPDATE accounts SET plan = 'business' WHERE id = $1`, [account]);
    expect(await offers()).toEqual([]);
    // Nor what has no bill to be put on; and what is given has no price.
    const { text } = await visitor.get('/billing');
    expect(text).not.toContain('pay-as-you-go');
    expect(text).toMatch(/<p class="figure">Business <\/p>/);
  });

  test('shows a member everything, and nothing to press', async () => {
    const member = `auth0|${newId('mem')}`;
    await api.store.read.members.add(account, { id: newId('mem'), principal: member, role: 'member' });
    await subscribe(api.database, account, 'pro');
    const { text } = await (await visitorAs(member)).get('/billing');
    expect(text).toContain('Owners of the account change the plan');
    expect([...text.matchAll(/<form[^>]* action="([^"]+)"/g)].map(([, action]) => action)).toEqual([
      '/billing/logout',
    ]);
  });

  test('says beside the field what is wrong with it, and keeps what was typed', async () => {
    await subscribe(api.database, account, 'pro');
    for (const cap of ['0', '-3', '1.5', '1.000', '1,5', '1e3', '0x10', 'many', '1000001', '"><script>']) {
      const { status, text } = await visitor.post('/billing/pay-as-you-go', { enabled: 'on', cap });
      expect(status).toBe(422);
      expect(text).toContain('aria-describedby="cap-error cap-hint" aria-invalid="true" autofocus');
      expect(text).toContain('<title>Error: Plan and usage');
      expect(text).toContain(
        `value="${cap.replace('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}"`,
      );
      expect(text).toMatch(/value="on" checked/);
    }
    const saved = await visitor.post('/billing/pay-as-you-go', { enabled: 'on', cap: ' 1,000 ' });
    expect(redirect(saved)).toBe('/billing?done=saved');
    expect((await visitor.get('/billing?done=saved')).text).toContain('value="1000"');
  });

  test('tells what was done, in its own words alone, and not to who came by a link of somebody else', async () => {
    for (const site of ['none', 'cross-site', 'same-site']) {
      const { text } = await visitor.get('/billing?done=canceled', { 'sec-fetch-site': site });
      expect(text).not.toContain('Your plan is canceled');
    }
    const own = await visitor.get('/billing?done=canceled', { 'sec-fetch-site': 'same-origin' });
    expect(own.text).toContain('Your plan is canceled');
    expect((await visitor.get('/billing?done=canceled')).text).toContain('Your plan is canceled');
    for (const odd of ['<b>', 'toString', '__proto__']) {
      expect((await visitor.get(`/billing?done=${encodeURIComponent(odd)}`)).text).not.toContain(
        'role="status"',
      );
    }
  });

  test('escapes what people have named', async () => {
    await superuser.query(`UPDATE accounts SET name = '<script>alert(1)</script>' WHERE id = $1`, [account]);
    const shown = async (path: string) => (await visitor.get(path)).text;
    for (const path of ['/billing', '/billing/checkout?plan=pro', '/billing/canceled?plan=pro']) {
      await expect.poll(() => shown(path)).toContain('&lt;script&gt;alert(1)');
      expect(await shown(path)).not.toContain('<script');
    }
  });

  test('of a suspended account is not shown, within seconds', async () => {
    await superuser.query('UPDATE accounts SET suspended_at = now() WHERE id = $1', [account]);
    await expect.poll(() => told(visitor.get('/billing'))).toEqual([403, 'The account is suspended']);
  });
});

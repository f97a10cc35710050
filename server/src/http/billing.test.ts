import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../../tests/support/api.ts';
import { addSubscription, makeAccount } from '../../../tests/support/fixtures.ts';
import { type Client, createClient } from '../../../tests/support/http.ts';
import { ALL_SCOPES } from '../contract/index.ts';
import { plansWith } from '../core/billing/plans.ts';
import { newId } from '../core/ids.ts';

let api: TestApi;
let account: string;
let round = 0;

beforeAll(async () => {
  api = await startTestApi({
    who: (token) => ({ subject: `auth0|${token}`, expiresAt: new Date(Date.now() + 600_000) }),
    scopes: ALL_SCOPES,
    settings: { plans: plansWith({ pro: { limit: 40 } }) },
  });
});
beforeEach(async () => {
  round += 1;
  account = await makeAccount(api.store, `auth0|ann-${round}`, 'free');
});
afterAll(() => api.close());

const ann = (): Client => createClient(api.url, `ann-${round}`);

test('anybody may see the plans, with the numbers of this installation', async () => {
  const plans = await createClient(api.url).get('/v1/billing/plans');
  expect(plans.status).toBe(200);
  expect(plans.body.items.map(({ id, limit }: { id: string; limit: number }) => [id, limit])).toEqual([
    ['free', 10],
    ['pro', 40],
    ['business', 500],
  ]);
});

test('an account without a subscription is on its base plan, by calendar month', async () => {
  const { body } = await ann().get('/v1/billing');
  const now = new Date();
  const month = (offset: number) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset)).toISOString();
  expect(body).toMatchObject({
    plan: { id: 'free', limit: 10 },
    basePlan: 'free',
    subscription: null,
    unpaidPlan: null,
    period: { start: month(0), end: month(1) },
    used: 0,
    reserved: 0,
    overage: 0,
    remaining: 10,
    payAsYouGo: { offered: false, enabled: false, cap: null },
  });
});

test('a subscription in force gives plan and period, and says how long its grace is', async () => {
  const since = new Date(Date.now() - 1_000);
  const { periodStart, periodEnd } = await addSubscription(api.database, account, {
    status: 'past_due',
    pastDueSince: since,
  });
  const { body } = await ann().get('/v1/billing');
  const period = { start: periodStart.toISOString(), end: periodEnd.toISOString() };
  expect(body).toMatchObject({
    plan: { id: 'pro', limit: 40 },
    basePlan: 'free',
    subscription: {
      plan: 'pro',
      status: 'past_due',
      period,
      graceEndsAt: new Date(since.getTime() + 7 * 86_400_000).toISOString(),
    },
    period,
    remaining: 40,
    payAsYouGo: { offered: true, enabled: false },
  });
});

test.each(['past_due', 'unpaid'] as const)(
  'a plan that is %s, its grace over, is named as one that waits to be paid',
  async (status) => {
    const pastDueSince = new Date(Date.now() - 8 * 86_400_000);
    await addSubscription(api.database, account, { status, pastDueSince });
    expect((await ann().get('/v1/billing')).body).toMatchObject({
      plan: { id: 'free' },
      subscription: null,
      unpaidPlan: 'pro',
    });
  },
);

describe('pay-as-you-go', () => {
  const switchTo = (payAsYouGo: unknown, who = ann()) => who.patch('/v1/billing', { payAsYouGo });

  test('is not for a plan that does not offer it', async () => {
    const answer = await switchTo({ enabled: true });
    expect([answer.status, answer.body.code]).toEqual([409, 'invalid_state']);
    expect((await ann().get('/v1/billing')).body.payAsYouGo.enabled).toBe(false);
  });

  test('adds its cap to what is left, and keeps the cap when it is switched', async () => {
    await addSubscription(api.database, account);
    expect((await switchTo({ enabled: true, cap: 5 })).body).toMatchObject({
      remaining: 45,
      payAsYouGo: { enabled: true, cap: 5 },
    });
    expect((await switchTo({ enabled: false })).body).toMatchObject({
      remaining: 40,
      payAsYouGo: { enabled: false, cap: 5 },
    });
    expect((await switchTo({ enabled: true })).body.payAsYouGo).toMatchObject({ enabled: true, cap: 5 });
    expect((await switchTo({ enabled: true, cap: null })).body.remaining).toBeNull();
  });

  test('a member may look, an owner may change', async () => {
    await addSubscription(api.database, account);
    const principal = `auth0|bob-${round}`;
    await api.store.read.members.add(account, { id: newId('mem'), principal, role: 'member' });
    const bob = createClient(api.url, `bob-${round}`);
    expect((await bob.get('/v1/billing')).status).toBe(200);
    const answer = await switchTo({ enabled: true }, bob);
    expect([answer.status, answer.body.code]).toEqual([403, 'role_required']);
  });
});

test('an account that has made nothing has no usage, and a foreign cursor is refused', async () => {
  const { body } = await ann().get('/v1/billing/usage');
  expect(body).toMatchObject({ items: [], nextCursor: null });
  const wrong = await ann().get(`/v1/billing/usage?cursor=${Buffer.from('1:img_x').toString('base64url')}`);
  expect([wrong.status, wrong.body.code]).toEqual([400, 'cursor_invalid']);
});

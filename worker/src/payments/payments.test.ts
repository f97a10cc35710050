import { startCheckout } from '@stager/server/core/billing/purchases/checkout';
import { createPostgresPaymentJobs } from '@stager/server/infra/postgres/index';
import { createWebhookVerifier } from '@stager/server/infra/stripe/webhook';
import type { PaymentJobs } from '@stager/server/ports';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../../tests/support/api.ts';
import { makeAccount } from '../../../tests/support/fixtures.ts';
import { createClient } from '../../../tests/support/http.ts';
import { eventOf, signed } from '../../../tests/support/stripeEvents.ts';
import { createStripeSim, type StripeSim } from '../../../tests/support/stripeSim.ts';
import { createPaymentsWorker, type PaymentsWorker } from './payments.ts';

const GRACE_MS = 2 * 86_400_000;
const SECRET = 'whsec_test_0123456789abcdef';

let api: TestApi;
let jobs: PaymentJobs;
let superuser: pg.Client;
let sim: StripeSim;
let worker: PaymentsWorker;
let account: string;
let round = 0;
let lines: { level: string; message: string; fields: object }[];

beforeAll(async () => {
  api = await startTestApi({
    who: (token) => ({ subject: `auth0|${token}`, expiresAt: new Date(Date.now() + 600_000) }),
    scopes: ['billing:read', 'billing:write', 'images:read'],
    verifyWebhook: createWebhookVerifier([SECRET]),
  });
  jobs = createPostgresPaymentJobs({ url: api.database.workerUrl, pool: 5 });
  superuser = new pg.Client(api.database.superuserUrl);
  await superuser.connect();
});
beforeEach(async () => {
  round += 1;
  lines = [];
  sim = createStripeSim();
  account = await makeAccount(api.store, `auth0|ann-${round}`, 'free');
  const write = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  const log = { info: write('info'), warn: write('warn'), error: write('error') };
  worker = createPaymentsWorker({
    jobs,
    payments: sim.payments,
    log,
    kick: () => undefined,
    graceMs: GRACE_MS,
  });
});
afterEach(() => worker.stop());
afterAll(async () => {
  await Promise.all([jobs.close(), superuser.end()]);
  await api.close();
});

const ann = () => createClient(api.url, `ann-${round}`);

async function tell(type: string, object: object): Promise<void> {
  const body = eventOf(`evt_${round}_${Math.random()}`.replace('0.', ''), type, object);
  const sent = { method: 'POST', body, headers: signed(body, SECRET) };
  expect((await fetch(`${api.url}/v1/webhooks/stripe`, sent)).status).toBe(200);
}

async function buy(plan: 'pro' | 'business'): Promise<{ session: string; customer: string }> {
  const caller = { accountId: account, principal: `auth0|ann-${round}`, role: 'owner' } as const;
  const session = await startCheckout(
    {
      store: api.store.account(account),
      payments: sim.payments,
      caller,
      credential: { kind: 'login', id: 'web' },
      requestId: 'r',
      now: new Date(),
    },
    {
      plan,
      ref: `ticket-${round}`,
      successUrl: 'https://stager.example/',
      cancelUrl: 'https://stager.example/',
    },
  );
  return { session: session.id, customer: session.customerId ?? '' };
}

async function addMeter(entry: string, delivered = new Date()): Promise<void> {
  await superuser.query(`INSERT INTO meter_events (account_id, entry_id, delivered_at) VALUES ($1, $2, $3)`, [
    account,
    entry,
    delivered,
  ]);
}

async function meters(): Promise<unknown[]> {
  const { rows } = await superuser.query<{ line: string }>(
    `SELECT state || coalesce(': ' || detail, '') AS line FROM meter_events WHERE account_id = $1 ORDER BY entry_id`,
    [account],
  );
  return rows.map(({ line }) => line);
}

test('success: handles checkout session', async () => {
  worker.start();
  const { session, customer } = await buy('pro');
  expect((await ann().get('/v1/billing')).body.plan.id).toBe('free');
  const paid = sim.pay(session);
  await tell('checkout.session.completed', { id: session, object: 'checkout.session', customer });
  await expect.poll(async () => (await ann().get('/v1/billing')).body.plan.id).toBe('pro');
  expect((await ann().get('/v1/billing')).body).toMatchObject({
    basePlan: 'free',
    plan: { id: 'pro', limit: 100 },
    subscription: { plan: 'pro', status: 'active', cancelAtPeriodEnd: false },
    period: { start: paid.periodStart.toISOString(), end: paid.periodEnd.toISOString() },
  });
  const events = await api.store.read.events.read(account, {}, 0, 10, 10);
  expect(events.map(({ data }) => data)).toMatchObject([
    { type: 'billing.plan_changed', plan: 'pro', previousPlan: 'free' },
  ]);
});

test('what was told while no worker was there is handled when one comes', async () => {
  const { session, customer } = await buy('business');
  sim.pay(session);
  await tell('checkout.session.completed', { id: session, object: 'checkout.session', customer });
  await superuser.query(`DELETE FROM outbox WHERE kind = 'stripe'`);
  worker.start();
  await expect.poll(async () => (await ann().get('/v1/billing')).body.plan.id).toBe('business');
});

describe('an image above the limit', () => {
  test('is reported once, under its entry of the ledger', async () => {
    const { customer } = await buy('pro');
    const delivered = new Date(Date.now() - 60_000);
    await addMeter('led_1', delivered);
    worker.start();
    await expect.poll(meters).toEqual(['sent']);
    expect(sim.meters).toEqual([{ entryId: 'led_1', customerId: customer, deliveredAt: delivered }]);
    await superuser.query(`UPDATE meter_events SET state = 'due', due_at = now() WHERE account_id = $1`, [
      account,
    ]);
    await expect.poll(meters).toEqual(['sent']);
    expect(sim.meters).toHaveLength(1);
  });

  test('is reported again when Stripe did not answer, until it has', async () => {
    await buy('pro');
    sim.loseAnswer = (method) => method === 'reportImage';
    await addMeter('led_2');
    worker.start();
    await expect.poll(meters).toEqual([expect.stringMatching(/^due: PaymentsError/)]);
    sim.loseAnswer = () => false;
    await superuser.query(`UPDATE meter_events SET due_at = now() WHERE account_id = $1`, [account]);
    await expect.poll(meters).toEqual(['sent']);
    expect(sim.calls.filter((call) => call === 'reportImage').length).toBeGreaterThan(1);
    expect(sim.meters).toHaveLength(1);
  });

  test('of an account without a customer waits until it has one', async () => {
    await addMeter('led_3');
    worker.start();
    await expect.poll(meters).toEqual(['due: the account has no customer at Stripe']);
    await expect.poll(() => lines).toContainEqual(expect.objectContaining({ level: 'warn' }));
    const { customer } = await buy('pro');
    await superuser.query(`UPDATE meter_events SET due_at = now() WHERE account_id = $1`, [account]);
    await expect.poll(meters).toEqual(['sent']);
    expect(sim.meters).toMatchObject([{ entryId: 'led_3', customerId: customer }]);
  });

  test('that was delivered too long ago for Stripe is parked', async () => {
    await buy('pro');
    await addMeter('led_4', new Date(Date.now() - 35 * 86_400_000));
    worker.start();
    await expect.poll(meters).toEqual(['parked: it was delivered longer ago than Stripe accepts']);
    expect(sim.meters).toEqual([]);
  });
});

test('a grace that is over ends the plan without anybody asking', async () => {
  const { session, customer } = await buy('pro');
  const { id } = sim.pay(session);
  sim.set(customer, { id, status: 'past_due', pastDueSince: new Date() });
  await tell('invoice.payment_failed', { id: 'in_1', object: 'invoice', customer });
  worker.start();
  const plans = async () => {
    const told = await superuser.query<{ plan: string }>(
      `SELECT data->>'plan' AS plan FROM events WHERE account_id = $1 ORDER BY seq`,
      [account],
    );
    return told.rows.map(({ plan }) => plan);
  };
  await expect.poll(plans).toEqual(['pro']);
  const ends = new Date();
  await superuser.query('UPDATE subscriptions SET grace_ends_at = $2 WHERE account_id = $1', [account, ends]);
  await superuser.query('UPDATE billing_accounts SET plan_ends_at = $2 WHERE account_id = $1', [
    account,
    ends,
  ]);
  await expect.poll(plans).toEqual(['pro', 'free']);
  expect((await ann().get('/v1/billing')).body).toMatchObject({ plan: { id: 'free' }, subscription: null });
});

test('once a day, one worker compares, and what differs is kept and logged', async () => {
  const { session } = await buy('pro');
  const paid = sim.pay(session);
  sim.set(paid.customerId, { id: paid.id, createdAt: new Date(Date.now() - 3_600_000) });
  await superuser.query('DELETE FROM subscriptions');
  await superuser.query('DELETE FROM stripe_checks');
  worker.start();
  const checks = async () => (await superuser.query('SELECT compared, drift FROM stripe_checks')).rows;
  const customers = [paid.customerId];
  const drift = [{ kind: 'missing_here', subscriptionId: paid.id, accountId: null, customers, fields: [] }];
  await expect.poll(checks).toEqual([{ compared: 1, drift }]);
  await expect
    .poll(() => lines)
    .toContainEqual(expect.objectContaining({ level: 'error', fields: drift[0] }));
  const { stop, start } = createPaymentsWorker({
    jobs,
    payments: sim.payments,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    kick: () => undefined,
    graceMs: GRACE_MS,
  });
  start();
  await stop();
  expect(await checks()).toHaveLength(1);
});

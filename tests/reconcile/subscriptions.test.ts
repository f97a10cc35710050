import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { subscriptionsAt } from '../../server/src/core/reconcile/index.ts';
import { createPostgresPaymentJobs } from '../../server/src/infra/postgres/index.ts';
import { type PaymentJobs, PaymentsError } from '../../server/src/ports/index.ts';
import { createStripeSim, type StripeSim } from '../support/stripeSim.ts';
import { nameOf, type Rig, type Scanned, startRig } from './rig.ts';

const DAY_MS = 24 * 60 * 60_000;
const CUSTOMER = 'cus_elm';
let rig: Rig;
let jobs: PaymentJobs;
let stripe: StripeSim;
beforeAll(async () => {
  rig = await startRig();
  jobs = createPostgresPaymentJobs({ url: rig.workerUrl, pool: 2 });
});
afterAll(async () => {
  await jobs.close();
  await rig.close();
});
/** The same three subscriptions here and there. */
beforeEach(async () => {
  await rig.clear();
  await rig.sql('TRUNCATE billing_accounts, subscriptions CASCADE');
  stripe = createStripeSim();
  stripe.addCustomer(CUSTOMER, rig.owner);
  for (const id of ['sub_1', 'sub_2', 'sub_3'])
    stripe.set(CUSTOMER, { id, createdAt: new Date(Date.now() - DAY_MS) });
  await rig.sql('INSERT INTO billing_accounts (account_id, customer_id) VALUES ($1, $2)', [
    rig.owner,
    CUSTOMER,
  ]);
  for (const { id, periodStart, periodEnd } of stripe.customers.get(CUSTOMER)?.subscriptions ?? [])
    await rig.sql(
      `INSERT INTO subscriptions (account_id, id, plan, status, period_start, period_end, synced_at)
       VALUES ($1, $2, 'pro', 'active', $3, $4, now())`,
      [rig.owner, id, periodStart, periodEnd],
    );
});

const deps = () => ({
  subscriptions: subscriptionsAt(jobs, stripe.payments, { now: async () => new Date(), graceMs: DAY_MS }),
});
const scan = () => rig.scan({}, deps());
const apply = (runId: string) => rig.apply(runId, deps());
const names = ({ findings }: Scanned) => findings.map(nameOf).sort();

async function known(): Promise<string[]> {
  const rows = await rig.sql<{ id: string; status: string }>(
    'SELECT id, status FROM subscriptions ORDER BY id',
  );
  return rows.map(({ id, status }) => `${id} ${status}`);
}

/** Events of Stripe were lost: one is over, one is not known here, one is only here. */
async function loseEvents(): Promise<void> {
  stripe.set(CUSTOMER, { id: 'sub_1', status: 'past_due', pastDueSince: new Date() });
  await rig.sql(`DELETE FROM subscriptions WHERE id = 'sub_2'`);
  await rig.sql(`UPDATE subscriptions SET id = 'sub_gone' WHERE id = 'sub_3'`);
}

test('those that differ are found, and become what they are at Stripe; once, and whatever came meanwhile', async () => {
  expect(names(await scan())).toEqual([]);
  await loseEvents();
  const scanned = await scan();
  expect(names(scanned)).toEqual(
    ['sub_1', 'sub_2', 'sub_3', 'sub_gone'].map((id) => `subscription_mismatch ${id}`),
  );
  const { run, findings } = await apply(scanned.run.id);
  expect(run.state).toBe('applied');
  expect(findings.map(({ state }) => state)).toEqual(findings.map(() => 'applied'));
  expect(await known()).toEqual(['sub_1 past_due', 'sub_2 active', 'sub_3 active', 'sub_gone canceled']);
  // The customer was asked for once.
  expect(stripe.calls.filter((call) => call === 'readCustomer')).toHaveLength(1);
  expect(names(await scan())).toEqual([]);
});

test('one that an event has set right since, or that has changed again, is skipped', async () => {
  await loseEvents();
  const scanned = await scan();
  await rig.sql(`UPDATE subscriptions SET status = 'canceled' WHERE id = 'sub_gone'`);
  stripe.set(CUSTOMER, { id: 'sub_1', status: 'unpaid' });
  const { findings } = await apply(scanned.run.id);
  const outcomes = new Map(findings.map(({ subject, state }) => [subject, state]));
  expect(Object.fromEntries(outcomes)).toEqual({
    sub_1: 'skipped',
    sub_2: 'applied',
    sub_3: 'applied',
    sub_gone: 'skipped',
  });
});

test('what was written by a later look at Stripe stays', async () => {
  await loseEvents();
  const scanned = await scan();
  // A worker that handles an event looks and writes after we have looked, and before we write.
  stripe.intercept = async (method) => {
    if (method !== 'readCustomer') return;
    stripe.intercept = async () => undefined;
    await rig.sql(`UPDATE billing_accounts SET stripe_read = nextval('stripe_reads') + 1`);
    await rig.sql(`UPDATE subscriptions SET status = 'trialing' WHERE id = 'sub_1'`);
  };
  await apply(scanned.run.id);
  expect((await known())[0]).toBe('sub_1 trialing');
});

test('an outage of Stripe changes nothing, and the run can be applied again', async () => {
  await loseEvents();
  const scanned = await scan();
  const before = await known();
  stripe.intercept = async (method) => {
    if (method === 'readCustomer') throw new PaymentsError('unavailable', 'Stripe cannot be reached.');
  };
  const failed = await apply(scanned.run.id);
  expect(failed.run).toMatchObject({ state: 'failed', reason: { code: 'payments_failed' } });
  expect(await known()).toEqual(before);
  stripe.intercept = async () => undefined;
  expect((await apply(scanned.run.id)).run.state).toBe('applied');
  expect(names(await scan())).toEqual([]);
});

test('nobody is given the plan of a customer whom Stripe does not know, or who belongs to no account', async () => {
  stripe.addCustomer('cus_other', null);
  stripe.set('cus_other', { id: 'sub_other', createdAt: new Date(Date.now() - DAY_MS) });
  await rig.sql(`UPDATE subscriptions SET id = 'sub_gone' WHERE id = 'sub_3'`);
  const scanned = await scan();
  stripe.payments.readCustomer = async (id) => (id === CUSTOMER ? undefined : stripe.customers.get(id));
  const before = await known();
  const { run, findings } = await apply(scanned.run.id);
  expect(run.state).toBe('applied');
  expect(findings.map(({ state }) => state)).toEqual(['skipped', 'skipped', 'skipped']);
  expect(findings.map(({ outcome }) => outcome).join()).toMatch(
    /belongs to no account.*does not know cus_elm/,
  );
  expect(await known()).toEqual(before);
});

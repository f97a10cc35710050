import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../../tests/support/database.ts';
import { aStripeEvent, makeAccount } from '../../../../../tests/support/fixtures.ts';
import { createStripeSim, type StripeSim } from '../../../../../tests/support/stripeSim.ts';
import { createPostgresPaymentJobs, createPostgresStore } from '../../../infra/postgres/index.ts';
import {
  type PaymentJobs,
  PaymentsError,
  type Store,
  type StripeEvent,
  type StripeSubscription,
} from '../../../ports/index.ts';
import { newId } from '../../ids.ts';
import { EVENT_TYPES } from './eventTypes.ts';
import { handleNextEvents } from './handleEvents.ts';
import { MAX_ATTEMPTS } from './retry.ts';
import { settleEndedPlans } from './settlePlan.ts';

let database: TestDatabase;
let store: Store;
let jobs: PaymentJobs;
let superuser: pg.Client;
let sim: StripeSim;
let account: string;
let customer: string;
let lines: { level: string; message: string; fields: object }[];
let time: number;
let n = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  store = createPostgresStore({ url: database.apiUrl, pool: 4 });
  jobs = createPostgresPaymentJobs({ url: database.workerUrl, pool: 4 });
  superuser = new pg.Client(database.superuserUrl);
  await superuser.connect();
});
afterAll(async () => {
  await Promise.all([store.close(), jobs.close(), superuser.end()]);
  await database.drop();
});
beforeEach(async () => {
  await superuser.query('DELETE FROM stripe_events');
  sim = createStripeSim();
  lines = [];
  time = Date.now();
  account = await makeAccount(store, undefined, 'free');
  customer = `cus_of_${account}`;
  sim.addCustomer(customer, account);
});

const write = (level: string) => (fields: object, message: string) => {
  lines.push({ level, fields, message });
};

function deps() {
  return {
    jobs,
    payments: sim.payments,
    log: { info: write('info'), warn: write('warn'), error: write('error') },
    now: () => new Date(time),
    random: () => 1,
    graceMs: 2 * 86_400_000,
  };
}

async function receive(...wishes: Partial<StripeEvent>[]): Promise<void> {
  for (const wish of wishes) {
    await store.transaction((tx) => tx.stripe.addEvent(aStripeEvent({ customerId: customer, ...wish })));
  }
}

async function handleAll(): Promise<void> {
  while (await handleNextEvents(deps()));
}

function endPlans(): Promise<number> {
  return settleEndedPlans(jobs, new Date(time), new AbortController().signal);
}

async function events(): Promise<{ id: string; state: string; attempts: number; detail: string | null }[]> {
  const { rows } = await superuser.query<{ id: string; state: string; attempts: number; detail: string }>(
    'SELECT id, state, attempts, detail FROM stripe_events ORDER BY id',
  );
  return rows;
}

async function makeDue(): Promise<void> {
  await superuser.query("UPDATE stripe_events SET due_at = now() WHERE state IN ('received', 'unknown')");
}

async function subscriptions(of = account) {
  const { rows } = await superuser.query<Record<string, unknown>>(
    `SELECT id, plan, status, period_start, period_end, cancel_at_period_end, past_due_since, grace_ends_at, next_plan
       FROM subscriptions WHERE account_id = $1 ORDER BY id`,
    [of],
  );
  return rows;
}

async function audited(of = account): Promise<string[]> {
  const { rows } = await superuser.query<{ line: string }>(
    `SELECT action || ' ' || coalesce(object_id, '') || ' ' || coalesce(detail, '') AS line
       FROM audit WHERE account_id = $1 AND principal = 'stripe' ORDER BY id`,
    [of],
  );
  return rows.map(({ line }) => line);
}

async function news(of = account): Promise<unknown[]> {
  const { head } = await store.read.events.range(of);
  return (await store.read.events.read(of, {}, 0, head, 100)).map(({ data }) => data);
}

async function planOf(of = account) {
  const standing = await store.read.billing.standing(of, new Date());
  return standing?.subscriptions.map(({ plan, status }) => `${plan} ${status}`);
}

describe('what Stripe tells', () => {
  test('is looked up there, and the plan is in force, told once', async () => {
    sim.set(customer, { id: 'sub_a', plan: 'pro' });
    await receive({ type: 'customer.subscription.created' }, { type: 'invoice.paid' });
    await handleAll();
    expect(await planOf()).toEqual(['pro active']);
    expect(await news()).toEqual([
      { type: 'billing.plan_changed', plan: 'pro', previousPlan: 'free', at: expect.any(String) },
    ]);
    expect(await audited()).toEqual([`billing.plan_change ${account} free to pro`]);
    expect((await events()).map(({ state }) => state)).toEqual(['handled', 'handled']);
    // Both events cost one look.
    expect(sim.calls).toEqual(['readCustomer']);
  });

  test('from before a change hides no change that Stripe has accepted', async () => {
    sim.set(customer, { id: 'sub_kept' });
    await receive({});
    await handleAll();
    const accepted = () => store.read.stripe.acceptedChange(account, 'sub_kept');
    const { readCustomer } = sim.payments;
    sim.payments.readCustomer = async (id) => {
      const asItWas = await readCustomer(id);
      const request = { subscriptionId: 'sub_kept' };
      const { id: writeId } = await store.read.stripe.startWrite(account, {
        id: newId('stw'),
        kind: 'cancel',
        ref: 'r',
        request,
      });
      await store.read.stripe.endWrite(account, writeId, 'done', null);
      return asItWas;
    };
    await receive({});
    await handleAll();
    expect(await accepted()).toMatchObject({ kind: 'cancel' });
    sim.payments.readCustomer = readCustomer;
    const readOnceMore = async () => {
      await receive({});
      await handleAll();
      return accepted();
    };
    // What began in the same millisecond counts as before.
    await expect.poll(readOnceMore).toBeUndefined();
  });

  test('twice is harmless', async () => {
    sim.set(customer, { id: 'sub_b' });
    await receive({ id: 'evt_twice' });
    await handleAll();
    await receive({ id: 'evt_twice' });
    await handleAll();
    expect(await events()).toMatchObject([{ id: 'evt_twice', state: 'handled', attempts: 1 }]);
    expect(await news()).toHaveLength(1);
  });

  test('of upgrade, smaller plan to come, cancellation and end is written as it is', async () => {
    sim.set(customer, { id: 'sub_c', plan: 'pro' });
    await receive({});
    await handleAll();
    sim.set(customer, { id: 'sub_c', plan: 'business' });
    await receive({});
    await handleAll();
    expect(await planOf()).toEqual(['business active']);
    sim.set(customer, { id: 'sub_c', nextPlan: 'pro', cancelAtPeriodEnd: true });
    await receive({});
    await handleAll();
    expect(await subscriptions()).toMatchObject([
      { plan: 'business', next_plan: 'pro', cancel_at_period_end: true },
    ]);
    sim.set(customer, { id: 'sub_c', status: 'canceled' });
    await receive({ type: 'customer.subscription.deleted' });
    await handleAll();
    expect(await planOf()).toEqual([]);
    expect(await audited()).toEqual([
      `billing.plan_change ${account} free to pro`,
      `billing.plan_change ${account} pro to business`,
      `billing.plan_change ${account} business to free`,
    ]);
  });

  test('of a payment that failed leaves the plan in force for its grace', async () => {
    const pastDueSince = new Date(Math.floor(Date.now() / 1000) * 1000);
    sim.set(customer, { id: 'sub_d', status: 'past_due', pastDueSince });
    await receive({ type: 'invoice.payment_failed' });
    await handleAll();
    const graceEndsAt = new Date(pastDueSince.getTime() + 2 * 86_400_000);
    expect(await subscriptions()).toMatchObject([
      { status: 'past_due', past_due_since: pastDueSince, grace_ends_at: graceEndsAt },
    ]);
    expect(await news()).toMatchObject([{ plan: 'pro' }]);
    time = graceEndsAt.getTime() - 1;
    await endPlans();
    expect(await news()).toHaveLength(1);
    time += 1;
    await endPlans();
    await endPlans();
    expect((await news()).slice(1)).toEqual([
      {
        type: 'billing.plan_changed',
        plan: 'free',
        previousPlan: 'pro',
        at: graceEndsAt.toISOString(),
      },
    ]);
    expect(await audited()).toContain(`billing.plan_change ${account} pro to free`);
    // The card was changed, and the invoice paid.
    sim.set(customer, { id: 'sub_d', status: 'active', pastDueSince: null });
    await receive({ type: 'invoice.paid' });
    await handleAll();
    expect((await news()).slice(2)).toMatchObject([{ plan: 'pro', previousPlan: 'free' }]);
    expect(await subscriptions()).toMatchObject([{ status: 'active', grace_ends_at: null }]);
  });

  test('of a cancellation is told when its period is over, whether Stripe says so then or not', async () => {
    const periodEnd = new Date(Math.floor(Date.now() / 1000) * 1000 + 3_600_000);
    sim.set(customer, { id: 'sub_end', plan: 'business', cancelAtPeriodEnd: true, periodEnd });
    await receive({});
    await handleAll();
    time = periodEnd.getTime();
    await Promise.all([endPlans(), endPlans()]);
    const ended = [{ plan: 'business' }, { plan: 'free', previousPlan: 'business' }];
    expect(await news()).toMatchObject(ended);
    sim.set(customer, { id: 'sub_end', status: 'canceled' });
    await receive({ type: 'customer.subscription.deleted' });
    await handleAll();
    expect(await news()).toHaveLength(2);
  });

  test('of an end is told also when it is heard behind the moment', async () => {
    const periodEnd = new Date(Math.floor(Date.now() / 1000) * 1000 + 3_600_000);
    sim.set(customer, { id: 'sub_late', cancelAtPeriodEnd: true, periodEnd });
    await receive({});
    await handleAll();
    time = periodEnd.getTime() + 1_000;
    sim.set(customer, { id: 'sub_late', status: 'canceled' });
    await receive({ type: 'customer.subscription.deleted' });
    await handleAll();
    await endPlans();
    expect(await news()).toMatchObject([{ plan: 'pro' }, { plan: 'free', previousPlan: 'pro' }]);
  });

  test('of refunds and disputes is in the audit log, once each', async () => {
    sim.charges.set('ch_1', customer);
    const refund = { id: 'ch_1', amount_refunded: 2_900, currency: 'usd' };
    const dispute = { id: 'dp_1', charge: 'ch_1', amount: 2_900, currency: 'usd', reason: 'fraudulent' };
    await receive(
      { type: 'charge.refunded', payload: { data: { object: refund } } },
      { type: 'charge.dispute.created', customerId: null, payload: { data: { object: dispute } } },
    );
    await handleAll();
    await makeDue();
    await handleAll();
    expect((await audited()).sort()).toEqual([
      'billing.dispute dp_1 2900 usd, fraudulent',
      'billing.refund ch_1 2900 usd',
    ]);
  });

  test('of a customer that was deleted ends the plan, and the account can have another customer', async () => {
    sim.set(customer, { id: 'sub_e' });
    await receive({});
    await handleAll();
    sim.customers.set(customer, { id: customer, accountId: null, deleted: true, subscriptions: [] });
    await receive({ type: 'customer.deleted' }, { type: 'customer.subscription.deleted' });
    await handleAll();
    expect(await planOf()).toEqual([]);
    expect(await store.read.stripe.customer(account)).toEqual({
      customerId: null,
      formerCustomerId: customer,
    });
    expect(await audited()).toContain(`billing.customer_deleted ${customer} `);
    // What comes late is about nobody.
    await receive({ type: 'invoice.paid' });
    await handleAll();
    expect((await events()).map(({ state }) => state)).toEqual(Array(4).fill('handled'));
  });

  test('of a customer of ours that Stripe does not know, as with the key of another account, ends no plan', async () => {
    sim.set(customer, { id: 'sub_g' });
    await receive({});
    await handleAll();
    sim.customers.delete(customer);
    await receive({ id: 'evt_elsewhere' });
    await handleAll();
    expect(await planOf()).toEqual(['pro active']);
    expect((await store.read.stripe.customer(account)).customerId).toBe(customer);
    const event = (await events()).find(({ id }) => id === 'evt_elsewhere');
    expect(event).toMatchObject({
      state: 'received',
      detail: expect.stringContaining('STAGER_STRIPE_SECRET_KEY'),
    });
  });

  test('of plans that are not ours changes nothing', async () => {
    sim.set(customer, { id: 'sub_f', plan: null });
    await receive({});
    await handleAll();
    expect(await subscriptions()).toEqual([]);
    expect(await events()).toMatchObject([{ state: 'handled' }]);
  });

  test('of a second subscription beside one is called a mistake', async () => {
    sim.set(customer, { id: 'sub_g1' });
    sim.set(customer, { id: 'sub_g2', plan: 'business' });
    await receive({});
    await handleAll();
    expect(lines).toMatchObject([
      { level: 'error', fields: { inForce: ['sub_g1', 'sub_g2'] }, message: /pays for more than one/ },
    ]);
  });

  test('about no customer is put aside', async () => {
    await receive({
      type: 'charge.dispute.created',
      customerId: null,
      payload: {
        data: { object: { id: 'dp_2', charge: 'ch_none', amount: 1, currency: 'usd', reason: 'x' } },
      },
    });
    await handleAll();
    expect(await events()).toMatchObject([{ state: 'ignored', detail: 'it names no customer' }]);
  });
});

describe('a customer whom nobody knows', () => {
  test('waits, and its events are handled when an account has it', async () => {
    const stranger = `cus_stranger_${account}`;
    sim.addCustomer(stranger, null);
    sim.set(stranger, { id: `sub_h_${account}` });
    await receive({ customerId: stranger });
    await handleAll();
    expect(await events()).toMatchObject([{ state: 'unknown', attempts: 0 }]);
    await handleAll();
    expect(sim.calls).toHaveLength(1);
    await store.transaction((tx) => tx.stripe.setCustomer(account, stranger));
    await jobs.wakeUnknown([stranger]);
    await handleAll();
    expect(await events()).toMatchObject([{ state: 'handled' }]);
    expect(await planOf()).toEqual(['pro active']);
  });

  test('is looked for again in an hour, and ever more rarely', async () => {
    const stranger = `cus_late_${account}`;
    sim.addCustomer(stranger, null);
    await receive({ customerId: stranger });
    const hours = async () => {
      await makeDue();
      await handleAll();
      const { rows } = await superuser.query<{ due: Date }>('SELECT due_at AS due FROM stripe_events');
      return Math.round(((rows[0]?.due.getTime() ?? 0) - time) / 3_600_000);
    };
    expect(await hours()).toBe(1);
    time += 2 * 86_400_000;
    expect(await hours()).toBe(12);
    expect(sim.calls).toHaveLength(2);
    expect(await events()).toMatchObject([{ state: 'unknown' }]);
  });

  test('and that we have made says whose it is', async () => {
    sim.set(customer, { id: 'sub_i' });
    await receive({});
    await handleAll();
    expect(await store.read.stripe.customer(account)).toMatchObject({ customerId: customer });
  });

  test('does not take the place of the one that the account has', async () => {
    await store.transaction((tx) => tx.stripe.setCustomer(account, `cus_first_${account}`));
    sim.set(customer, { id: 'sub_j' });
    await receive({});
    await handleAll();
    expect(await events()).toMatchObject([{ state: 'unknown' }]);
    expect(await subscriptions()).toEqual([]);
  });
});

test('a new customer that several workers look at is one of its account for all of them', async () => {
  for (let round = 0; round < 10; round++) {
    const owner = await makeAccount(store, undefined, 'free');
    const id = `cus_new_${owner}`;
    sim.addCustomer(id, owner);
    sim.set(id, { id: `sub_of_${owner}` });
    // By themselves, as those that have failed before are.
    await receive(...Array.from({ length: 4 }, () => ({ customerId: id })));
    await superuser.query("UPDATE stripe_events SET attempts = 1 WHERE state = 'received'");
    await Promise.all(Array.from({ length: 4 }, () => handleNextEvents(deps())));
    // What all four have left to each other is tried again some seconds later; here at once.
    await superuser.query("UPDATE stripe_events SET due_at = clock_timestamp() WHERE state = 'received'");
    await handleAll();
  }
  expect(new Set((await events()).map(({ state }) => state))).toEqual(new Set(['handled']));
});

describe('older states', () => {
  /** Holds the first look until the second has been written. */
  function holdFirstLook() {
    const looked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    let first = true;
    const { readCustomer } = sim.payments;
    const payments = {
      ...sim.payments,
      async readCustomer(id: string) {
        const found = await readCustomer(id);
        if (!first) return found;
        first = false;
        looked.resolve();
        await gate.promise;
        return found;
      },
    };
    return { payments, looked: looked.promise, release: gate.resolve };
  }

  test('of a look that began before another one are not written behind it', async () => {
    sim.set(customer, { id: 'sub_k', plan: 'pro' });
    await receive({ id: 'evt_old' });
    const { payments, looked, release } = holdFirstLook();
    const slow = handleNextEvents({ ...deps(), payments });
    await looked;
    sim.set(customer, { id: 'sub_k', plan: 'business' });
    await receive({ id: 'evt_new' });
    await handleNextEvents({ ...deps(), payments });
    expect(await planOf()).toEqual(['business active']);
    release();
    await slow;
    expect(await planOf()).toEqual(['business active']);
    expect((await events()).map(({ state }) => state)).toEqual(['handled', 'handled']);
  });

  test('do not bring back a customer that was deleted meanwhile', async () => {
    sim.set(customer, { id: 'sub_l', plan: 'pro' });
    await receive({});
    await handleAll();
    await receive({ id: 'evt_old' });
    const { payments, looked, release } = holdFirstLook();
    const slow = handleNextEvents({ ...deps(), payments });
    await looked;
    sim.customers.set(customer, { id: customer, accountId: null, deleted: true, subscriptions: [] });
    await receive({ id: 'evt_new' });
    await handleNextEvents({ ...deps(), payments });
    release();
    await slow;
    expect(await planOf()).toEqual([]);
    expect(await store.read.stripe.customer(account)).toMatchObject({ customerId: null });
  });
});

describe('an event that is not handled', () => {
  test('because its worker ended is due again, and the attempt counts', async () => {
    sim.set(customer, { id: 'sub_m' });
    await receive({});
    await jobs.claimEvents(10, 0);
    await handleAll();
    expect(await events()).toMatchObject([{ state: 'handled', attempts: 2 }]);
    expect(await planOf()).toEqual(['pro active']);
  });

  test('is not written for by a worker whose lease went to another', async () => {
    await receive({});
    const claim = await jobs.claimEvents(10, 0);
    await jobs.claimEvents(10, 60_000);
    expect(await jobs.transaction((tx) => tx.holdEvents(claim?.lease ?? ''))).toEqual([]);
  });

  test('because Stripe is away comes again, without end and without harm', async () => {
    await receive({});
    sim.intercept = async () => {
      throw new PaymentsError('unavailable', 'down');
    };
    for (let turn = 0; turn < MAX_ATTEMPTS + 2; turn++) {
      await expect(handleNextEvents(deps())).rejects.toThrow('down');
      await makeDue();
    }
    expect(await events()).toMatchObject([{ state: 'received', attempts: 0, detail: 'PaymentsError: down' }]);
    sim.intercept = async () => undefined;
    await handleAll();
    expect(await events()).toMatchObject([{ state: 'handled' }]);
  });

  test('because of itself is parked after its attempts, and keeps no other from being handled', async () => {
    sim.set(customer, { id: 'sub_n' });
    await receive({ id: 'evt_poison', type: 'charge.refunded', payload: { data: {} } }, { id: 'evt_well' });
    for (let turn = 0; turn < MAX_ATTEMPTS; turn++) {
      await handleAll();
      await makeDue();
    }
    expect(await events()).toMatchObject([
      {
        id: 'evt_poison',
        state: 'parked',
        attempts: MAX_ATTEMPTS,
        detail: 'Error: the event holds no object',
      },
      { id: 'evt_well', state: 'handled' },
    ]);
    expect(await planOf()).toEqual(['pro active']);
    expect(lines.at(-1)).toMatchObject({ level: 'error', message: 'events of Stripe are parked' });
  });

  test('and that ends every worker is parked as well', async () => {
    await receive({});
    for (let turn = 0; turn < MAX_ATTEMPTS; turn++) await jobs.claimEvents(10, 0);
    await handleAll();
    expect(await events()).toMatchObject([
      { state: 'parked', detail: expect.stringContaining('ended without a word') },
    ]);
  });

  test('waits longer after each attempt', async () => {
    await receive({ type: 'charge.refunded', payload: {} });
    await handleAll();
    const { rows } = await superuser.query<{ ms: number }>(
      'SELECT extract(epoch FROM due_at - $1::timestamptz) * 1000 AS ms FROM stripe_events',
      [new Date(time)],
    );
    expect(Number(rows[0]?.ms)).toBe(5_000);
  });
});

const SUBSCRIPTION = fc.record({
  id: fc.constantFrom('x', 'y'),
  plan: fc.constantFrom('pro', 'business'),
  status: fc.constantFrom('active', 'past_due', 'canceled', 'incomplete', 'unpaid', 'trialing'),
  cancelAtPeriodEnd: fc.boolean(),
  nextPlan: fc.constantFrom(null, 'pro'),
  pastDueSince: fc.constantFrom(null, new Date(1_700_000_000_000)),
} as const);

test('any order of events, and any number of each, ends in the same state', async () => {
  const history = fc.array(
    fc.record({ change: SUBSCRIPTION, type: fc.constantFrom(...EVENT_TYPES.slice(0, 10)) }),
    {
      minLength: 1,
      maxLength: 8,
    },
  );
  const disorder = fc.array(fc.record({ pick: fc.nat(), handle: fc.boolean() }), {
    minLength: 8,
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(history, disorder, async (changes, order) => {
      await superuser.query('DELETE FROM stripe_events');
      sim = createStripeSim();
      const ordered = await play(
        changes,
        changes.map((_, pick) => ({ pick, handle: true })),
        0,
      );
      // Each state is there when the first events come; all of them have come at the end.
      const all = [...order, ...changes.map((_, pick) => ({ pick, handle: false }))];
      const mixed = await play(changes, all, order[0]?.pick ?? 0);
      expect(mixed).toEqual(ordered);
    }),
    { numRuns: 40 },
  );
});

type Change = Partial<StripeSubscription> & { readonly id: string };

/** Changes happen at Stripe one after the other; their events come in this order, some of them before later changes. */
async function play(
  changes: readonly { change: Change; type: string }[],
  order: readonly { pick: number; handle: boolean }[],
  late: number,
) {
  const owner = await makeAccount(store, undefined, 'free');
  const id = `cus_${++n}`;
  sim.addCustomer(id, owner);
  const happen = ({ change }: { change: Change }) =>
    sim.set(id, {
      ...change,
      periodStart: new Date(1.7e12),
      periodEnd: new Date(1.8e12),
      createdAt: new Date(1.7e12),
      id: `sub_${n}_${change.id}`,
    });
  const told = late % (changes.length + 1);
  for (const one of changes.slice(0, told)) happen(one);
  let next = told;
  for (const { pick, handle } of order) {
    const index = pick % changes.length;
    // An event comes behind what it tells of.
    while (next <= index) happen(changes[next++] ?? fail());
    await receive({ id: `evt_${n}_${index}`, customerId: id, type: changes[index]?.type ?? '' });
    if (handle) await handleAll();
  }
  await handleAll();
  const found = await subscriptions(owner);
  return found.map((row) => ({ ...row, id: String(row['id']).split('_').at(-1) }));
}

function fail(): never {
  throw new Error('there is no such change');
}

import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../../tests/support/database.ts';
import { addSubscription, makeAccount } from '../../../../../tests/support/fixtures.ts';
import { createStripeSim, type StripeSim } from '../../../../../tests/support/stripeSim.ts';
import { createPostgresStore } from '../../../infra/postgres/index.ts';
import { PaymentsError, type Store } from '../../../ports/index.ts';
import { newId } from '../../ids.ts';
import { cancelPlan, changePlan, resumePlan } from './changes.ts';
import { startCheckout } from './checkout.ts';
import type { Desk } from './desk.ts';
import { readInvoices } from './invoices.ts';
import { openPortal } from './portal.ts';

let database: TestDatabase;
let store: Store;
let superuser: pg.Client;
let sim: StripeSim;
let account: string;
let owner: string;

beforeAll(async () => {
  database = await createTestDatabase();
  store = createPostgresStore({ url: database.apiUrl, pool: 6 });
  superuser = new pg.Client(database.superuserUrl);
  await superuser.connect();
});
afterAll(async () => {
  await Promise.all([store.close(), superuser.end()]);
  await database.drop();
});
beforeEach(async () => {
  sim = createStripeSim();
  owner = `auth0|${newId('acc')}`;
  account = await makeAccount(store, owner, 'free');
});

function desk(wish: Partial<Desk> = {}): Desk {
  return {
    store: store.account(account),
    payments: sim.payments,
    caller: { accountId: account, principal: owner, role: 'owner' },
    credential: { kind: 'login', id: 'web' },
    requestId: 'r',
    now: new Date(),
    ...wish,
  };
}

function wish(ref: string, plan: 'pro' | 'business' = 'pro') {
  return {
    ref,
    plan,
    successUrl: 'https://stager.example/success',
    cancelUrl: 'https://stager.example/canceled',
  };
}

async function writes(): Promise<string[]> {
  const { rows } = await superuser.query<{ line: string }>(
    `SELECT kind || ' ' || state AS line FROM stripe_writes WHERE account_id = $1 ORDER BY id`,
    [account],
  );
  return rows.map(({ line }) => line);
}

function open(): string[] {
  return [...sim.sessions.values()].filter(({ status }) => status === 'open').map(({ id }) => id);
}

describe('a purchase', () => {
  test('makes the customer and a page to pay at', async () => {
    const session = await startCheckout(desk(), wish('t1'));
    expect(session).toMatchObject({
      status: 'open',
      accountId: account,
      url: expect.stringContaining('https://pay'),
    });
    const { customerId } = await store.read.stripe.customer(account);
    expect(session.customerId).toBe(customerId);
    expect(await writes()).toEqual(['customer done', 'checkout done']);
    const { rows } = await superuser.query(
      `SELECT action FROM audit WHERE account_id = $1 AND action LIKE 'billing.%' ORDER BY id`,
      [account],
    );
    expect(rows).toEqual([{ action: 'billing.customer' }, { action: 'billing.checkout' }]);
  });

  test('that is clicked twice at once is one page', async () => {
    const [one, two] = await Promise.all([
      startCheckout(desk(), wish('t2')),
      startCheckout(desk(), wish('t2')),
    ]);
    expect(one.id).toBe(two.id);
    expect([sim.sessions.size, sim.customers.size]).toEqual([1, 1]);
  });

  test.each(['createCustomer', 'createCheckout'])(
    'goes on where it was when the answer to %s was lost',
    async (method) => {
      sim.loseAnswer = (name) => name === method;
      await expect(startCheckout(desk(), wish('t3'))).rejects.toThrow('lost');
      sim.loseAnswer = () => false;
      const session = await startCheckout(desk(), wish('t3'));
      expect(session.status).toBe('open');
      expect([sim.sessions.size, sim.customers.size]).toEqual([1, 1]);
    },
  );

  test('finds the customer whom a process had made that ended then, also when Stripe has forgotten the key', async () => {
    await startCheckout(desk(), wish('t17'));
    const { customerId } = await store.read.stripe.customer(account);
    await superuser.query('UPDATE billing_accounts SET customer_id = NULL WHERE account_id = $1', [account]);
    sim.forgetKeys();
    await startCheckout(desk(), wish('t18'));
    expect(await store.read.stripe.customer(account)).toMatchObject({ customerId });
    expect(sim.customers.size).toBe(1);
  });

  test('closes the page of the one before, so that nobody pays twice', async () => {
    const first = await startCheckout(desk(), wish('t4'));
    const second = await startCheckout(desk(), wish('t5', 'business'));
    expect(open()).toEqual([second.id]);
    expect(sim.sessions.get(first.id)?.status).toBe('expired');
    await expect(startCheckout(desk(), wish('t4'))).rejects.toMatchObject({ code: 'invalid_state' });
  });

  test('finds the page of one whose answer was lost, and closes it', async () => {
    sim.loseAnswer = (name) => name === 'createCheckout';
    await expect(startCheckout(desk(), wish('t6'))).rejects.toThrow('lost');
    sim.loseAnswer = () => false;
    const second = await startCheckout(desk(), wish('t7'));
    expect(open()).toEqual([second.id]);
    expect(sim.sessions.size).toBe(2);
  });

  test('of many at once leaves one page open', async () => {
    const all = await Promise.allSettled(['a', 'b', 'c', 'd'].map((ref) => startCheckout(desk(), wish(ref))));
    expect(all.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect(open().length).toBeLessThanOrEqual(1);
  });

  test('is refused while another one is paid and its plan not yet active', async () => {
    const first = await startCheckout(desk(), wish('t8'));
    sim.pay(first.id);
    // However often, and also when Stripe's word of it takes longer than the page lives.
    for (const now of [new Date(), new Date(), new Date(Date.now() + 2 * 86_400_000)]) {
      await expect(startCheckout(desk({ now }), wish(newId('att')))).rejects.toMatchObject({
        code: 'invalid_state',
        message: expect.stringContaining('just been paid'),
      });
    }
    expect(sim.sessions.size).toBe(1);
  });

  test('follows one whose plan is over', async () => {
    const first = await startCheckout(desk(), wish('t15'));
    const { id } = sim.pay(first.id);
    sim.set(first.customerId ?? '', { id, status: 'canceled' });
    const second = await startCheckout(desk(), wish('t16'));
    expect(open()).toEqual([second.id]);
  });

  test('is refused beside a plan that is paid for', async () => {
    await addSubscription(database, account, { plan: 'pro' });
    await expect(startCheckout(desk(), wish('t10'))).rejects.toMatchObject({ code: 'invalid_state' });
    expect(sim.sessions.size).toBe(0);
  });

  test('is for owners, also for those who are none since a second', async () => {
    await superuser.query(`UPDATE members SET role = 'member' WHERE principal = $1`, [owner]);
    await expect(startCheckout(desk(), wish('t11'))).rejects.toMatchObject({ code: 'role_required' });
    expect(sim.calls).toEqual([]);
  });

  test('makes another customer behind one that was deleted', async () => {
    await startCheckout(desk(), wish('t12'));
    const { customerId } = await store.read.stripe.customer(account);
    await superuser.query(
      'UPDATE billing_accounts SET former_customer_id = customer_id, customer_id = NULL WHERE account_id = $1',
      [account],
    );
    await startCheckout(desk(), wish('t13'));
    const now = await store.read.stripe.customer(account);
    expect(now.customerId).not.toBe(customerId);
  });

  test('is nothing where no payments are taken', async () => {
    await expect(startCheckout(desk({ payments: null }), wish('t14'))).rejects.toMatchObject({
      code: 'billing_unavailable',
    });
  });
});

describe('a plan', () => {
  async function subscribe(plan: 'pro' | 'business'): Promise<string> {
    const id = `sub_of_${account}`;
    sim.addCustomer('cus_1', account);
    sim.set('cus_1', { id, plan });
    await store.transaction((tx) => tx.stripe.setCustomer(account, `cus_${account}`));
    await addSubscription(database, account, { id, plan });
    return id;
  }

  function atStripe() {
    return sim.customers.get('cus_1')?.subscriptions[0];
  }

  test('is changed for a larger one at once, and for a smaller one with the next period', async () => {
    await subscribe('pro');
    await changePlan(desk(), { plan: 'business', ref: 'c1' });
    expect(atStripe()).toMatchObject({ plan: 'business', nextPlan: null });
    await superuser.query(`UPDATE subscriptions SET plan = 'business' WHERE account_id = $1`, [account]);
    await changePlan(desk(), { plan: 'pro', ref: 'c2' });
    expect(atStripe()).toMatchObject({ plan: 'business', nextPlan: 'pro' });
    await changePlan(desk(), { plan: 'business', ref: 'c3' });
    expect(atStripe()).toMatchObject({ plan: 'business', nextPlan: null });
    expect(await writes()).toEqual(Array(3).fill('change_plan done'));
  });

  test('is cancelled for the end of its period, and goes on', async () => {
    await subscribe('pro');
    await cancelPlan(desk(), { ref: 'd1' });
    expect(atStripe()).toMatchObject({ cancelAtPeriodEnd: true });
    await resumePlan(desk(), { ref: 'd2' });
    expect(atStripe()).toMatchObject({ cancelAtPeriodEnd: false });
    // The same click again does not cancel again.
    await cancelPlan(desk(), { ref: 'd1' });
    expect(atStripe()).toMatchObject({ cancelAtPeriodEnd: false });
  });

  test('that is charged for is canceled, not one beside it that never began', async () => {
    const id = await subscribe('pro');
    for (const status of ['incomplete', 'unpaid'] as const)
      await addSubscription(database, account, { status });
    await superuser.query(`UPDATE subscriptions SET updated_at = now() WHERE id = $1`, [id]);
    await cancelPlan(desk(), { ref: 'd3' });
    expect(atStripe()).toMatchObject({ id, cancelAtPeriodEnd: true });
  });

  test('stays as it is when the card does not pay, and another try is a try of its own', async () => {
    await subscribe('pro');
    sim.intercept = async (method) => {
      if (method === 'upgrade') throw new PaymentsError('declined', 'no money');
    };
    await expect(changePlan(desk(), { plan: 'business', ref: 'e1' })).rejects.toMatchObject({
      code: 'declined',
    });
    expect(await writes()).toEqual(['change_plan failed']);
    // The same form once more has not succeeded meanwhile.
    await expect(changePlan(desk(), { plan: 'business', ref: 'e1' })).rejects.toMatchObject({
      code: 'declined',
      message: 'no money',
    });
    sim.intercept = async () => undefined;
    await changePlan(desk(), { plan: 'business', ref: 'e2' });
    expect(atStripe()).toMatchObject({ plan: 'business' });
  });

  test.each(['past_due', 'unpaid', 'incomplete', 'paused'] as const)(
    'that is %s is not exchanged for one that costs the difference, and can be canceled',
    async (status) => {
      const id = await subscribe('pro');
      await addSubscription(database, account, { id, status });
      await expect(changePlan(desk(), { plan: 'business', ref: 'g1' })).rejects.toMatchObject({
        code: 'invalid_state',
        message: expect.stringContaining('stager billing portal'),
      });
      expect(sim.calls).toEqual([]);
      await cancelPlan(desk(), { ref: 'g2' });
      expect(atStripe()).toMatchObject({ plan: 'pro', cancelAtPeriodEnd: true });
    },
  );

  test('that nobody pays for cannot be changed', async () => {
    const acts = [
      () => cancelPlan(desk(), { ref: 'f1' }),
      () => resumePlan(desk(), { ref: 'f2' }),
      () => changePlan(desk(), { plan: 'pro', ref: 'f3' }),
    ];
    for (const act of acts) {
      await expect(act()).rejects.toMatchObject({ code: 'invalid_state' });
    }
    expect(sim.calls).toEqual([]);
  });
});

test('the portal is for who has bought something, and each visit has a page of its own', async () => {
  await expect(openPortal(desk(), null)).rejects.toMatchObject({ code: 'invalid_state' });
  await startCheckout(desk(), wish('g1'));
  const [one, two] = [await openPortal(desk(), null), await openPortal(desk(), null)];
  expect(one).not.toBe(two);
});

test('who has never bought anything has no invoices, and Stripe is not asked', async () => {
  expect(await readInvoices(desk(), { limit: 10 })).toEqual({ items: [], nextCursor: null });
  expect(sim.calls).toEqual([]);
});

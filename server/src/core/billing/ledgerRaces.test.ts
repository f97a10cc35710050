import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import { addSubscription, aOutput } from '../../../../tests/support/fixtures.ts';
import { findFaults, type LedgerRow, readLedger } from '../../../../tests/support/ledger.ts';
import { type Customer, makeCustomer, SMALL_PLANS } from '../../../../tests/support/ledgerWorld.ts';
import { createPostgresJobStore, createPostgresStore } from '../../infra/postgres/index.ts';
import type { ClaimedJob, JobStore, Store, SubscriptionRow } from '../../ports/index.ts';
import { plansWith } from './plans.ts';

/** Processes of their own, as far as the database can tell. */
const PROCESSES = 2;
const DAY_MS = 86_400_000;
/** Longer than any example takes, where none is to expire. */
const LEASE_MS = 3_600_000;
const FAILURE = { code: 'x', message: 'x', hint: null, retryable: true };

let database: TestDatabase;
let stores: Store[];
let workers: JobStore[];

beforeAll(async () => {
  database = await createTestDatabase();
  // Two hundred at once wait for each other on a slow machine longer than requests are patient.
  const options = { url: database.apiUrl, pool: 8, acquireTimeoutMs: 120_000, statementTimeoutMs: 120_000 };
  stores = Array.from({ length: PROCESSES }, () => createPostgresStore(options));
  workers = Array.from({ length: PROCESSES }, () =>
    createPostgresJobStore({ url: database.workerUrl, pool: 6 }),
  );
});
afterAll(async () => {
  await Promise.all([...stores, ...workers].map((one) => one.close()));
  await database.drop();
});

/** One of several, whatever the number. */
function pick<T>(from: readonly T[], n: number): T {
  const found = from[n % from.length];
  if (found === undefined) throw new Error('there is nothing to pick from');
  return found;
}

const faults = (customer: Customer) => findFaults(database.superuserUrl, customer.owner);
const ledger = (customer: Customer) => readLedger(database.superuserUrl, customer.owner);

async function switchPayAsYouGo({ owner }: Customer, cap: number | null): Promise<void> {
  await pick(stores, 0).account(owner).read.billing.setPayAsYouGo(owner, { enabled: true, cap });
}

test('of 200 who create at once by two processes with 10 left, 10 have an image', async () => {
  const customer = await makeCustomer(pick(stores, 0));
  const plans = plansWith({ free: { limit: 10 } });
  const made = await Promise.all(
    Array.from({ length: 200 }, (_, n) => customer.make(1, { plans, store: pick(stores, n) })),
  );
  expect(made.flat()).toHaveLength(10);
  expect(await ledger(customer)).toHaveLength(10);
  expect(await faults(customer)).toEqual([]);
});

describe('nobody waits for', () => {
  /** In every order in which others take them. */
  const HELD_BY_OTHERS = ['account_turns', 'usage_periods', 'usage_days', 'event_heads'];
  let other: pg.Client;
  beforeEach(async () => {
    other = new pg.Client(database.superuserUrl);
    await other.connect();
    await other.query('BEGIN');
  });
  afterEach(() => other.end());

  const hold = async (tables: readonly string[], { owner }: Customer) => {
    for (const table of tables) {
      const { rowCount } = await other.query(
        `SELECT 1 FROM ${table} WHERE account_id = $1 FOR UPDATE NOWAIT`,
        [owner],
      );
      expect([table, rowCount]).toEqual([table, 1]);
    }
  };

  test('a request far from the limit, until it commits', async () => {
    const customer = await makeCustomer(pick(stores, 0));
    const plans = plansWith({ free: { limit: 1_000 } });
    await customer.make(1, { plans });
    const last = async () => {
      await hold(HELD_BY_OTHERS, customer);
      await other.query('COMMIT');
    };
    expect(await customer.make(2, { plans, last })).toHaveLength(2);
    expect(await faults(customer)).toEqual([]);
  });

  test('another to be refused when nothing is left', async () => {
    const customer = await makeCustomer(pick(stores, 0));
    const plans = plansWith({ free: { limit: 1 } });
    await customer.make(1, { plans });
    await hold(HELD_BY_OTHERS, customer);
    expect(await customer.make(1, { plans })).toEqual([]);
  });
});

/** What happens next; which image or process it meets follows from the number. */
const STEPS = [
  'create',
  'crash in a create',
  'claim',
  'complete',
  'complete again',
  'fail',
  'try again',
  'lose the worker',
  'find the worker',
  'cancel',
  'delete',
  'retry',
] as const;
const CHANGES = ['upgrade', 'downgrade', 'end', 'pay as you go', 'days go by'] as const;
type Step = (typeof STEPS)[number] | (typeof CHANGES)[number];
interface Move {
  readonly step: Step;
  readonly n: number;
}

function moves(steps: readonly Step[], maxLength: number) {
  return fc.array(fc.record({ step: fc.constantFrom(...steps), n: fc.nat(99) }), { maxLength, minLength: 1 });
}

class World {
  readonly customer: Customer;
  readonly images: string[] = [];
  readonly held: ClaimedJob[] = [];
  readonly ended: ClaimedJob[] = [];
  /** Of workers that are gone, and may come back. */
  readonly lost: ClaimedJob[] = [];
  now = new Date();
  plan: 'free' | 'pro' = 'free';
  subscription: SubscriptionRow | undefined;

  constructor(customer: Customer) {
    this.customer = customer;
  }

  async move({ step, n }: Move): Promise<void> {
    const worker = pick(workers, n);
    const options = { now: this.now, store: pick(stores, n) };
    const image = this.images[n % Math.max(1, this.images.length)];
    switch (step) {
      case 'create':
        this.images.push(...(await this.customer.make(1 + (n % 4), options)));
        return;
      case 'crash in a create':
        await this.customer.make(1, { ...options, last: crash }).catch(unlessCrashed);
        return;
      case 'claim':
        this.held.push(...(await worker.claim(1 + (n % 3), LEASE_MS)));
        return;
      case 'complete':
        return this.#endJob(n, (job) => worker.complete(job, [aOutput()]));
      case 'complete again': {
        const job = this.ended[n % Math.max(1, this.ended.length)];
        if (job) expect(await worker.complete(job, [aOutput()])).toBe(false);
        return;
      }
      case 'fail':
        return this.#endJob(n, (job) => worker.fail(job, FAILURE, null));
      case 'try again':
        return this.#endJob(n, (job) => worker.fail(job, FAILURE, new Date()));
      case 'lose the worker':
        this.lost.push(...(await worker.claim(1, 1)));
        await delay(2);
        await worker.reapExpired(10);
        return;
      case 'find the worker': {
        const [job] = this.lost.splice(n % Math.max(1, this.lost.length), 1);
        if (job) await worker.complete(job, [aOutput()]);
        return;
      }
      case 'cancel':
        if (image) await this.customer.cancel(image).catch(unlessImpossible);
        return;
      case 'delete':
        if (image) await this.customer.remove(image).catch(unlessImpossible);
        return;
      case 'retry':
        if (image) await this.customer.retry(image, options).catch(unlessImpossible);
        return;
      case 'upgrade':
        return this.#subscribe('active', { periodStart: this.now, periodEnd: later(this.now, 30) });
      case 'downgrade':
        return this.#subscribe('active', { cancelAtPeriodEnd: true });
      case 'end':
        return this.#subscribe('canceled', {});
      case 'pay as you go':
        return switchPayAsYouGo(this.customer, n % 2 === 0 ? null : 1 + (n % 3));
      case 'days go by':
        this.now = later(this.now, 1 + (n % 20));
    }
  }

  async #endJob(n: number, end: (job: ClaimedJob) => Promise<boolean>): Promise<void> {
    const [job] = this.held.splice(n % Math.max(1, this.held.length), 1);
    if (!job) return;
    await end(job);
    this.ended.push(job);
  }

  async #subscribe(status: SubscriptionRow['status'], wish: Partial<SubscriptionRow>): Promise<void> {
    this.subscription = await addSubscription(database, this.customer.owner, {
      ...this.subscription,
      ...wish,
      status,
    });
  }

  /** Until nothing is left to do. */
  async finish(): Promise<void> {
    const worker = pick(workers, 0);
    for (;;) {
      // What one of several who reaped at once was about to take, the others have left.
      await worker.reapExpired(100);
      this.held.push(...(await worker.claim(100, LEASE_MS)));
      if (this.held.length === 0) return;
      for (const job of this.held.splice(0)) await worker.complete(job, [aOutput()]);
    }
  }
}

function later(moment: Date, days: number): Date {
  return new Date(moment.getTime() + days * DAY_MS);
}

function crash(): never {
  throw new Error('crash');
}

function unlessCrashed(error: unknown): void {
  if (Object(error).message !== 'crash') throw error;
}

/** What another has changed meanwhile, or the plan has no room for, is refused in words; anything else is a fault. */
function unlessImpossible(error: unknown): void {
  if (!['invalid_state', 'not_found', 'quota_exceeded'].includes(Object(error).code)) throw error;
}

async function makeWorld(): Promise<World> {
  // Of the example before; only one customer has work at a time.
  for (const job of await pick(workers, 0).claim(100, LEASE_MS))
    await pick(workers, 0).fail(job, FAILURE, null);
  return new World(await makeCustomer(pick(stores, 0)));
}

test('whatever happens, one after another, no limit is passed and the books add up', async () => {
  await fc.assert(
    fc.asyncProperty(moves([...STEPS, ...STEPS, ...CHANGES], 40), async (list) => {
      const world = await makeWorld();
      for (const move of list) {
        const before = await world.customer.standing(world.now);
        await world.move(move);
        if (!['create', 'retry'].includes(move.step)) continue;
        const after = await world.customer.standing(world.now);
        const granted = after.allowance.units - before.allowance.units;
        const { limit, overageCap, units, overage } = after.allowance;
        if (granted === 0) continue;
        expect(units - overage).toBeLessThanOrEqual(limit ?? Number.POSITIVE_INFINITY);
        if (overage > before.allowance.overage) {
          expect(overage).toBeLessThanOrEqual(overageCap ?? Number.POSITIVE_INFINITY);
        }
      }
      expect(await faults(world.customer)).toEqual([]);
      await world.finish();
      expect(await faults(world.customer)).toEqual([]);
      expect((await ledger(world.customer)).filter(({ state }) => state === 'reserved')).toEqual([]);
    }),
    { numRuns: 25, endOnFailure: true },
  );
});

/** Units of one period that count, beside the limits of the plan that it is of. */
interface PeriodOfPlan {
  readonly counted: readonly LedgerRow[];
  readonly limit: number;
  readonly cap: number;
}

/** The subscription's period, and the calendar month, which is that of the base plan. */
async function periodsOf(world: World, cap: number | null): Promise<PeriodOfPlan[]> {
  const rows = (await ledger(world.customer)).filter(({ state }) => state !== 'refunded');
  const ofPro = (row: LedgerRow) => row.periodStart.getTime() === world.now.getTime();
  const { free, pro } = SMALL_PLANS;
  return [
    { counted: rows.filter(ofPro), limit: pro.limit ?? 0, cap: cap ?? Number.POSITIVE_INFINITY },
    { counted: rows.filter((row) => !ofPro(row)), limit: free.limit ?? 0, cap: 0 },
  ];
}

test('however many act at once, while the plan comes and goes, no limit is passed, the books add up, and only what is beyond the plan is paid', async () => {
  const lanes = fc.array(moves([...STEPS, 'upgrade', 'end'], 12), { minLength: 2, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(lanes, fc.constantFrom(0, 2, null), async (list, cap) => {
      const world = await makeWorld();
      await world.move({ step: 'upgrade', n: 0 });
      if (cap !== 0) await switchPayAsYouGo(world.customer, cap);
      await Promise.all(
        list.map(async (lane) => {
          for (const move of lane) await world.move(move);
        }),
      );
      for (const period of await periodsOf(world, cap)) {
        const above = period.counted.filter(({ overage }) => overage).length;
        expect(period.counted.length - above).toBeLessThanOrEqual(period.limit);
        expect(above).toBeLessThanOrEqual(period.cap);
      }
      await world.finish();
      expect(await faults(world.customer)).toEqual([]);
      for (const { counted, limit } of await periodsOf(world, cap)) {
        expect(counted.filter(({ state }) => state !== 'settled')).toEqual([]);
        expect(counted.filter(({ overage }) => overage).length).toBe(Math.max(0, counted.length - limit));
      }
    }),
    { numRuns: 25, endOnFailure: true },
  );
});

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import { addSubscription, aOutput, asOwner } from '../../../../tests/support/fixtures.ts';
import { findFaults, readLedger } from '../../../../tests/support/ledger.ts';
import { type Customer, makeCustomer } from '../../../../tests/support/ledgerWorld.ts';
import { createPostgresJobStore, createPostgresStore } from '../../infra/postgres/index.ts';
import type { ClaimedJob, JobStore, Store } from '../../ports/index.ts';
import { plansWith } from './plans.ts';

const DAY_MS = 86_400_000;
const FAILURE = { code: 'x', message: 'x', hint: null, retryable: true };

let database: TestDatabase;
let store: Store;
let jobs: JobStore;
let ann: Customer;

beforeAll(async () => {
  database = await createTestDatabase();
  store = createPostgresStore({ url: database.apiUrl, pool: 4 });
  jobs = createPostgresJobStore({ url: database.workerUrl, pool: 4 });
});
beforeEach(async () => {
  // What a test before has left must not be claimed here.
  for (const job of await jobs.claim(100, 60_000)) await jobs.fail(job, FAILURE, null);
  ann = await makeCustomer(store);
});
afterAll(async () => {
  await Promise.all([store.close(), jobs.close()]);
  await database.drop();
});

/** The oldest of those that wait. */
async function claim(): Promise<ClaimedJob> {
  const [job] = await jobs.claim(1, 60_000);
  if (!job) throw new Error('nothing was claimed');
  return job;
}

const ledger = () => readLedger(database.superuserUrl, ann.owner);
const states = async () => (await ledger()).map(({ state }) => state);
const faults = () => findFaults(database.superuserUrl, ann.owner);

describe('a unit', () => {
  test('is reserved with its image and settled when that is ready, once', async () => {
    const [imageId] = await ann.make(1);
    const reserved = { imageId, state: 'reserved', overage: false, reason: null };
    expect(await ledger()).toMatchObject([reserved]);
    const job = await claim();
    expect(await jobs.complete(job, [aOutput()])).toBe(true);
    expect(await jobs.complete(job, [aOutput()])).toBe(false);
    expect(await ledger()).toMatchObject([{ ...reserved, state: 'settled', reason: 'ready' }]);
    expect(await faults()).toEqual([]);
  });

  test('stays reserved while its image is tried again', async () => {
    await ann.make(1);
    await jobs.fail(await claim(), FAILURE, new Date());
    expect(await states()).toEqual(['reserved']);
    await jobs.release(await claim());
    expect(await states()).toEqual(['reserved']);
  });

  test.each<[how: string, end: (imageId: string) => Promise<unknown>]>([
    ['fails', async () => jobs.fail(await claim(), FAILURE, null)],
    ['is canceled', (id) => ann.cancel(id)],
    ['is canceled in the middle of its work', async (id) => claim().then(() => ann.cancel(id))],
    ['is deleted before it is ready', (id) => ann.remove(id)],
    ['has cost its worker its life every time', loseWorkers],
  ])('is given back when its image %s', async (_, end) => {
    const plans = plansWith({ free: { limit: 1 } });
    const [imageId = ''] = await ann.make(1, { plans });
    expect(await ann.make(1, { plans })).toEqual([]);
    await end(imageId);
    expect(await states()).toEqual(['refunded']);
    expect(await ann.make(1, { plans })).toHaveLength(1);
    expect(await faults()).toEqual([]);
  });

  async function loseWorkers(): Promise<void> {
    for (let attempt = 1; attempt <= 5; attempt++) {
      expect(await jobs.claim(1, 1)).toHaveLength(1);
      await expect
        .poll(() => jobs.reapExpired(1))
        .toEqual(attempt < 5 ? { requeued: 1, dead: 0 } : { requeued: 0, dead: 1 });
    }
  }

  test('is not given back for an image that was ready', async () => {
    const [imageId = ''] = await ann.make(1);
    await jobs.complete(await claim(), [aOutput()]);
    await ann.remove(imageId);
    expect(await states()).toEqual(['settled']);
  });

  test('is given back for an image that was ready and is lost, and taken anew by its retry', async () => {
    const [imageId = ''] = await ann.make(1);
    await jobs.complete(await claim(), [aOutput()]);
    await lose(imageId);
    expect(await states()).toEqual(['refunded']);
    expect(await faults()).toEqual([]);
    await ann.retry(imageId);
    await jobs.complete(await claim(), [aOutput()]);
    expect(await states()).toEqual(['refunded', 'settled']);
    expect(await faults()).toEqual([]);
  });

  /** As the repair of drift does. */
  async function lose(imageId: string): Promise<void> {
    await asOwner(
      database,
      `WITH gone AS (DELETE FROM image_outputs WHERE image_id = $1)
       UPDATE images SET state = 'error', error = '{}' WHERE id = $1`,
      [imageId],
    );
  }

  test('that was paid above the plan pays for all runs of its image, also when that is lost', async () => {
    await addSubscription(database, ann.owner, { plan: 'pro' });
    await store.account(ann.owner).read.billing.setPayAsYouGo(ann.owner, { enabled: true, cap: 1 });
    await ann.make(4);
    await ann.make(2);
    for (let n = 0; n < 6; n++) await jobs.complete(await claim(), [aOutput()]);
    const paid = (await ledger()).find(({ overage }) => overage);
    await lose(paid?.imageId ?? '');
    await ann.retry(paid?.imageId ?? '');
    await jobs.complete(await claim(), [aOutput()]);
    expect((await ledger()).filter(({ imageId }) => imageId === paid?.imageId)).toEqual([paid]);
    expect(await faults()).toEqual([]);
  });

  test('counts in its period, though the end of that was a guess', async () => {
    const now = Date.now();
    // Ended an hour ago; nothing was heard of the renewal yet.
    const { id } = await addSubscription(database, ann.owner, {
      periodStart: new Date(now - 28 * DAY_MS),
      periodEnd: new Date(now - 3_600_000),
    });
    expect(await ann.make(5)).toHaveLength(5);
    await addSubscription(database, ann.owner, {
      id,
      periodStart: new Date(now - 3_600_000),
      periodEnd: new Date(now + 40 * DAY_MS),
    });
    const late = new Date(now + 35 * DAY_MS);
    expect((await ann.standing(late)).allowance.units).toBe(5);
    expect(await ann.make(1, { now: late })).toEqual([]);
  });

  test('is taken anew by a retry, where the plan has room for it', async () => {
    const [imageId = ''] = await ann.make(1);
    await jobs.fail(await claim(), FAILURE, null);
    await ann.retry(imageId);
    expect(await states()).toEqual(['refunded', 'reserved']);
    await ann.cancel(imageId);
    expect(await ann.make(3)).toHaveLength(3);
    await expect(ann.retry(imageId)).rejects.toMatchObject({ code: 'quota_exceeded', status: 402 });
    expect(await faults()).toEqual([]);
  });

  test('counts where it was reserved, though its image ends in another period', async () => {
    await ann.make(3);
    const { periodStart } = await addSubscription(database, ann.owner, { plan: 'pro' });
    await jobs.fail(await claim(), FAILURE, null);
    expect(await ann.make(6)).toHaveLength(5);
    const ofNew = (await ledger()).filter((row) => row.periodStart.getTime() === periodStart.getTime());
    expect(ofNew).toHaveLength(5);
    expect(await faults()).toEqual([]);
  });

  test('is not taken by a run that an operator asks for', async () => {
    await ann.make(1);
    const job = await claim();
    await jobs.fail(job, FAILURE, null);
    expect(await jobs.replay([job.id], 'host:anna')).toEqual([job.id]);
    await jobs.complete(await claim(), [aOutput()]);
    expect(await states()).toEqual(['refunded']);
  });

  test('is recorded without a limit as well', async () => {
    const dev = await makeCustomer(store, 'dev');
    expect(await dev.make(50)).toHaveLength(50);
    expect(await readLedger(database.superuserUrl, dev.owner)).toHaveLength(50);
  });
});

describe('above the limit', () => {
  beforeEach(async () => {
    await addSubscription(database, ann.owner, { plan: 'pro' });
    await store.account(ann.owner).read.billing.setPayAsYouGo(ann.owner, { enabled: true, cap: 2 });
  });

  const overage = async () => (await ledger()).filter((unit) => unit.overage).map(({ imageId }) => imageId);
  async function meters(): Promise<string[]> {
    const entries: string[] = [];
    const look = async (items: { kind: string; entryId?: string; accountId?: string }[]) => {
      for (const { accountId, entryId = '' } of items) if (accountId === ann.owner) entries.push(entryId);
      throw new Error('they stay');
    };
    await jobs.drainOutbox(['meter'], 100, look).catch(() => undefined);
    return entries;
  }

  test('units are granted up to the cap, and told to Stripe when they are delivered', async () => {
    const made = await ann.make(8);
    expect(made).toHaveLength(7);
    expect(await overage()).toEqual(made.slice(5));
    for (let n = 0; n < 5; n++) await jobs.complete(await claim(), [aOutput()]);
    expect(await meters()).toEqual([]);
    await jobs.complete(await claim(), [aOutput()]);
    const paid = (await ledger()).filter(({ state, overage: above }) => above && state === 'settled');
    expect(paid).toHaveLength(1);
    expect(await meters()).toEqual(paid.map(({ id }) => id));
    expect(await faults()).toEqual([]);
  });

  test('whoever is ready first is in the plan', async () => {
    const made = await ann.make(6);
    const taken = await jobs.claim(6, 60_000);
    const above = taken.find(({ imageId }) => imageId === made[5]);
    if (above) await jobs.complete(above, [aOutput()]);
    expect(await meters()).toEqual([]);
    expect(await overage()).toEqual([made[0]]);
    // Now the one that is above fails: nothing is paid.
    const failing = taken.find(({ imageId }) => imageId === made[0]);
    if (failing) await jobs.fail(failing, FAILURE, null);
    for (const job of taken.slice(1, 5)) await jobs.complete(job, [aOutput()]);
    expect(await meters()).toEqual([]);
    expect(await faults()).toEqual([]);
  });

  test('a unit comes into the plan when one of the plan is given back', async () => {
    const made = await ann.make(7);
    await ann.cancel(made[0] ?? '');
    expect(await overage()).toEqual([made[6]]);
    expect(await faults()).toEqual([]);
  });
});

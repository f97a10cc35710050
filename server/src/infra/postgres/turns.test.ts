import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import {
  addOriginal,
  aImage,
  allEvents,
  aOutput,
  makeAccount,
  queueImages,
} from '../../../../tests/support/fixtures.ts';
import { newId } from '../../core/ids.ts';
import type { ClaimedJob, JobStore, Store } from '../../ports/index.ts';
import { createPostgresJobStore, createPostgresStore } from './index.ts';

const LEASE_MS = 60_000;
const FAILURE = { code: 'x', message: 'x', hint: null, retryable: true };

let database: TestDatabase;
let store: Store;
let jobs: JobStore;
let admin: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  store = createPostgresStore({ url: database.apiUrl, pool: 12 });
  jobs = createPostgresJobStore({ url: database.workerUrl, pool: 12 });
  admin = new pg.Client(database.superuserUrl);
  await admin.connect();
});
afterAll(async () => {
  await Promise.all([store.close(), jobs.close(), admin.end()]);
  await database.drop();
});
beforeEach(async () => {
  await admin.query(`UPDATE jobs SET state = 'canceled', lease = NULL, lease_until = NULL`);
  expect(await jobs.claim(1000, LEASE_MS)).toEqual([]);
});

const accountsOf = (taken: readonly ClaimedJob[]) => taken.map(({ accountId }) => accountId);

async function claimOne(): Promise<ClaimedJob> {
  const [job] = await jobs.claim(1, LEASE_MS);
  if (!job) throw new Error('nothing was claimed');
  return job;
}

async function suspend(owner: string, since: Date | null): Promise<void> {
  await admin.query('UPDATE accounts SET suspended_at = $2 WHERE id = $1', [owner, since]);
}

describe('accounts take turns', () => {
  test('ten thousand of one do not delay the single one of another', async () => {
    const [crowd, single] = [await makeAccount(store), await makeAccount(store)];
    await queueImages(store, crowd, 10_000);
    for (let served = 0; served < 5; served++) expect((await claimOne()).accountId).toBe(crowd);
    await queueImages(store, single, 1);
    expect((await claimOne()).accountId).toBe(single);
    expect((await claimOne()).accountId).toBe(crowd);
  });

  test('the places of one claim are shared', async () => {
    const [a, b, c] = [await makeAccount(store), await makeAccount(store), await makeAccount(store)];
    await queueImages(store, a, 10);
    await queueImages(store, b, 10);
    await queueImages(store, c, 1);
    const taken = accountsOf(await jobs.claim(7, LEASE_MS));
    expect([a, b, c].map((owner) => taken.filter((other) => other === owner).length)).toEqual([3, 3, 1]);
  });

  test('what is urgent goes first within its account, and past no other account', async () => {
    const [pushy, modest] = [await makeAccount(store), await makeAccount(store)];
    await queueImages(store, pushy, 3, { priority: 2 });
    const urgent = await queueImages(store, pushy, 2, { priority: 0 });
    const low = await queueImages(store, modest, 2, { priority: 2 });
    const order = [await claimOne(), await claimOne(), await claimOne(), await claimOne()];
    const ids = order.map(({ id }) => id);
    expect(ids.filter((id) => urgent.some(({ jobId }) => jobId === id))).toHaveLength(2);
    expect(ids.filter((id) => low.some(({ jobId }) => jobId === id))).toHaveLength(2);
    expect(new Set(accountsOf(order.slice(0, 2))).size).toBe(2);
  });

  test('a retry has its turn when its time has come', async () => {
    const [crowd, unlucky] = [await makeAccount(store), await makeAccount(store)];
    await queueImages(store, unlucky, 1);
    const failed = await claimOne();
    await queueImages(store, crowd, 10);
    await jobs.fail(failed, FAILURE, new Date(Date.now() + 3_600_000));
    expect(accountsOf(await jobs.claim(4, LEASE_MS))).toEqual([crowd, crowd, crowd, crowd]);
    await admin.query(`UPDATE jobs SET run_at = now(), state = 'queued' WHERE id = $1`, [failed.id]);
    expect((await claimOne()).id).toBe(failed.id);
  });
});

/** What happens to the queue, in random order; accounts by number. */
const act = fc.oneof(
  fc.record({ kind: fc.constant('queue' as const), who: fc.nat(49), count: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ kind: fc.constant('claim' as const), limit: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('end' as const), how: fc.constantFrom('complete', 'retry', 'release') }),
);

test('while work of one of fifty accounts waits, no other account is served in two claims', async () => {
  const owners: string[] = [];
  for (let n = 0; n < 50; n++) owners.push(await makeAccount(store));
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 30, maxLength: 80 }), async (acts) => {
      const queued = new Map<string, number>();
      const running: ClaimedJob[] = [];
      /** By who waits: who was served since. */
      const overtaken = new Map<string, Set<string>>();
      const add = (owner: string, count: number) => {
        const before = queued.get(owner) ?? 0;
        queued.set(owner, before + count);
        if (before === 0 && count > 0) overtaken.set(owner, new Set());
      };
      for (const one of acts) {
        if (one.kind === 'queue') {
          const owner = owners[one.who] ?? '';
          await queueImages(store, owner, one.count);
          add(owner, one.count);
        } else if (one.kind === 'end') {
          const job = running.shift();
          if (!job) continue;
          if (one.how === 'complete') await jobs.complete(job, [aOutput()]);
          else if (one.how === 'retry') await jobs.fail(job, FAILURE, new Date(Date.now() - 1));
          else await jobs.release(job);
          if (one.how !== 'complete') add(job.accountId, 1);
        } else {
          const waiting = [...queued.values()].reduce((sum, count) => sum + count, 0);
          const taken = await jobs.claim(one.limit, LEASE_MS);
          // No place stays free while there is work.
          expect(taken).toHaveLength(Math.min(one.limit, waiting));
          running.push(...taken);
          const served = new Set(accountsOf(taken));
          for (const owner of served) {
            queued.set(
              owner,
              (queued.get(owner) ?? 0) - taken.filter((job) => job.accountId === owner).length,
            );
            overtaken.set(owner, new Set());
          }
          for (const [owner, others] of overtaken) {
            if (served.has(owner) || (queued.get(owner) ?? 0) === 0) continue;
            for (const other of served) {
              expect(others.has(other), `${other} was served twice while ${owner} waited`).toBe(false);
              others.add(other);
            }
          }
        }
      }
      for (;;) {
        const rest = await jobs.claim(100, LEASE_MS);
        if (rest.length === 0) break;
        running.push(...rest);
      }
      for (const job of running) await jobs.complete(job, [aOutput()]);
    }),
    { numRuns: 6 },
  );
});

test('whoever queues while others empty the line is not forgotten', async () => {
  const owner = await makeAccount(store);
  let done = false;
  const producer = async () => {
    for (let n = 0; n < 60; n++) await queueImages(store, owner, 1);
  };
  const worker = async () => {
    for (let last = false; !last; ) {
      last = done;
      await jobs.claim(1, LEASE_MS);
    }
  };
  const workers = [worker(), worker(), worker()];
  await Promise.all([producer(), producer()]);
  done = true;
  await Promise.all(workers);
  while ((await jobs.claim(10, LEASE_MS)).length > 0);
  const { rows } = await admin.query(
    'SELECT state, count(*)::int FROM jobs WHERE account_id = $1 GROUP BY 1',
    [owner],
  );
  expect(rows).toEqual([{ state: 'running', count: 120 }]);
});

test('a claim that empties the line sees what was queued while it waited for its lock', async () => {
  const owner = await makeAccount(store);
  await queueImages(store, owner, 1);
  const image = aImage((await addOriginal(store.read, owner)).id);
  await store.read.images.insert(owner, [image]);
  const other = new pg.Client(database.superuserUrl);
  await other.connect();
  onTestFinished(() => other.end());
  await other.query('BEGIN');
  await other.query(
    `INSERT INTO jobs (account_id, id, image_id, priority, max_attempts) VALUES ($1, $2, $3, 1, 1)`,
    [owner, newId('job'), image.id],
  );
  // A claim is patient for less than a second: on a busy machine it may take several until one is seen to wait.
  const claiming = async () => {
    for (;;) for (const job of await jobs.claim(1, LEASE_MS)) return job;
  };
  const first = claiming();
  const waits = `SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'`;
  while ((await admin.query(waits, [database.name])).rowCount === 0);
  await other.query('COMMIT');
  const second = await first.then(claimOne);
  expect(second.id).not.toBe((await first).id);
});

describe('a suspended account', () => {
  test('rests: what is queued is not claimed, what runs is not renewed, and all goes on afterwards', async () => {
    const [owner, other] = [await makeAccount(store), await makeAccount(store)];
    await queueImages(store, owner, 2, { maxAttempts: 1 });
    const running = await claimOne();
    await queueImages(store, other, 1);
    const others = await claimOne();
    await suspend(owner, new Date());
    expect(await jobs.renew([running.lease, others.lease], -1000)).toEqual({
      lost: [running.lease],
      busy: [],
    });
    await admin.query(`UPDATE jobs SET lease_until = now() - interval '1 s' WHERE id = $1`, [running.id]);
    // It does not look like work that nobody takes, for seconds behind each claim that came by it.
    const taken: ClaimedJob[] = [];
    await expect
      .poll(async () => {
        taken.push(...(await jobs.claim(10, LEASE_MS)));
        return [await jobs.listDue(10), ((await jobs.msToNextDue()) ?? 0) > 1_000];
      })
      .toEqual([[], true]);
    expect(taken).toEqual([]);
    await jobs.renew([others.lease], LEASE_MS);
    expect(await jobs.reapExpired(10)).toEqual({ requeued: 1, dead: 0 });
    expect(await jobs.claim(10, LEASE_MS)).toEqual([]);
    expect(await store.read.images.get(owner, running.imageId)).toMatchObject({
      state: 'queued',
      attempts: 0,
    });
    const { data } = (await allEvents(store, owner)).at(-1) ?? {};
    expect(data).toMatchObject({ type: 'image.queued', attempt: 0 });
    expect(data).not.toHaveProperty('error');

    await suspend(owner, null);
    // They are looked at again within seconds, which need not pass here.
    expect(await jobs.msToNextDue()).toBeLessThanOrEqual(5_000);
    await admin.query('UPDATE account_turns SET next_at = now() WHERE account_id = $1', [owner]);
    expect(await jobs.claim(10, LEASE_MS)).toMatchObject([{ accountId: owner }, { accountId: owner }]);
  });

  test('does not stand in the way of others', async () => {
    const resting = await Promise.all(Array.from({ length: 12 }, () => makeAccount(store)));
    for (const owner of resting) {
      await queueImages(store, owner, 3);
      await suspend(owner, new Date());
    }
    const owner = await makeAccount(store);
    await queueImages(store, owner, 1);
    expect((await claimOne()).accountId).toBe(owner);
  });
});

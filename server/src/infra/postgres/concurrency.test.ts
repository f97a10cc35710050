import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import { allEvents, aOutput, cancel, makeAccount, queueImages } from '../../../../tests/support/fixtures.ts';
import { newId } from '../../core/ids.ts';
import type { ClaimedJob, JobStore, Store } from '../../ports/index.ts';
import { createPostgresJobStore, createPostgresStore } from './index.ts';

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
beforeEach(reset);

async function reset(): Promise<void> {
  await admin.query(`UPDATE jobs SET state = 'canceled', lease = NULL, lease_until = NULL`);
  await admin.query('DELETE FROM outbox');
}

const FAILURE = { code: 'x', message: 'x', hint: null, retryable: true };

async function claimed(): Promise<ClaimedJob> {
  const [job] = await jobs.claim(1, 60_000);
  if (!job) throw new Error('nothing was claimed');
  return job;
}

test('however many claim at once, a job is given to one of them', async () => {
  const accounts = [await makeAccount(store), await makeAccount(store), await makeAccount(store)];
  await fc.assert(
    fc
      .asyncProperty(
        fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 3, maxLength: 3 }),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 2, maxLength: 6 }),
        async (counts, limits) => {
          const made: string[] = [];
          for (const [index, owner] of accounts.entries()) {
            const queued = await queueImages(store, owner, counts[index] ?? 0);
            made.push(...queued.map(({ jobId }) => jobId));
          }
          const taken: ClaimedJob[] = [];
          const work = async (limit: number) => {
            for (;;) {
              const got = await jobs.claim(limit, 60_000);
              if (got.length === 0) return;
              taken.push(...got);
            }
          };
          await Promise.all(limits.map(work));
          // Who meets another for long passes over what is in dispute: it is there for whoever comes next.
          await work(made.length + 1);
          expect(taken.map(({ id }) => id).sort()).toEqual(made.sort());
          expect(new Set(taken.map(({ lease }) => lease)).size).toBe(made.length);
        },
      )
      .beforeEach(reset),
    { numRuns: 15 },
  );
});

test('whoever claims on behind an account that gave nothing holds no place of it meanwhile', async () => {
  const [ahead, behind] = [await makeAccount(store), await makeAccount(store)];
  const [held] = await queueImages(store, ahead, 1);
  const [wanted] = await queueImages(store, behind, 1);
  const other = new pg.Client(database.superuserUrl);
  await other.connect();
  onTestFinished(() => other.end());
  const lockTurn = 'SELECT 1 FROM account_turns WHERE account_id = $1 FOR UPDATE';
  await admin.query('BEGIN');
  await admin.query('SELECT 1 FROM jobs WHERE id = $1 FOR UPDATE', [held?.jobId]);
  await other.query('BEGIN');
  await other.query(lockTurn, [behind]);
  /** Since when a claim waits. */
  const waiting = async () => {
    const { rows } = await admin.query<{ since: string }>(
      `SELECT xact_start::text AS since FROM pg_stat_activity WHERE datname = current_database()
          AND application_name = 'stager-worker' AND wait_event_type = 'Lock'`,
    );
    return rows[0]?.since;
  };
  const taken: ClaimedJob[] = [];
  let free = false;
  // A claim is patient for less than a second: on a busy machine it may take several to look at one while it waits.
  for (let tries = 0; !free && tries < 20; tries += 1) {
    let over = false;
    const claim = jobs.claim(1, 60_000).finally(() => {
      over = true;
    });
    while (!free && !over) {
      const since = await waiting();
      if (since === undefined) continue;
      await other.query('SAVEPOINT before');
      free = (await other.query(`${lockTurn} SKIP LOCKED`, [ahead])).rowCount === 1;
      free &&= (await waiting()) === since;
      if (!free) await other.query('ROLLBACK TO before');
    }
    if (free) await other.query('COMMIT');
    taken.push(...(await claim));
  }
  expect(free).toBe(true);
  await admin.query('ROLLBACK');
  taken.push(...(await jobs.claim(2, 60_000)));
  expect(taken.map(({ id }) => id).sort()).toEqual([held?.jobId, wanted?.jobId].sort());
});

test('events have no gaps and no twins, whoever rolls back', async () => {
  const accounts = [await makeAccount(store), await makeAccount(store)];
  const written = new Map(accounts.map((owner) => [owner, 0]));
  const plan = fc.record({
    account: fc.constantFrom(0, 1),
    events: fc.integer({ min: 1, max: 4 }),
    fails: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(plan, { minLength: 1, maxLength: 12 }), async (plans) => {
      await Promise.all(
        plans.map(async ({ account, events, fails }) => {
          const owner = accounts[account] ?? '';
          const event = { type: 'image.queued', imageId: newId('img'), projectId: null, data: {} };
          const outcome = store.transaction(async (tx) => {
            await tx.events.append(owner, Array(events).fill(event));
            if (fails) throw new Error('rolled back');
          });
          if (fails) await expect(outcome).rejects.toThrow('rolled back');
          else {
            await outcome;
            written.set(owner, (written.get(owner) ?? 0) + events);
          }
        }),
      );
      for (const owner of accounts) {
        const count = written.get(owner) ?? 0;
        expect((await store.read.events.range(owner)).head).toBe(count);
        const seqs = (await allEvents(store, owner)).map(({ seq }) => seq);
        expect(seqs).toEqual(Array.from({ length: count }, (_, n) => n + 1));
      }
    }),
    { numRuns: 15 },
  );
});

test('a reader that follows the head misses nothing that commits out of order', async () => {
  const owner = await makeAccount(store);
  const event = { type: 'image.queued', imageId: newId('img'), projectId: null, data: {} };
  const seen: number[] = [];
  let done = false;
  const reader = (async () => {
    for (let last = false, cursor = 0; !last; ) {
      last = done;
      const { head } = await store.read.events.range(owner);
      const rows = await store.read.events.read(owner, {}, cursor, head, 1000);
      seen.push(...rows.map(({ seq }) => seq));
      cursor = head;
    }
  })();
  await Promise.all(
    Array.from({ length: 40 }, () =>
      store.transaction(async (tx) => {
        await tx.events.append(owner, [event, event]);
        // A little work before the commit, of different length each time.
        for (let i = Math.random() * 4; i > 0; i--) await tx.projects.get(owner, 'prj_1');
      }),
    ),
  );
  done = true;
  await reader;
  expect(seen).toEqual(Array.from({ length: 80 }, (_, n) => n + 1));
});

describe('a transaction that hangs in one account', () => {
  let stuck: string;
  let free: string;
  let release: () => void;
  let hanging: Promise<unknown>;

  beforeEach(async () => {
    [stuck, free] = [await makeAccount(store), await makeAccount(store)];
    await queueImages(store, stuck, 2);
    await queueImages(store, free, 1);
    const held = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    release = held.resolve;
    hanging = store.transaction(async (tx) => {
      const event = { type: 'image.queued', imageId: newId('img'), projectId: null, data: {} };
      await tx.events.append(stuck, [event]);
      entered.resolve();
      await held.promise;
    });
    await entered.promise;
  });

  test('stalls neither writing nor reading nor claiming of the others', async () => {
    await queueImages(store, free, 1);
    expect((await allEvents(store, free)).map(({ seq }) => seq)).toEqual([1, 2]);
    const taken = await jobs.claim(1, 60_000);
    expect(taken.map(({ accountId }) => accountId)).toEqual([free]);
    expect(await jobs.complete(taken[0] ?? (await claimed()), [aOutput()])).toBe(true);
    // What is stuck is seen as it was committed, without the number that is still open.
    expect((await store.read.events.range(stuck)).head).toBe(2);
    release();
    await hanging;
    const rest = await jobs.claim(10, 60_000);
    expect(rest.map(({ accountId }) => accountId).sort()).toEqual([stuck, stuck, free].sort());
    expect((await allEvents(store, stuck)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });

  test('does not stall the reaper', async () => {
    release();
    await hanging;
    expect(await jobs.claim(3, -1000)).toHaveLength(3);
    const again = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const holding = store.transaction(async (tx) => {
      const event = { type: 'image.queued', imageId: newId('img'), projectId: null, data: {} };
      await tx.events.append(stuck, [event]);
      entered.resolve();
      await again.promise;
    });
    await entered.promise;
    expect(await jobs.reapExpired(10)).toEqual({ requeued: 1, dead: 0 });
    again.resolve();
    await holding;
    expect(await jobs.reapExpired(10)).toEqual({ requeued: 2, dead: 0 });
  });
});

test('whoever holds the sums of one account does not stall the reaper', async () => {
  const [stuck, free] = [await makeAccount(store), await makeAccount(store)];
  for (const owner of [stuck, free]) await queueImages(store, owner, 1, { maxAttempts: 1 });
  expect(await jobs.claim(2, -1000)).toHaveLength(2);
  await admin.query('BEGIN');
  await admin.query('SELECT 1 FROM usage_periods WHERE account_id = $1 FOR UPDATE', [stuck]);
  expect(await jobs.reapExpired(10)).toEqual({ requeued: 0, dead: 1 });
  await admin.query('COMMIT');
  expect(await jobs.reapExpired(10)).toEqual({ requeued: 0, dead: 1 });
});

test('many accounts that hang are passed over too', async () => {
  const stuck = await Promise.all(Array.from({ length: 4 }, () => makeAccount(store)));
  for (const owner of stuck) await queueImages(store, owner, 1);
  const free = await makeAccount(store);
  await queueImages(store, free, 1);
  const event = { type: 'image.queued', imageId: newId('img'), projectId: null, data: {} };
  await store.transaction(async (tx) => {
    for (const owner of stuck) await tx.events.append(owner, [event]);
    expect(await claimed()).toMatchObject({ accountId: free });
  });
  expect(await jobs.claim(10, 60_000)).toHaveLength(4);
});

test('a storm of everything at once deadlocks nobody and leaves job and image in agreement', async () => {
  const owners = [await makeAccount(store), await makeAccount(store)];
  const made = (await Promise.all(owners.map((owner) => queueImages(store, owner, 15)))).flat();
  const ownerOf = (index: number) => owners[index < 15 ? 0 : 1] ?? '';
  const worker = async () => {
    for (;;) {
      const got = await jobs.claim(3, 60_000);
      if (got.length === 0) return;
      await Promise.all(
        got.map(async (job, index) => {
          await jobs.progress(job, 0.5, 'half');
          if (index === 0) await jobs.complete(job, [aOutput()]);
          else if (index === 1) await jobs.fail(job, FAILURE, job.attempt < 2 ? new Date() : null);
          else await jobs.fail(job, FAILURE, null);
        }),
      );
    }
  };
  const canceler = async () => {
    for (const [index, { image }] of made.entries()) {
      if (index % 3 === 0) await cancel(store, ownerOf(index), image.id);
    }
  };
  await Promise.all([worker(), worker(), worker(), canceler(), jobs.reapExpired(10), jobs.prune(new Date())]);
  const { rows } = await admin.query(
    `SELECT i.state AS image, j.state AS job, count(*)::int FROM images i
       JOIN jobs j ON j.account_id = i.account_id AND j.image_id = i.id
      WHERE i.account_id = ANY($1)
        AND (i.state, j.state) NOT IN (('ready', 'done'), ('error', 'dead'), ('canceled', 'canceled'))
        -- Canceling what had ended already is not what the command does, and changes the image alone.
        AND NOT (i.state = 'canceled' AND j.state IN ('done', 'dead'))
      GROUP BY 1, 2`,
    [owners],
  );
  expect(rows).toEqual([]);
  for (const owner of owners) {
    const seqs = (await allEvents(store, owner)).map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, n) => n + 1));
  }
});

test('those who meet in a deadlock both get through', async () => {
  const [a, b] = [await makeAccount(store), await makeAccount(store)];
  const both = Promise.withResolvers<void>();
  let arrived = 0;
  let runs = 0;
  const lock = (first: string, second: string) =>
    store.transaction(async (tx) => {
      runs += 1;
      await tx.accounts.lock(first);
      arrived += 1;
      if (arrived === 2) both.resolve();
      await both.promise;
      await tx.accounts.lock(second);
    });
  await Promise.all([lock(a, b), lock(b, a)]);
  expect(runs).toBe(3);
});

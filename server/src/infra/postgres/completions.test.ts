import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
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
  store = createPostgresStore({ url: database.apiUrl, pool: 4 });
  jobs = createPostgresJobStore({ url: database.workerUrl, pool: 8 });
  admin = new pg.Client(database.superuserUrl);
  await admin.connect();
});
afterAll(async () => {
  await Promise.all([store.close(), jobs.close(), admin.end()]);
  await database.drop();
});

/** Jobs of fresh accounts, as many of each as said, all claimed. */
async function claimOf(...counts: number[]): Promise<{ owners: string[]; taken: ClaimedJob[] }> {
  const owners: string[] = [];
  for (const count of counts) {
    const owner = await makeAccount(store);
    owners.push(owner);
    await queueImages(store, owner, count);
  }
  const all = counts.reduce((sum, count) => sum + count, 0);
  const taken: ClaimedJob[] = [];
  while (taken.length < all) taken.push(...(await jobs.claim(all - taken.length, 60_000)));
  return { owners, taken };
}

const byAccount = (taken: readonly ClaimedJob[], owner: string | undefined) =>
  taken.filter(({ accountId }) => accountId === owner);

async function stateOf({ accountId, imageId }: ClaimedJob): Promise<string | undefined> {
  return (await store.read.images.get(accountId, imageId))?.state;
}

test('jobs that end in the same moment share a transaction, and each has its outputs and its event', async () => {
  const { owners, taken } = await claimOf(5, 6, 5);
  const ends = taken.map((job) =>
    jobs.complete(job, [aOutput({ name: job.id }), aOutput({ name: 'thumbnail' })]),
  );
  expect(new Set(await Promise.all(ends))).toEqual(new Set([true]));
  const ids = taken.map(({ id }) => id);
  const { rows } = await admin.query(
    `SELECT count(DISTINCT xmin::text)::int AS written, bool_and(state = 'done') AS done FROM jobs WHERE id = ANY($1)`,
    [ids],
  );
  expect(rows).toEqual([{ written: 1, done: true }]);
  for (const job of taken) {
    const image = await store.read.images.get(job.accountId, job.imageId);
    expect(image?.state).toBe('ready');
    expect(image?.outputs.map(({ name }) => name)).toEqual([job.id, 'thumbnail']);
  }
  for (const [index, owner] of owners.entries()) {
    const events = await allEvents(store, owner);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, n) => n + 1));
    expect(events.filter(({ data }) => JSON.stringify(data).includes('image.ready'))).toHaveLength(
      [5, 6, 5][index] ?? 0,
    );
  }
});

test('one that has lost its lease is told so, and the others end', async () => {
  const { taken } = await claimOf(3);
  const [canceled, ...others] = taken;
  if (!canceled) throw new Error('nothing was claimed');
  await cancel(store, canceled.accountId, canceled.imageId);
  const ends = await Promise.all(taken.map((job) => jobs.complete(job, [aOutput()])));
  expect(ends).toEqual([false, true, true]);
  expect(await stateOf(canceled)).toBe('canceled');
  for (const job of others) expect(await stateOf(job)).toBe('ready');
});

test('outputs that the database refuses fail their own job alone', async () => {
  const { taken } = await claimOf(3);
  const ends = await Promise.allSettled(
    taken.map((job, index) => jobs.complete(job, index === 1 ? [aOutput(), aOutput()] : [aOutput()])),
  );
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await Promise.all(taken.map(stateOf))).toEqual(['ready', 'processing', 'ready']);
});

test('whoever holds an account, its sums, an image or a job holds up no job of others', async () => {
  const { owners, taken } = await claimOf(1, 3, 1, 1);
  const [holding, imageHeld, sumsHeld, free] = owners.map((owner) => byAccount(taken, owner));
  const [waiting] = holding ?? [];
  const [touched, renewed, beside] = imageHeld ?? [];
  const [above] = sumsHeld ?? [];
  const [other] = free ?? [];
  if (!waiting || !touched || !renewed || !beside || !above || !other) throw new Error('not all was claimed');
  await admin.query('UPDATE ledger SET overage = true WHERE image_id = $1', [above.imageId]);
  for (const table of ['usage_periods', 'usage_days'])
    await admin.query(`UPDATE ${table} SET overage = 1 WHERE account_id = $1`, [above.accountId]);
  await admin.query('BEGIN');
  onTestFinished(async () => void (await admin.query('ROLLBACK')));
  await admin.query('SELECT 1 FROM jobs WHERE id = $1 FOR UPDATE', [renewed.id]);
  await admin.query('SELECT 1 FROM usage_periods WHERE account_id = $1 FOR UPDATE', [above.accountId]);
  const release = Promise.withResolvers<void>();
  const entered = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const event = { type: 'image.queued', imageId: newId('img'), projectId: null, data: {} };
  const hanging = [
    store.transaction(async (tx) => {
      await tx.events.append(waiting.accountId, [event]);
      entered[0]?.resolve();
      await release.promise;
    }),
    store.transaction(async (tx) => {
      await tx.images.getForUpdate(touched.accountId, touched.imageId);
      entered[1]?.resolve();
      await release.promise;
    }),
  ];
  await Promise.all(entered.map(({ promise }) => promise));
  let held = 4;
  const late = [waiting, touched, renewed, above].map((job) =>
    jobs.complete(job, [aOutput()]).finally(() => (held -= 1)),
  );
  const prompt = [beside, other].map((job) => jobs.complete(job, [aOutput()]));
  expect(await Promise.all(prompt)).toEqual([true, true]);
  expect(held).toBe(4);
  release.resolve();
  await admin.query('COMMIT');
  await Promise.all(hanging);
  expect(await Promise.all(late)).toEqual([true, true, true, true]);
});

import { createPostgresDoorbell } from '@stager/server/infra/doorbell/postgres';
import { createPostgresNotifier } from '@stager/server/infra/notify/postgres';
import {
  createListener,
  createPostgresJobStore,
  createPostgresStore,
} from '@stager/server/infra/postgres/index';
import type { ClaimedJob, JobStore, Store } from '@stager/server/ports';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import { aOutput, makeAccount, queueImages } from '../../../tests/support/fixtures.ts';
import { keepingLog } from '../testing.ts';
import { type ClaimLoop, createClaimLoop } from './loop.ts';

let database: TestDatabase;
let store: Store;
let jobs: JobStore;
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  store = createPostgresStore({ url: database.apiUrl, pool: 4 });
  jobs = createPostgresJobStore({ url: database.workerUrl, pool: 8 });
  closing.push(database.drop, store.close, jobs.close);
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** Resolves for all who came when so many are there: nobody is a stage ahead because another had no turn. */
function createStage(places: number): (signal: AbortSignal) => Promise<void> {
  let here = Promise.withResolvers<void>();
  let count = 0;
  return (signal) => {
    const { promise, resolve } = here;
    signal.addEventListener('abort', () => resolve());
    count += 1;
    if (count === places) {
      resolve();
      here = Promise.withResolvers<void>();
      count = 0;
    }
    return promise;
  };
}

/** A worker whose engine does nothing but wait for those of the others. */
async function startWorker(
  concurrency: number,
  stage: ReturnType<typeof createStage>,
  onStart: (job: ClaimedJob) => void,
): Promise<ClaimLoop> {
  const listener = createListener({ url: database.workerUrl });
  const loop = createClaimLoop({
    jobs,
    doorbell: createPostgresDoorbell(listener),
    notifier: createPostgresNotifier(listener),
    concurrency,
    leaseMs: 30_000,
    async run(job, signal) {
      onStart(job);
      await stage(signal);
      await jobs.complete(job, [aOutput()]);
    },
    log: keepingLog(),
    kick: () => undefined,
  });
  await loop.start();
  closing.push(
    () => listener.close(),
    () => loop.drain(0),
  );
  return loop;
}

test.each([
  { workers: 1, places: 1 },
  { workers: 1, places: 4 },
  { workers: 3, places: 2 },
])(
  '$workers × $places places busy with 10,000 photos of one account: another one waits for two stages at most',
  async ({ workers, places }) => {
    const [crowd, single] = [await makeAccount(store), await makeAccount(store)];
    await queueImages(store, crowd, 10_000);
    const started: string[] = [];
    const stage = createStage(workers * places);
    for (let n = 0; n < workers; n++)
      await startWorker(places, stage, ({ accountId }) => started.push(accountId));
    for (let round = 1; round <= 5; round++) {
      await expect.poll(() => started.length, { interval: 5 }).toBeGreaterThan(20);
      // Low, and still it does not wait for the other account.
      await queueImages(store, single, 1, { priority: 2 });
      const queuedAt = started.length;
      const served = () => started.filter((accountId) => accountId === single).length;
      await expect.poll(served, { interval: 1 }).toBe(round);
      // A stage is one job on every place.
      const before = started.lastIndexOf(single) - queuedAt;
      expect(before).toBeLessThanOrEqual(2 * workers * places);
    }
  },
);

import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBeeDoorbell } from '../../server/src/infra/doorbell/bee/index.ts';
import { createPostgresJobStore, createPostgresStore } from '../../server/src/infra/postgres/index.ts';
import type { ClaimedJob, Doorbell, JobStore, Store } from '../../server/src/ports/index.ts';
import { createClaimLoop } from '../../worker/src/loop/loop.ts';
import { sweepJobs } from '../../worker/src/sweep/sweeper.ts';
import { keepingLog } from '../../worker/src/testing.ts';
import { createTestDatabase } from '../support/database.ts';
import { allEvents, aOutput, makeAccount, queueImages } from '../support/fixtures.ts';
import { type Server, startRedis } from '../support/services.ts';
import { makeTempDir } from '../support/tempDir.ts';

/*
 * Jobs that bee-queue would run without end, beside each other or twice to success: here they are rung for on a real Redis,
 * and PostgreSQL decides.
 */

const LEASE_MS = 400;
/** Of a worker that is not to lose it. */
const LONG_MS = 600_000;

let folder: string;
let redis: Server;
let store: Store;
let jobs: JobStore;
let owner: string;
let ringer: Doorbell;
let closing: (() => Promise<unknown>)[];
beforeEach(async () => {
  folder = makeTempDir('stager-bee-jobs');
  redis = await startRedis(folder);
  const database = await createTestDatabase();
  const open = {
    store: createPostgresStore({ url: database.apiUrl, pool: 4 }),
    jobs: createPostgresJobStore({ url: database.workerUrl, pool: 10 }),
  };
  ({ store, jobs } = open);
  closing = [database.drop, open.store.close, open.jobs.close];
  owner = await makeAccount(store);
  ringer = bell();
});
afterEach(async () => {
  for (const end of closing.toReversed()) await end();
  await redis.stop('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function bell(): Doorbell {
  const made = createBeeDoorbell({ url: `redis://127.0.0.1:${redis.port}`, prefix: 'jobs' });
  closing.push(() => made.close());
  return made;
}

const nobody = { subscribe: async () => async () => undefined };

/** A worker whose handling of a job the test tells. A blocked one says nothing of its leases. */
async function startWorker(
  run: (job: ClaimedJob, signal: AbortSignal) => Promise<void>,
  { blocked = false, places = 10, leaseMs = LEASE_MS } = {},
): Promise<void> {
  const unblocked = Promise.withResolvers<{ lost: string[]; busy: string[] }>();
  const { claim, msToNextDue } = jobs;
  const loop = createClaimLoop({
    jobs: blocked ? { claim, msToNextDue, renew: () => unblocked.promise } : jobs,
    doorbell: bell(),
    notifier: nobody,
    concurrency: places,
    leaseMs,
    run,
    log: keepingLog(),
    kick: () => undefined,
  });
  await loop.start();
  closing.push(() => {
    unblocked.resolve({ lost: [], busy: [] });
    return loop.drain(0);
  });
}

/** What an engine does whose job is stopped: it ends when its signal says so. */
function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

const sweep = () =>
  sweepJobs({
    jobs,
    doorbell: ringer,
    objects: { remove: async () => undefined },
    log: keepingLog(),
    kick: () => undefined,
  });

async function queueOne(): Promise<{ imageId: string; jobId: string }> {
  const [made] = await queueImages(store, owner, 1);
  if (!made) throw new Error('no image was made');
  await ringer.ring([{ v: 1, jobId: made.jobId }]);
  return { imageId: made.image.id, jobId: made.jobId };
}

async function endsOf(imageId: string) {
  const events = (await allEvents(store, owner)).map(({ data }) => data);
  const ends = ['image.ready', 'image.error'];
  return events
    .filter((event) => event.imageId === imageId && ends.includes(event.type))
    .map(({ type }) => type);
}

test('a job whose worker says nothing more, time after time, ends after its attempts', async () => {
  const attempts: number[] = [];
  await startWorker(
    async (job, signal) => {
      attempts.push(job.attempt);
      await stopped(signal);
    },
    { blocked: true },
  );
  const { imageId, jobId } = await queueOne();
  await expect
    .poll(
      async () => {
        await sweep();
        return endsOf(imageId);
      },
      { interval: 50 },
    )
    .toEqual(['image.error']);
  expect(attempts).toEqual([1, 2, 3]);
  expect(await store.read.images.get(owner, imageId)).toMatchObject({
    state: 'error',
    error: { code: 'worker_lost' },
  });

  // However often it is rung for, it is not taken again: another one that is rung for behind it is.
  await ringer.ring(Array.from({ length: 5 }, () => ({ v: 1, jobId }) as const));
  await queueOne();
  await expect.poll(() => attempts).toEqual([1, 2, 3, 1]);
});

test('of a worker that was blocked and the one in its place, one publishes', async () => {
  const late = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const published: string[] = [];
  const publish = async (who: string, job: ClaimedJob) => {
    const output = aOutput({ objectKey: `outputs/${job.lease}/finished.jpg` });
    if (await jobs.complete(job, [output])) published.push(`${who} ${job.lease}`);
  };
  const leases: string[] = [];
  let tried = false;
  await startWorker(
    async (job) => {
      leases.push(job.lease);
      begun.resolve();
      await late.promise;
      await publish('blocked', job);
      tried = true;
    },
    { blocked: true, places: 1 },
  );
  const { imageId } = await queueOne();
  await begun.promise;
  await startWorker(
    async (job) => {
      leases.push(job.lease);
      await publish('next', job);
    },
    { leaseMs: LONG_MS },
  );
  await expect
    .poll(
      async () => {
        await sweep();
        return published.length;
      },
      { interval: 50 },
    )
    .toBe(1);
  late.resolve();
  await expect.poll(() => tried).toBe(true);
  expect(leases).toHaveLength(2);
  expect(published).toEqual([`next ${leases[1]}`]);
  expect(await endsOf(imageId)).toEqual(['image.ready']);
  const image = await store.read.images.get(owner, imageId);
  expect(image?.outputs.map(({ objectKey }) => objectKey)).toEqual([`outputs/${leases[1]}/finished.jpg`]);
});

test('a job is told to stop before another worker can begin with it', async () => {
  const signals: AbortSignal[] = [];
  const overlaps: number[] = [];
  await startWorker(
    async (_job, signal) => {
      overlaps.push(signals.filter(({ aborted }) => !aborted).length);
      signals.push(signal);
      await stopped(signal);
    },
    { blocked: true },
  );
  await queueOne();
  await expect
    .poll(
      async () => {
        await sweep();
        return overlaps;
      },
      { interval: 20 },
    )
    .toEqual([0, 0, 0]);
});

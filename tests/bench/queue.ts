import Queue from 'bee-queue';
import { createPostgresJobStore, createPostgresStore } from '../../server/src/infra/postgres/index.ts';
import { makeAccount, queueImages } from '../support/fixtures.ts';
import { type Child, startChild } from './child.ts';
import { type Bench, best, type Result, result } from './result.ts';
import { type BenchServices, startServices } from './services.ts';

const JOBS = 1_000;
const ACCOUNTS = 20;
const BARE_JOBS = 10_000;
/** Places of a worker, on both sides. */
const CONCURRENCY = 16;
/** Rounds of which the best counts, on both sides. */
const ROUNDS = 3;
const WORKERS = [1, 2, 4];

/** Jobs a second of bee-queue by itself, with one process. */
async function bareRate({ redisPort: port }: BenchServices, round: number): Promise<number> {
  const name = `bare-${round}`;
  const producer = new Queue(name, {
    redis: { host: '127.0.0.1', port },
    isWorker: false,
    getEvents: false,
    storeJobs: false,
  });
  for (let from = 0; from < BARE_JOBS; from += 1_000) {
    await producer.saveAll(
      Array.from({ length: 1_000 }, (_, n) => producer.createJob({ v: 1, n: from + n })),
    );
  }
  const child = await startChild('queue-baseline.ts', { port, name, concurrency: CONCURRENCY });
  const begin = performance.now();
  child.process.send('go');
  for (let done = 0; done < BARE_JOBS; ) done = (await child.next<{ count: number }>('done')).count;
  const ms = performance.now() - begin;
  await child.stop();
  await producer.close();
  return BARE_JOBS / (ms / 1000);
}

/** Jobs a second through claim, empty engine and settlement, with so many worker processes. */
async function ourRate(services: BenchServices, workers: number): Promise<number> {
  const { urls, redisPort } = services;
  const store = createPostgresStore({ url: urls.api, pool: 4 });
  const jobs = createPostgresJobStore({ url: urls.worker, pool: 2 });
  for (let n = 0; n < ACCOUNTS; n++) {
    const owner = await makeAccount(store);
    await queueImages(store, owner, JOBS / ACCOUNTS);
  }
  // What was queued was told before the clock starts.
  while ((await jobs.drainOutbox(['job', 'events'], 1_000, async () => undefined)) > 0);
  const settings = {
    databaseUrl: urls.worker,
    redisUrl: `redis://127.0.0.1:${redisPort}`,
    concurrency: CONCURRENCY,
    engineMs: 0,
    tellClaims: false,
  };
  const children: Child[] = [];
  for (let n = 0; n < workers; n++) children.push(await startChild('queue-worker.ts', settings));
  const counts = children.map(() => 0);
  const begin = performance.now();
  const finished = new Promise<number>((resolve) => {
    for (const [n, child] of children.entries()) {
      child.process.on('message', (message: { type?: string; count?: number }) => {
        if (message.type !== 'done') return;
        counts[n] = message.count ?? 0;
        if (counts.reduce((sum, count) => sum + count, 0) >= JOBS) resolve(performance.now() - begin);
      });
      child.process.send('go');
    }
  });
  const ms = await finished;
  await Promise.all(children.map((child) => child.stop()));
  const left = await jobs.msToNextDue();
  await Promise.all([store.close(), jobs.close()]);
  if (left !== null) throw new Error('jobs were left');
  return JOBS / (ms / 1000);
}

export const queue: Bench = {
  name: 'queue',
  about: `jobs a second through claim, empty engine and settlement, beside bare bee-queue on the same machine`,
  async run() {
    const services = await startServices();
    try {
      const bare: number[] = [];
      const ours = new Map(WORKERS.map((workers) => [workers, [] as number[]]));
      for (let round = 0; round < ROUNDS; round++) {
        bare.push(await bareRate(services, round));
        for (const [workers, rates] of ours) rates.push(await ourRate(services, workers));
      }
      return [...ours].map(
        ([workers, rates]): Result =>
          result(
            `${workers} worker${workers === 1 ? '' : 's'}`,
            'jobs/s',
            best(rates),
            best(bare),
            workers === 1 ? '>= 0.08' : null,
          ),
      );
    } finally {
      await services.close();
    }
  },
};

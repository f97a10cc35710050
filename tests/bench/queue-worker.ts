// The queue's side of a worker as it is deployed: claim loop, leases, relay, settlement. Photos are neither fetched nor made.
import { setTimeout as delay } from 'node:timers/promises';
import { createBeeDoorbell } from '@stager/server/infra/doorbell/bee/index';
import { createPostgresDoorbell } from '@stager/server/infra/doorbell/postgres';
import { createPostgresNotifier } from '@stager/server/infra/notify/postgres';
import { createListener, createPostgresJobStore } from '@stager/server/infra/postgres/index';
import { createClaimLoop } from '../../worker/src/loop/loop.ts';
import { createWorkerRelay } from '../../worker/src/relay.ts';

export interface WorkerSettings {
  readonly databaseUrl: string;
  /** Doorbell on Redis, else on the database. */
  readonly redisUrl: string | null;
  readonly concurrency: number;
  /** How long the engine does nothing, milliseconds. */
  readonly engineMs: number;
  /** Whether each claim is told, with its time. */
  readonly tellClaims: boolean;
}

// Written by the benchmark that started this.
const settings = JSON.parse(process.argv[2] ?? '') as WorkerSettings;
const send = (message: object): void => void process.send?.(message);

const url = settings.databaseUrl;
const jobs = createPostgresJobStore({ url, pool: 10 });
const listener = createListener({ url });
const notifier = createPostgresNotifier(listener);
const doorbell = settings.redisUrl
  ? createBeeDoorbell({ url: settings.redisUrl, prefix: 'bench' })
  : createPostgresDoorbell(listener);
const ignore = () => undefined;
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const relay = createWorkerRelay({
  jobs,
  doorbell,
  notifier,
  objects: { remove: async () => undefined },
  log,
});
const { kick } = relay;
let done = 0;
let telling: NodeJS.Timeout | undefined;
const loop = createClaimLoop({
  jobs,
  doorbell,
  notifier,
  concurrency: settings.concurrency,
  leaseMs: 30_000,
  async run(job) {
    if (settings.tellClaims) {
      send({ type: 'claimed', imageId: job.imageId, at: String(process.hrtime.bigint()) });
    }
    if (settings.engineMs > 0) await delay(settings.engineMs);
    if (!(await jobs.complete(job, []))) throw new Error('a lease was lost');
    kick();
    done += 1;
    telling ??= setTimeout(() => {
      telling = undefined;
      send({ type: 'done', count: done });
    }, 5);
  },
  log,
  kick,
});
process.on('message', async (message) => {
  if (message === 'go') {
    relay.start();
    await loop.start();
    await loop.claiming;
    send({ type: 'claiming' });
    return;
  }
  await loop.drain(5_000);
  await relay.stop();
  await Promise.allSettled([doorbell.close(), notifier.close()]);
  await listener.close();
  await jobs.close();
  clearTimeout(telling);
  process.disconnect();
});
send({ type: 'ready' });
// Nothing is left of it when the benchmark has failed.
process.once('disconnect', () => process.exit());

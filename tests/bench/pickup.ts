import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { createClient } from 'redis';
import { createRelay } from '../../server/src/core/relay/relay.ts';
import { createBeeDoorbell } from '../../server/src/infra/doorbell/bee/index.ts';
import { createPostgresDoorbell } from '../../server/src/infra/doorbell/postgres.ts';
import { createPostgresNotifier } from '../../server/src/infra/notify/postgres.ts';
import {
  createListener,
  createPostgresJobStore,
  createPostgresStore,
} from '../../server/src/infra/postgres/index.ts';
import { makeAccount, queueImages } from '../support/fixtures.ts';
import { startChild } from './child.ts';
import { type Bench, type Result, result } from './result.ts';
import { type BenchServices, startServices } from './services.ts';

const IMAGES = 150;
const ROUND_TRIPS = 300;
/** Under load, others queue an image this often and a worker is busy with each for as long. Milliseconds. */
const LOAD_EVERY_MS = 25;
const BUSY_MS = 40;
const PLACES = 8;

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}

async function repeat(count: number, once: () => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const begin = performance.now();
    await once();
    times.push(performance.now() - begin);
  }
  return times;
}

/** From sending a NOTIFY on one connection to its arrival on another. */
async function notifyTrips(url: string): Promise<number[]> {
  const [sender, listener] = [new pg.Client(url), new pg.Client(url)];
  await Promise.all([sender.connect(), listener.connect()]);
  let heard: () => void = () => undefined;
  listener.on('notification', () => heard());
  await listener.query('LISTEN bench');
  const times = await repeat(ROUND_TRIPS, async () => {
    const arrived = new Promise<void>((resolve) => (heard = resolve));
    await sender.query('NOTIFY bench');
    await arrived;
  });
  await Promise.all([sender.end(), listener.end()]);
  return times;
}

/** From sending an LPUSH on one connection to the answer of a BRPOPLPUSH that waits on another. */
async function redisTrips(port: number): Promise<number[]> {
  const [sender, waiter] = [createClient({ port }), createClient({ port })];
  const times = await repeat(ROUND_TRIPS, async () => {
    const arrived = new Promise<void>((resolve, reject) => {
      waiter.brpoplpush('bench-from', 'bench-to', 5, (error) => (error ? reject(error) : resolve()));
    });
    sender.lpush('bench-from', 'x');
    await arrived;
  });
  await Promise.all([sender, waiter].map((client) => new Promise((done) => client.quit(done))));
  return times;
}

/** What every claim waits for at the least: that the disk has a commit. Here of a message that nobody reads. */
async function commits(url: string): Promise<number[]> {
  const client = new pg.Client(url);
  await client.connect();
  const times = await repeat(ROUND_TRIPS, async () => {
    await client.query(`SELECT pg_logical_emit_message(true, 'bench', 'x')`);
  });
  await client.end();
  return times;
}

interface Field {
  readonly create: () => Promise<string>;
  /** When an image was claimed, on the clock of `process.hrtime`, which all processes share. */
  readonly claimedAt: (imageId: string) => Promise<bigint>;
  readonly load: (signal: AbortSignal) => Promise<void>;
  close(): Promise<void>;
}

/** The API's side in this process: store, relay, doorbell; a worker in another. */
async function openField({ urls, redisPort }: BenchServices, onRedis: boolean): Promise<Field> {
  const redisUrl = onRedis ? `redis://127.0.0.1:${redisPort}` : null;
  const store = createPostgresStore({ url: urls.api, pool: 4 });
  const jobs = createPostgresJobStore({ url: urls.relay, pool: 2 });
  const listener = createListener({ url: urls.api });
  const notifier = createPostgresNotifier(listener);
  const doorbell = redisUrl
    ? createBeeDoorbell({ url: redisUrl, prefix: 'bench' })
    : createPostgresDoorbell(listener);
  const ignore = () => undefined;
  const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
  const objects = { remove: async () => undefined };
  const relay = createRelay({ jobs, doorbell, notifier, objects, kinds: ['job', 'events'], log });
  const child = await startChild('queue-worker.ts', {
    databaseUrl: urls.worker,
    redisUrl,
    concurrency: PLACES,
    engineMs: BUSY_MS,
    tellClaims: true,
  });
  const claims = new Map<string, PromiseWithResolvers<bigint>>();
  const claimOf = (imageId: string) => {
    const claim = claims.get(imageId) ?? Promise.withResolvers<bigint>();
    claims.set(imageId, claim);
    return claim;
  };
  child.process.on('message', (message: { type?: string; imageId?: string; at?: string }) => {
    if (message.type === 'claimed' && message.imageId && message.at) {
      claimOf(message.imageId).resolve(BigInt(message.at));
    }
  });
  const claiming = child.next('claiming');
  child.process.send('go');
  await claiming;
  relay.start();
  const [owner, other] = [await makeAccount(store), await makeAccount(store)];
  const queueOne = async (account: string) => {
    const [made] = await queueImages(store, account, 1);
    relay.kick();
    if (!made) throw new Error('no image was made');
    return made.image.id;
  };
  return {
    create: () => queueOne(owner),
    claimedAt: (imageId) => claimOf(imageId).promise,
    async load(signal) {
      while (!signal.aborted) {
        await queueOne(other);
        await delay(LOAD_EVERY_MS);
      }
    },
    async close() {
      await relay.stop();
      await child.stop();
      await Promise.allSettled([doorbell.close(), notifier.close()]);
      await listener.close();
      await Promise.all([store.close(), jobs.close()]);
    },
  };
}

/** Milliseconds from the moment that an image is committed to that of its claim. */
async function pickups(field: Field): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < IMAGES; n++) {
    const id = await field.create();
    const created = process.hrtime.bigint();
    times.push(Number((await field.claimedAt(id)) - created) / 1e6);
    await delay(5 + BUSY_MS * Math.random());
  }
  return times;
}

async function measure(services: BenchServices, onRedis: boolean): Promise<Result[]> {
  const field = await openField(services, onRedis);
  const trips = () => (onRedis ? redisTrips(services.redisPort) : notifyTrips(services.urls.worker));
  const name = onRedis ? 'bee-queue' : 'NOTIFY';
  try {
    const results: Result[] = [];
    for (const loaded of [false, true]) {
      const stop = new AbortController();
      const load = loaded ? field.load(stop.signal) : undefined;
      const before = await trips();
      const times = await pickups(field);
      const baseline = quantile([...before, ...(await trips())], 0.5);
      stop.abort();
      await load;
      const how = `${name}, ${loaded ? 'under load' : 'idle'}`;
      results.push(
        result(`${how}, p50`, 'ms', quantile(times, 0.5), baseline, '<= 15'),
        result(`${how}, p99`, 'ms', quantile(times, 0.99), baseline, null),
      );
      if (loaded) continue;
      const commit = quantile(await commits(services.urls.worker), 0.5);
      results.push(result(`${name}, a commit alone, p50`, 'ms', commit, baseline, null));
    }
    return results;
  } finally {
    await field.close();
  }
}

export const pickup: Bench = {
  name: 'pickup',
  about: 'from a created image to its claim, beside one round trip of NOTIFY and of BRPOPLPUSH',
  async run() {
    const services = await startServices();
    try {
      return [...(await measure(services, false)), ...(await measure(services, true))];
    } finally {
      await services.close();
    }
  },
};

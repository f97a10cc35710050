import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createClient } from 'redis';
import { type Field, LEASE_SECONDS } from './field.ts';
import type { StoreMode } from './storeProxy.ts';

export interface Fault {
  readonly name: string;
  /** Does it and undoes it; resolves when it is over. */
  run(field: Field): Promise<void>;
}

function kill(kinds: readonly Parameters<Field['pids']>[0][], signal: NodeJS.Signals) {
  return async (field: Field) => {
    for (const pid of kinds.flatMap((kind) => field.pids(kind))) process.kill(pid, signal);
  };
}

function store(mode: StoreMode, ms: number) {
  return async (field: Field) => {
    field.store.mode = mode;
    await sleep(ms);
    field.store.mode = 'well';
  };
}

async function flushRedis(field: Field): Promise<void> {
  const client = createClient({ port: field.redis.port });
  await new Promise<void>((done) => client.flushall(() => client.script('flush', () => done())));
  client.end(true);
}

async function stopFor(pids: readonly number[], ms: number): Promise<void> {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  await sleep(ms);
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGCONT');
    } catch {
      // It was ended meanwhile, which is for others to judge.
    }
  }
}

async function readOnly(field: Field): Promise<void> {
  await field.query('ALTER SYSTEM SET default_transaction_read_only = on');
  await field.query('SELECT pg_reload_conf()');
  await sleep(2_000);
  const client = new pg.Client(field.superuserUrl);
  await client.connect();
  await client.query('SET default_transaction_read_only = off');
  await client.query('ALTER SYSTEM RESET default_transaction_read_only');
  await client.query('SELECT pg_reload_conf()');
  await client.end();
}

/** Takes every connection that ordinary roles may have, and ends theirs, so that they need new ones. */
async function outOfConnections(field: Field): Promise<void> {
  const held: pg.Client[] = [];
  try {
    await field.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ('stager_api', 'stager_worker')`,
    );
    for (let n = 0; n < 200; n++) {
      const client = new pg.Client(field.superuserUrl);
      client.on('error', () => undefined);
      await client.connect();
      held.push(client);
    }
  } catch {
    // No more to be had: that is what was wanted.
  }
  await sleep(2_000);
  await Promise.all(held.map((client) => client.end().catch(() => undefined)));
}

/** What a deployment does: each process is told to stop, and the next one follows when it is back. */
async function roll(field: Field): Promise<void> {
  for (const kind of ['api', 'worker'] as const) {
    for (const pid of field.pids(kind)) {
      process.kill(pid, 'SIGTERM');
      while (field.pids(kind).includes(pid)) await sleep(20);
      await sleep(500);
    }
  }
}

/** Every way in which a part is known to fail. */
export const FAULTS: readonly Fault[] = [
  { name: 'a roll: the API, then one worker after the other, in order', run: roll },
  { name: 'kill the API', run: kill(['api'], 'SIGKILL') },
  { name: 'kill the workers', run: kill(['worker'], 'SIGKILL') },
  { name: 'kill both relays, with the API and the workers', run: kill(['api', 'worker'], 'SIGKILL') },
  { name: 'kill PostgreSQL', run: kill(['postgres'], 'SIGKILL') },
  { name: 'restart PostgreSQL', run: kill(['postgres'], 'SIGINT') },
  { name: 'PostgreSQL is read-only', run: readOnly },
  { name: 'PostgreSQL is out of connections', run: outOfConnections },
  { name: 'kill Redis', run: (field) => field.restartRedis({ signal: 'SIGKILL', empty: false }) },
  { name: 'Redis comes back empty', run: (field) => field.restartRedis({ signal: 'SIGTERM', empty: true }) },
  { name: 'flush Redis and its scripts', run: flushRedis },
  { name: 'Redis stands still', run: (field) => stopFor([field.redis.pid], 3_000) },
  { name: 'connections to Redis are half open', run: async (field) => field.redisProxy.freeze() },
  { name: 'the store is slow', run: store('slow', 3_000) },
  { name: 'the store answers 503', run: store('busy', 3_000) },
  { name: 'the store cuts bodies', run: store('cut', 3_000) },
  { name: 'the store is full', run: store('full', 2_000) },
  {
    name: 'workers are blocked past their leases',
    run: (field) => stopFor(field.pids('worker').slice(0, 1), LEASE_SECONDS * 1000 + 1_500),
  },
];

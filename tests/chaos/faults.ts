import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createClient } from 'redis';
import type { Field } from './field.ts';
import type { Allowance } from './judge.ts';
import type { Random } from './random.ts';
import type { StoreMode } from './storeProxy.ts';

export interface Strike {
  readonly field: Field;
  readonly random: Random;
  /** Whether the photos have ended, so that there is nothing left to disturb. */
  over(): boolean;
}

export interface Fault {
  readonly name: string;
  /** How often it strikes in a round. Default: once. */
  readonly times?: number;
  readonly allowed?: Allowance;
  /** Does it and undoes it; resolves when it is over. @throws Error when it had no effect */
  run(strike: Strike): Promise<void>;
}

type Kind = Parameters<Field['pids']>[0];

function kill(kinds: readonly Kind[], signal: NodeJS.Signals): Fault['run'] {
  return async ({ field }) =>
    killAll(
      kinds.flatMap((kind) => field.pids(kind)),
      signal,
    );
}

/** One that was ended meanwhile is for others to judge. */
function killAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}

/** Waits until it is so. @throws Error with what is missing when it takes too long */
async function until(isSo: () => boolean | Promise<boolean>, what: string, ms = 60_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(what);
    await sleep(10);
  }
}

function store(mode: StoreMode, ms: number): Fault['run'] {
  return async ({ field, random, over }) => {
    field.store.misbehave(mode, random);
    try {
      await sleep(ms);
      await until(() => field.store.met > 0 || over(), 'the store met no request');
      if (field.store.met === 0) throw new Error('the photos ended before the store met a request');
    } finally {
      field.store.behave();
    }
  };
}

async function flushRedis({ field }: Strike): Promise<void> {
  const client = createClient({ port: field.redis.port });
  try {
    await new Promise<void>((resolve, reject) => {
      client.on('error', reject);
      client.flushall(() => client.script('flush', (error) => (error ? reject(error) : resolve())));
    });
  } finally {
    client.end(true);
  }
}

async function standStill(pids: readonly number[], ms: number): Promise<void> {
  killAll(pids, 'SIGSTOP');
  await sleep(ms);
  killAll(pids, 'SIGCONT');
}

/** Connections that have said so themselves stay writable, so that this one can undo it. */
async function readOnly({ field }: Strike): Promise<void> {
  const client = new pg.Client(field.superuserUrl);
  await client.connect();
  try {
    await client.query('SET default_transaction_read_only = off');
    await client.query('ALTER SYSTEM SET default_transaction_read_only = on');
    await client.query('SELECT pg_reload_conf()');
    const isReadOnly = async () => {
      const [row] = await field.query<{ on: string }>(
        `SELECT current_setting('transaction_read_only') AS on`,
      );
      return row?.on === 'on';
    };
    await until(isReadOnly, 'PostgreSQL is not read-only');
    await sleep(2_000);
  } finally {
    await client.query('ALTER SYSTEM RESET default_transaction_read_only');
    await client.query('SELECT pg_reload_conf()');
    await client.end();
  }
}

/** Takes every connection that there is, and ends those of the system, so that it needs new ones. */
async function outOfConnections({ field }: Strike): Promise<void> {
  const held: pg.Client[] = [];
  try {
    await field.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ('stager_api', 'stager_worker')`,
    );
    while (held.length < 500) {
      const client = new pg.Client(field.superuserUrl);
      client.on('error', () => undefined);
      await client.connect();
      held.push(client);
    }
    throw new Error('PostgreSQL has no end of connections');
  } catch (error) {
    // SQLSTATE too_many_connections: that is what was wanted.
    if (!(error instanceof pg.DatabaseError && error.code === '53300')) throw error;
    await sleep(2_000);
  } finally {
    await Promise.all(held.map((client) => client.end().catch(() => undefined)));
  }
}

/** What a deployment does: each process is told to stop, and the next one follows when it is back. */
async function roll({ field }: Strike): Promise<void> {
  for (const kind of ['api', 'worker'] as const) {
    for (const pid of field.pids(kind)) {
      killAll([pid], 'SIGTERM');
      await until(() => !field.pids(kind).includes(pid), `${kind} does not stop`);
      await until(() => field.pids(kind).length === (kind === 'api' ? 1 : 2), `no new ${kind} comes`);
    }
  }
}

/**
 * Between ring and delete: Redis stands still, so that a relay waits for it with the entries that it took from the outbox
 * in an open transaction. Then it dies, and Redis goes on with the ring that it was sent. Each job is to be rung once more
 * for it: by then the relays may have rung for all of them, and a ring too many is nothing.
 */
async function killRelays({ field }: Strike): Promise<void> {
  killAll([field.redis.pid], 'SIGSTOP');
  try {
    await field.query(
      `INSERT INTO outbox (kind, item) SELECT 'job', json_build_object('kind', 'job', 'jobId', id) FROM jobs`,
    );
    const isAmid = async () => {
      const rows = await field.query(
        `SELECT 1 FROM pg_stat_activity WHERE state = 'idle in transaction' AND query LIKE '%DELETE FROM outbox%'`,
      );
      return rows.length > 0;
    };
    await until(isAmid, 'no relay was met between ring and delete');
    killAll([...field.pids('api'), ...field.pids('worker')], 'SIGKILL');
  } finally {
    killAll([field.redis.pid], 'SIGCONT');
  }
}

const BLOCK_TRIES = 50;
/** A lease, a turn of the sweeper, a claim, on a busy machine. */
const TAKE_OVER_MS = 90_000;

/** Until another worker has taken over a job of its own: from then on two have it, and one must not finish it. */
async function blockWorker({ field, random, over }: Strike): Promise<void> {
  const workers = field.pids('worker');
  const victim = workers.slice(Math.floor(random() * workers.length)).slice(0, 1);
  for (let tried = 0; tried < BLOCK_TRIES && !over(); tried++) {
    killAll(victim, 'SIGSTOP');
    try {
      if (await isTakenOver(field)) return;
    } finally {
      killAll(victim, 'SIGCONT');
    }
    await sleep(20);
  }
  throw new Error('the worker had nothing in work when it was blocked');
}

/** Follows what is in work now, until a part of it is begun again or all of it has ended. */
async function isTakenOver(field: Field): Promise<boolean> {
  const held = await field.query(`SELECT id, attempt FROM jobs WHERE state = 'running'`);
  const end = performance.now() + TAKE_OVER_MS;
  while (performance.now() < end) {
    const [now] = await field.query<{ taken: number; left: number }>(
      `SELECT (count(*) FILTER (WHERE j.attempt > held.attempt))::int AS taken,
              (count(*) FILTER (WHERE j.attempt = held.attempt AND j.state IN ('running', 'queued')))::int AS left
         FROM jobs j JOIN json_to_recordset($1) AS held (id text, attempt int) USING (id)`,
      [JSON.stringify(held)],
    );
    if (now !== undefined && now.taken > 0) return true;
    if (now === undefined || now.left === 0) return false;
    await sleep(10);
  }
  throw new Error(`a job whose lease has ended was not taken over within ${TAKE_OVER_MS / 1000} s`);
}

const ERRORS: Allowance = { errors: true };

/** Every way in which a part is known to fail. */
export const FAULTS: readonly Fault[] = [
  { name: 'a roll: the API, then one worker after the other, in order', run: roll },
  { name: 'kill the API', times: 3, run: kill(['api'], 'SIGKILL') },
  { name: 'kill the workers', times: 2, run: kill(['worker'], 'SIGKILL') },
  {
    name: 'kill both relays, with the API and the workers',

    run: kill(['api', 'worker'], 'SIGKILL'),
  },
  { name: 'kill the relays between ring and delete', run: killRelays },
  { name: 'kill PostgreSQL', times: 2, run: kill(['postgres'], 'SIGKILL') },
  { name: 'restart PostgreSQL', times: 2, run: kill(['postgres'], 'SIGINT') },
  { name: 'PostgreSQL is read-only', run: readOnly },
  { name: 'PostgreSQL is out of connections', run: outOfConnections },
  {
    name: 'kill Redis',
    times: 3,
    run: ({ field }) => field.restartRedis({ signal: 'SIGKILL', empty: false }),
  },
  {
    name: 'Redis comes back empty',
    run: ({ field }) => field.restartRedis({ signal: 'SIGTERM', empty: true }),
  },
  { name: 'flush Redis and its scripts', times: 2, run: flushRedis },
  { name: 'Redis stands still', run: ({ field }) => standStill([field.redis.pid], 3_000) },
  {
    name: 'connections to Redis are half open',
    times: 2,
    run: async ({ field }) => field.redisProxy.freeze(),
  },
  { name: 'the store is slow', run: store('slow', 3_000) },
  { name: 'the store answers 503', allowed: ERRORS, run: store('busy', 3_000) },
  { name: 'the store cuts bodies', allowed: ERRORS, run: store('cut', 3_000) },
  { name: 'the store is full', allowed: ERRORS, run: store('full', 2_000) },
  { name: 'a worker is blocked past its lease', run: blockWorker },
];

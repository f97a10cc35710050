import { setTimeout as delay } from 'node:timers/promises';
import knex, { type Knex } from 'knex';
import { MigrationError } from './errors.ts';

export type Log = (line: string) => void;

/** Advisory lock of whoever migrates: "stagerMg" as eight bytes. */
const LOCK_KEY = '8319381508371664231';
const LOCK_POLL_MS = 100;
/** How long to wait for another runner. */
const LOCK_WAIT_MS = 120_000;

/** Connects as the owner, with one connection: the lock belongs to the session. */
export function openSession(url: string): Knex {
  return knex({
    client: 'pg',
    version: '15',
    connection: {
      connectionString: url,
      application_name: 'stager-migrate',
      connectionTimeoutMillis: 10_000,
      // A table lock that is not had at once blocks all who queue behind it.
      options: '-c lock_timeout=5s',
      // Building an index over a large table takes minutes; something that takes longer hangs.
      statement_timeout: 15 * 60_000,
      keepAlive: true,
    },
    pool: { min: 0, max: 1 },
    compileSqlOnError: false,
  });
}

/**
 * Runs while no other runner does. It asks again and again instead of waiting in the lock: a session that
 * waits in a statement holds a snapshot, and CREATE INDEX CONCURRENTLY of the other runner would wait for that.
 */
export async function withLock<T>(db: Knex, log: Log, run: () => Promise<T>): Promise<T> {
  const until = performance.now() + LOCK_WAIT_MS;
  for (let waits = 0; !(await tryLock(db)); waits++) {
    if (waits === 0) log('another migration is running; waiting for it');
    if (performance.now() > until) {
      throw new MigrationError(
        `Another migration has been running for over ${LOCK_WAIT_MS / 1000} s. Nothing was changed. ` +
          `Look for application_name 'stager-migrate' in pg_stat_activity.`,
      );
    }
    await delay(LOCK_POLL_MS);
  }
  try {
    return await run();
  } finally {
    // When the connection is gone the lock went with it.
    await db.raw('SELECT pg_advisory_unlock(?)', [LOCK_KEY]).catch(() => undefined);
  }
}

async function tryLock(db: Knex): Promise<boolean> {
  const { rows } = await db.raw<{ rows: { locked: boolean }[] }>('SELECT pg_try_advisory_lock(?) AS locked', [
    LOCK_KEY,
  ]);
  return rows[0]?.locked === true;
}

import pg from 'pg';
import type { TestDatabase } from './database.ts';

/** Rows of a table, by a condition on its columns. */
export interface Rows {
  readonly table: string;
  readonly where: string;
  readonly values: readonly unknown[];
}

export function rowsOf(table: string, accountId: string): Rows {
  return { table, where: 'account_id = $1', values: [accountId] };
}

export interface Locks {
  /** Another connection than the one that holds. */
  readonly looker: pg.Client;
  /** Runs `act` while rows are held: whether it came to wait for somebody, what `look` found then, and its outcome. */
  whileHeld<T>(
    rows: Rows,
    act: () => Promise<T>,
    look: () => Promise<boolean>,
  ): Promise<{ waits: boolean; seen: boolean; outcome: T }>;
  /** Whether a process of ours came to wait for somebody's lock before it was over. */
  comesToWait(acting: Promise<unknown>): Promise<boolean>;
  isFree(rows: Rows): Promise<boolean>;
  close(): Promise<void>;
}

const lockOf = ({ table, where }: Rows) => `SELECT 1 FROM ${table} WHERE ${where} FOR UPDATE`;
const BLOCKED = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
   AND application_name LIKE 'stager-%' AND cardinality(pg_blocking_pids(pid)) > 0`;

/** Holds what the product comes for, and looks what it holds meanwhile. */
export async function watchLocks(database: TestDatabase): Promise<Locks> {
  const [holder, looker] = [new pg.Client(database.superuserUrl), new pg.Client(database.superuserUrl)];
  await Promise.all([holder.connect(), looker.connect()]);

  async function comesToWait(acting: Promise<unknown>): Promise<boolean> {
    let over = false;
    acting.finally(() => (over = true)).catch(() => undefined);
    while (!over) if ((await looker.query(BLOCKED)).rowCount !== 0) return true;
    return false;
  }

  return {
    looker,
    comesToWait,

    async whileHeld(rows, act, look) {
      await holder.query('BEGIN');
      try {
        await holder.query(lockOf(rows), [...rows.values]);
        const acting = act();
        const waits = await comesToWait(acting);
        const seen = waits && (await look());
        await holder.query('ROLLBACK');
        return { waits, seen, outcome: await acting };
      } finally {
        // Where something failed; else nothing is left to be rolled back.
        await holder.query('ROLLBACK');
      }
    },

    async isFree(rows) {
      try {
        await looker.query(`${lockOf(rows)} NOWAIT`, [...rows.values]);
        return true;
      } catch (error) {
        if (Object(error).code === '55P03') return false;
        throw error;
      }
    },

    async close() {
      await Promise.all([holder.end(), looker.end()]);
    },
  };
}

import { setTimeout as delay } from 'node:timers/promises';
import knex, { type Knex } from 'knex';
import { isConflict, isLostConnection, toStoreError } from './errors.ts';
import { createSql, type Sql, sql } from './sql.ts';

export interface DatabaseOptions {
  /** Connection as the role of this process. */
  readonly url: string;
  /** Largest number of connections; none is kept open when nothing is to do. */
  readonly pool: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** A statement that takes longer is given up. Milliseconds. */
  readonly statementTimeoutMs: number;
  /** A transaction that waits for its program longer loses its connection. Milliseconds. */
  readonly idleInTransactionMs: number;
  /** For tests: sees the connection pool before its first use. */
  readonly inspect?: (db: Knex) => void;
}

/** Waiting longer for a connection helps nobody: answer 503 and let the client come again. */
const ACQUIRE_TIMEOUT_MS = 5_000;
const TRIES = 5;

export interface Database {
  /** Each statement by itself. */
  readonly pool: Sql;
  /**
   * Commits when `run` resolves. A deadlock or a serialization failure runs it again from the start, so it must
   * not do anything outside of the transaction that it cannot do twice.
   * @throws StoreUnavailable
   */
  transaction<T>(run: (tx: Sql) => Promise<T>, options?: { snapshot?: boolean }): Promise<T>;
  check(): Promise<void>;
  close(): Promise<void>;
}

export function openDatabase(options: DatabaseOptions): Database {
  const db = connect(options);
  options.inspect?.(db);
  const pool = createSql(db, toStoreError);

  async function once<T>(run: (tx: Sql) => Promise<T>, snapshot: boolean): Promise<T> {
    const config: Knex.TransactionConfig = snapshot
      ? { isolationLevel: 'repeatable read', readOnly: true }
      : {};
    return db.transaction((trx) => {
      // Knex calls this even when BEGIN has failed, and rejects with that failure whatever happens here.
      if (trx.isCompleted()) throw new Error('the transaction was not begun');
      return run(createSql(trx));
    }, config);
  }

  return {
    pool,
    async transaction(run, { snapshot = false } = {}) {
      for (let attempt = 1; ; attempt++) {
        let begun = false;
        try {
          return await once((tx) => {
            begun = true;
            return run(tx);
          }, snapshot);
        } catch (error) {
          // A pooled connection may have died since its last use; where nothing was begun, another one can do it.
          const again = isConflict(error) || (!begun && isLostConnection(error));
          if (!again || attempt === TRIES) throw toStoreError(error);
          // Full jitter: those who met in the deadlock should not meet again.
          await delay(Math.random() * 20 * 2 ** attempt);
        }
      }
    },
    check: async () => {
      await pool.rows(sql`SELECT 1`);
    },
    close: () => db.destroy(),
  };
}

function ignore(): void {}

function connect(options: DatabaseOptions): Knex {
  return knex({
    client: 'pg',
    // Saves a question per pool; knex asks for it to choose between dialects of ancient servers.
    version: '15',
    connection: {
      connectionString: options.url,
      application_name: options.applicationName,
      connectionTimeoutMillis: ACQUIRE_TIMEOUT_MS,
      statement_timeout: options.statementTimeoutMs,
      idle_in_transaction_session_timeout: options.idleInTransactionMs,
      keepAlive: true,
    },
    pool: { min: 0, max: options.pool, idleTimeoutMillis: 30_000 },
    acquireConnectionTimeout: ACQUIRE_TIMEOUT_MS,
    // Values are the customers' and belong into no log.
    compileSqlOnError: false,
    // What it would print to the console, the caller is told by an error.
    log: { warn: ignore, error: ignore, deprecate: ignore, debug: ignore },
  });
}

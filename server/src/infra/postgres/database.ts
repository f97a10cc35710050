import { setTimeout as delay } from 'node:timers/promises';
import knex, { type Knex } from 'knex';
import pg from 'pg';
import { isConflict, isLostConnection, toStoreError } from './errors.ts';
import { refuseMightyRole } from './role.ts';
import {
  type Ask,
  createSql,
  type Sql,
  type Statement,
  sql,
  together,
  toNamedQuery,
  toQuery,
} from './sql.ts';
import { withinTransaction } from './transactionScope.ts';

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
  /** Waiting longer for one of the connections is an outage. Milliseconds. */
  readonly acquireTimeoutMs?: number;
  /**
   * Statements are planned once a connection, not at each use: for those who send the same ones again and again, on a
   * connection that no pooler shares out by transactions.
   */
  readonly prepare?: boolean;
  /** For tests: sees the connection pool before its first use. */
  readonly inspect?: (db: Knex) => void;
}

/** Waiting longer for a connection helps nobody: answer 503 and let the client come again. */
const ACQUIRE_TIMEOUT_MS = 5_000;
const TRIES = 5;

export interface TransactionOptions {
  /** All that is read comes out of one snapshot, and nothing can be written. */
  readonly snapshot?: boolean;
  /** Whose rows row-level security lets through; without one, nobody's. */
  readonly account?: string | undefined;
  /** Waiting longer for a lock is an error. Milliseconds. */
  readonly lockTimeoutMs?: number;
  /** For one that waits for others than the database, in the place of what holds for all. Milliseconds. */
  readonly idleMs?: number;
  /**
   * The first statement goes out with the beginning. It must change nothing: where the beginning fails, it runs by
   * itself before that is known.
   */
  readonly readsFirst?: boolean;
}

export interface TransactionSql extends Sql {
  /** From here on it is this account's rows. */
  enter(account: string): Promise<void>;
}

export interface Database {
  /** Each statement by itself, for no account: row-level security lets through what the role may see as such. */
  readonly pool: Sql;
  /** Each statement by itself, for one account. */
  of(account: string): Sql;
  /**
   * Commits when `run` resolves. A deadlock or a serialization failure runs it again from the start, so it must
   * not do anything outside of the transaction that it cannot do twice.
   * @throws StoreUnavailable
   */
  transaction<T>(run: (tx: TransactionSql) => Promise<T>, options?: TransactionOptions): Promise<T>;
  check(): Promise<void>;
  close(): Promise<void>;
}

export function openDatabase(options: DatabaseOptions): Database {
  const db = connect(options);
  options.inspect?.(db);
  const connections = lend(db);
  const query = options.prepare ? toNamedQuery : toQuery;

  async function transaction<T>(
    run: (tx: TransactionSql) => Promise<T>,
    wish: TransactionOptions = {},
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      let begun = false;
      try {
        return await connections.use(async (client) => {
          const beginning = client.query(begin(wish)).then(() => {
            begun = true;
          });
          if (wish.readsFirst) beginning.catch(ignore);
          else await beginning;
          return inTransaction(client, query, beginning, run);
        });
      } catch (error) {
        // A pooled connection may have died since its last use; where nothing was begun, another one can do it.
        const again = isConflict(error) || (!begun && isLostConnection(error));
        if (!again || attempt === TRIES) throw toStoreError(error);
        // Full jitter: those who met in the deadlock should not meet again.
        await delay(Math.random() * 20 * 2 ** attempt);
      }
    }
  }

  const alone = (ask: Ask, account?: string): Sql =>
    createSql(
      async (statement) => {
        try {
          return await ask(statement);
        } catch (error) {
          throw toStoreError(error);
        }
      },
      {
        late: (statements) => transaction((tx) => tx.late(statements), { account }),
        nested: (run) => transaction(run, { account }),
      },
    );
  const pool = alone((statement) => connections.use((client) => client.query(query(statement))));

  return {
    pool,
    of: (account) =>
      alone((statement) => connections.use((client) => askFor(client, account, statement)), account),
    transaction,
    check: async () => {
      await pool.rows(sql`SELECT 1`);
    },
    close: () => db.destroy(),
  };
}

/** Beginning, patience and account are one message: a transaction costs no more round trips for it. */
function begin({ snapshot = false, account, lockTimeoutMs, idleMs }: TransactionOptions): string {
  const mode = snapshot ? ' ISOLATION LEVEL REPEATABLE READ, READ ONLY' : '';
  const patience =
    lockTimeoutMs === undefined ? '' : `; SET LOCAL lock_timeout = ${Math.ceil(lockTimeoutMs)}`;
  const idle =
    idleMs === undefined ? '' : `; SET LOCAL idle_in_transaction_session_timeout = ${Math.ceil(idleMs)}`;
  return `BEGIN${mode}${patience}${idle}${account === undefined ? '' : `; ${setAccount(account)}`}`;
}

/** Until the end of the transaction, so that nothing is left to whoever gets the connection next. */
function setAccount(account: string): string {
  return `SELECT set_config('stager.account', ${pg.escapeLiteral(account)}, true)`;
}

/** The connections are pipelined: these three are one round trip. */
async function askFor(client: pg.Client, account: string, statement: Statement): Promise<pg.QueryResult> {
  const [, answer] = await together([
    client.query(begin({ account })),
    client.query(toQuery(statement)),
    client.query('COMMIT'),
  ]);
  return answer;
}

async function inTransaction<T>(
  client: pg.Client,
  query: typeof toQuery,
  beginning: Promise<void>,
  run: (tx: TransactionSql) => Promise<T>,
): Promise<T> {
  let depth = 0;
  const held: Statement[] = [];
  const ask: Ask = async (statement) => {
    const [, answer] = await together([beginning, client.query(query(statement))]);
    return answer;
  };
  const sendHeld = () => held.splice(0).map((statement) => ask(statement));
  const nested: Sql['nested'] = async (inner) => {
    depth += 1;
    const point = `step_${depth}`;
    const before = held.length;
    await client.query(`SAVEPOINT ${point}`);
    try {
      const result = await inner(tx);
      await client.query(`RELEASE SAVEPOINT ${point}`);
      return result;
    } catch (error) {
      held.length = before;
      await client.query(`ROLLBACK TO SAVEPOINT ${point}`);
      throw error;
    }
  };
  const late: Sql['late'] = async (statements) => {
    held.push(...statements);
  };
  const tx: Sql = createSql(ask, { late, nested });
  try {
    const result = await withinTransaction(() =>
      run({
        ...tx,
        enter: async (account) => {
          // What is held is of the account before.
          await together([...sendHeld(), client.query(setAccount(account))]);
        },
      }),
    );
    // Behind a statement that has failed, it takes everything back.
    await together([...sendHeld(), client.query('COMMIT')]);
    return result;
  } catch (error) {
    // On a connection that was lost there is nothing to take back, and the first error says why.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Knex keeps the pool; what runs on a connection is ours. */
function lend(db: Knex) {
  // Knex does not declare its client, nor the mark by which it knows connections that are not to be used again.
  const { client: pool } = db as unknown as {
    client: { acquireConnection(): Promise<Pooled>; releaseConnection(connection: Pooled): Promise<void> };
  };
  return {
    async use<T>(run: (client: pg.Client) => Promise<T>): Promise<T> {
      const connection = await pool.acquireConnection();
      try {
        return await run(connection);
      } catch (error) {
        // What is left open on it, if it still works, must not meet the next one.
        if (connection.getTransactionStatus() !== 'I') connection.__knex__disposed = error;
        throw error;
      } finally {
        await pool.releaseConnection(connection);
      }
    },
  };
}

type Pooled = pg.Client & { __knex__disposed?: unknown };

function ignore(): void {}

function connect(options: DatabaseOptions): Knex {
  const connection = {
    connectionString: options.url,
    application_name: options.applicationName,
    connectionTimeoutMillis: ACQUIRE_TIMEOUT_MS,
    statement_timeout: options.statementTimeoutMs,
    idle_in_transaction_session_timeout: options.idleInTransactionMs,
    keepAlive: true,
    // Statements that do not wait for each other's answers are sent together.
    pipeline: true,
  };
  return knex({
    client: 'pg',
    // Saves a question per pool; knex asks for it to choose between dialects of ancient servers.
    version: '15',
    connection,
    pool: {
      min: 0,
      max: options.pool,
      idleTimeoutMillis: 30_000,
      afterCreate(client: pg.Client, done: (error: unknown, client: pg.Client) => void) {
        refuseMightyRole(client).then(
          () => done(null, client),
          (error: unknown) => client.end(() => done(error, client)),
        );
      },
    },
    acquireConnectionTimeout: options.acquireTimeoutMs ?? ACQUIRE_TIMEOUT_MS,
    // Values are the customers' and belong into no log.
    compileSqlOnError: false,
    // What it would print to the console, the caller is told by an error.
    log: { warn: ignore, error: ignore, deprecate: ignore, debug: ignore },
  });
}

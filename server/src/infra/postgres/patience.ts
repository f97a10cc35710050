import type { Database } from './database.ts';
import { codeOf, LOCK_NOT_AVAILABLE, toStoreError } from './errors.ts';
import { type Sql, sql } from './sql.ts';

/**
 * How long work on many accounts waits for the event head of one of them. Milliseconds. Others append within a few,
 * so that the first wait tells traffic from a hang; once there is a hang, time is short.
 */
const FIRST_WAIT_MS = 400;
const NEXT_WAIT_MS = 50;
/** Accounts that may be passed over in one call. */
const MAX_BUSY = 20;

/** Thrown by the work itself, so that the retry knows whom to leave out. */
class AccountBusy extends Error {
  readonly accountId: string;
  constructor(accountId: string, options: ErrorOptions) {
    super(`the event head of ${accountId} is held by another transaction`, options);
    this.accountId = accountId;
  }
}

/**
 * Runs work on the jobs of many accounts. A transaction that hangs while it holds the event head of one account
 * must not keep the jobs of all others: after a short wait the work is done without that account.
 * @throws StoreUnavailable when very many hang
 */
export async function withPatience<T>(
  db: Database,
  run: (tx: Sql, leaveOut: readonly string[]) => Promise<T>,
): Promise<T> {
  const busy: string[] = [];
  for (;;) {
    try {
      return await db.transaction(async (tx) => {
        const wait = busy.length === 0 ? FIRST_WAIT_MS : NEXT_WAIT_MS;
        await tx.run(sql`SELECT set_config('lock_timeout', ${String(wait)}, true)`);
        return run(tx, busy);
      });
    } catch (error) {
      if (!(error instanceof AccountBusy)) throw error;
      if (busy.length === MAX_BUSY) throw toStoreError(error.cause);
      busy.push(error.accountId);
    }
  }
}

export async function namingTheBusy<T>(accountId: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (codeOf(error) === LOCK_NOT_AVAILABLE) throw new AccountBusy(accountId, { cause: error });
    throw error;
  }
}

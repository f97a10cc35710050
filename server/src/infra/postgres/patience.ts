import type { Database } from './database.ts';
import { codeOf, LOCK_NOT_AVAILABLE } from './errors.ts';
import { type Sql, sql } from './sql.ts';

/** How long work on many accounts waits for the event head of one of them. Milliseconds. */
const HEAD_WAIT_MS = 400;
/** Accounts that may be passed over in one call. */
const MAX_BUSY = 3;

/** Thrown by the work itself, so that the retry knows whom to leave out. */
export class AccountBusy extends Error {
  readonly accountId: string;
  constructor(accountId: string, options: ErrorOptions) {
    super(`the event head of ${accountId} is held by another transaction`, options);
    this.accountId = accountId;
  }
}

/**
 * Runs work on the jobs of many accounts. A transaction that hangs while it holds the event head of one account
 * must not keep the jobs of all others: after a short wait the work is done without that account.
 */
export async function withPatience<T>(
  db: Database,
  run: (tx: Sql, leaveOut: readonly string[]) => Promise<T>,
): Promise<T> {
  const busy: string[] = [];
  for (;;) {
    try {
      return await db.transaction(async (tx) => {
        await tx.run(sql`SELECT set_config('lock_timeout', ${String(HEAD_WAIT_MS)}, true)`);
        return run(tx, busy);
      });
    } catch (error) {
      if (!(error instanceof AccountBusy) || busy.length === MAX_BUSY) throw error;
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

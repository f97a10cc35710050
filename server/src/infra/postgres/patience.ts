import type { Database, TransactionOptions } from './database.ts';
import { codeOf, LOCK_NOT_AVAILABLE, toStoreError } from './errors.ts';
import type { Sql } from './sql.ts';

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
  readonly accountIds: readonly string[];
  constructor(accountIds: readonly string[], options: ErrorOptions) {
    super(`the turn or the event head of one of ${accountIds} is held by another transaction`, options);
    this.accountIds = accountIds;
  }
}

export interface Patience {
  /** Accounts that are held by others for long. */
  readonly leaveOut: readonly string[];
  /** Somebody is held: lock one account a statement, so that it is known which. */
  readonly oneByOne: boolean;
}

/**
 * Runs work on the jobs of many accounts. A transaction that hangs while it holds the event head of one account
 * must not keep the jobs of all others: after a short wait the work is done without that account.
 * @throws StoreUnavailable when very many hang
 */
export async function withPatience<T>(
  db: Database,
  run: (tx: Sql, patience: Patience) => Promise<T>,
  options: Pick<TransactionOptions, 'readsFirst'> = {},
): Promise<T> {
  const leaveOut: string[] = [];
  for (let oneByOne = false; ; oneByOne = true) {
    const lockTimeoutMs = oneByOne ? NEXT_WAIT_MS : FIRST_WAIT_MS;
    try {
      return await db.transaction((tx) => run(tx, { leaveOut, oneByOne }), { ...options, lockTimeoutMs });
    } catch (error) {
      if (!(error instanceof AccountBusy)) throw error;
      if (leaveOut.length === MAX_BUSY) throw toStoreError(error.cause);
      if (error.accountIds.length === 1) leaveOut.push(...error.accountIds);
    }
  }
}

export async function namingTheBusy<T>(accountIds: readonly string[], run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (codeOf(error) === LOCK_NOT_AVAILABLE) throw new AccountBusy(accountIds, { cause: error });
    throw error;
  }
}

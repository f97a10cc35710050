import type { ObjectRef } from './objects.ts';
import type { Page, PageRequest } from './rows.ts';

/** An account that is to be deleted, or was. */
export interface DeletionRow {
  readonly id: string;
  readonly accountId: string;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly dueAt: Date;
  readonly canceledAt: Date | null;
  readonly startedAt: Date | null;
  readonly lastLookAt: Date | null;
  readonly rowsGoneAt: Date | null;
  readonly finishedAt: Date | null;
  /** By table. */
  readonly rows: Readonly<Record<string, number>>;
  readonly objects: number;
  readonly bytes: number;
  /** Hexadecimal; empty as long as there was none. */
  readonly keysHash: string;
}

/** What operators do with deletions. */
export interface DeletionsTx {
  /** The last one that was ordered. */
  latest(accountId: string): Promise<DeletionRow | undefined>;
  list(page: PageRequest): Promise<Page<DeletionRow>>;
  create(deletion: Pick<DeletionRow, 'id' | 'accountId' | 'requestedBy' | 'dueAt'>): Promise<void>;
  /** False when it has begun. */
  cancel(id: string): Promise<boolean>;
  hasOperators(accountId: string): Promise<boolean>;
  /** A subscription that has not ended at Stripe. */
  runningSubscription(accountId: string): Promise<{ id: string; plan: string; status: string } | undefined>;
}

/** A deletion in the hands of a worker; `lease` fences every write. */
export interface ClaimedDeletion {
  readonly id: string;
  readonly accountId: string;
  readonly lease: string;
  /** Objects that are counted already and may not all be removed. */
  readonly pending: readonly ObjectRef[];
  readonly keysHash: string;
  /** Whether what could arrive late has arrived. */
  readonly isLastLook: boolean;
}

/** Objects that are about to be removed. */
export interface RemovalNote {
  readonly pending: readonly ObjectRef[];
  readonly bytes: number;
  /** With these. */
  readonly keysHash: string;
}

/** What a worker does with deletions. Every write renews the lease, and is void without it. */
export interface DeletionJobs {
  /** One that is due and in nobody's hands. */
  claim(leaseMs: number): Promise<ClaimedDeletion | undefined>;
  /** Counts objects before they are removed, so that each is counted once whatever happens. False: the lease is lost. */
  note(deletion: ClaimedDeletion, note: RemovalNote, leaseMs: number): Promise<boolean>;
  /** Removes up to so many rows. 0: all are gone, and the account with them. Undefined: the lease is lost. */
  eraseRows(deletion: ClaimedDeletion, batch: number, leaseMs: number): Promise<number | undefined>;
  /** Gives it back: for the last look, or for another worker. */
  release(deletion: ClaimedDeletion): Promise<void>;
  /** Only behind the last look, with nothing pending. */
  finish(deletion: ClaimedDeletion): Promise<boolean>;
  close(): Promise<void>;
}

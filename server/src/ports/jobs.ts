import type { Layout } from '../contract/index.ts';
import type { DeadFilter, DeadJob } from './operators.ts';
import type { Failure, ImageRow, OriginalRow, OutboxItem, OutputRow } from './rows.ts';

/** A job as its worker sees it; `lease` fences every later write. */
export interface ClaimedJob {
  readonly id: string;
  readonly accountId: string;
  readonly imageId: string;
  readonly lease: string;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly image: ImageRow;
  readonly original: OriginalRow;
  readonly layout: Layout | null;
}

/** What the worker does with jobs. Every write behind a claim is void without its lease. */
export interface JobStore {
  /**
   * Jobs that are due, of accounts in turn: none is served twice while work of another waits. Within an account the
   * most urgent come first. A suspended account has no turn.
   */
  claim(limit: number, leaseMs: number): Promise<ClaimedJob[]>;
  /**
   * Jobs whose lease could not be renewed are lost: cancelled, deleted, taken over, or their account is suspended. Those
   * that somebody holds at the moment are busy: they are still as they were, and not renewed.
   */
  renew(leases: readonly string[], leaseMs: number): Promise<{ lost: string[]; busy: string[] }>;
  progress(job: ClaimedJob, progress: number, stage: string): Promise<boolean>;
  complete(job: ClaimedJob, outputs: readonly OutputRow[]): Promise<boolean>;
  /** Queues again for `retryAt`, or ends the image as `error` when null. */
  fail(job: ClaimedJob, error: Failure, retryAt: Date | null): Promise<boolean>;
  /** Gives a job back that was not worked on; the attempt does not count. */
  release(job: ClaimedJob): Promise<boolean>;
  /** Puts jobs with an expired lease back in the queue, or ends them as dead. */
  reapExpired(limit: number): Promise<{ requeued: number; dead: number }>;
  /** Newest first; what was deleted or queued again meanwhile is left out. */
  listDead(filter: DeadFilter): Promise<DeadJob[]>;
  /** Queues dead jobs again, with all their attempts, audited; answers with the ids of those that were. */
  replay(ids: readonly string[], principal: string): Promise<string[]>;
  /** Jobs that are due now, at most `limit`, one of each account, for rings that were lost. */
  listDue(limit: number): Promise<string[]>;
  /** Milliseconds until a job may be due; null when none is queued. What was canceled counts until a claim comes by. */
  msToNextDue(): Promise<number | null>;
  /** Takes up to `limit` outbox rows of these kinds; they are gone when `handle` resolves. */
  drainOutbox(
    kinds: readonly OutboxItem['kind'][],
    limit: number,
    handle: (items: OutboxItem[]) => Promise<void>,
  ): Promise<number>;
  /** Removes what has outlived its retention; answers with the number of rows. */
  prune(now: Date): Promise<number>;
  /** Uploads that nobody finished, and settled ones that nobody can ask for any more. */
  listStaleUploads(
    ended: UploadsEnded,
    limit: number,
  ): Promise<{ id: string; accountId: string; objectKey: string }[]>;
  /** One that is not stale any more stays. */
  forgetUploads(ended: UploadsEnded, ids: readonly string[]): Promise<void>;
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Uploads whose URL ended before these moments are stale. */
export interface UploadsEnded {
  readonly pendingBefore: Date;
  readonly settledBefore: Date;
}

import { createLoop, type LoopLog } from '@stager/server/core/relay/loop';
import type { ClaimedJob, JobStore } from '@stager/server/ports';
import { JobStopped, type StopReason } from './stopped.ts';

/** A lease is renewed when a third of it is over: two renewals may fail before it is lost. */
const RENEWALS_A_LEASE = 3;
/** Least time between two renewals because of news, milliseconds. */
const CHECK_MS = 300;

export interface LeasesOptions {
  readonly jobs: Pick<JobStore, 'renew'>;
  readonly leaseMs: number;
  readonly log: LoopLog;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

export interface Leases {
  readonly size: number;
  /** Renews from now on. `askedAt` is when the claim was sent: the lease cannot end earlier than counted from there. */
  hold(job: ClaimedJob, askedAt: number): AbortSignal;
  /** The job is over. */
  forget(job: ClaimedJob): void;
  stopAll(reason: StopReason): void;
  /** There is news of these accounts: a job of theirs may have been canceled. */
  check(accountIds: readonly string[] | 'unknown'): void;
  start(): void;
  stop(): Promise<void>;
}

interface Held {
  readonly job: ClaimedJob;
  readonly abort: AbortController;
  fence: NodeJS.Timeout;
}

/**
 * The leases of this worker, renewed in one batch. A job whose lease is lost is stopped at once; one whose lease
 * cannot be renewed in time is stopped when it ends, because by then another worker may have it.
 */
export function createLeases({ jobs, leaseMs, log, now = () => performance.now() }: LeasesOptions): Leases {
  const held = new Map<string, Held>();
  let renewedAt = Number.NEGATIVE_INFINITY;
  let soon: NodeJS.Timeout | undefined;

  function fenceAt(lease: string, askedAt: number): NodeJS.Timeout {
    return setTimeout(() => stop(lease, 'lease_lost'), askedAt + leaseMs - now());
  }

  function stop(lease: string, reason: StopReason): void {
    held.get(lease)?.abort.abort(new JobStopped(reason));
  }

  async function renewAll(): Promise<void> {
    const leases = [...held.keys()];
    if (leases.length === 0) return;
    const askedAt = now();
    renewedAt = askedAt;
    const { lost, busy } = await jobs.renew(leases, leaseMs);
    for (const lease of leases) {
      const one = held.get(lease);
      if (lost.includes(lease)) stop(lease, 'lease_lost');
      else if (one && !busy.includes(lease)) {
        clearTimeout(one.fence);
        one.fence = fenceAt(lease, askedAt);
      }
    }
  }

  const loop = createLoop({
    name: 'renewal of leases',
    everyMs: leaseMs / RENEWALS_A_LEASE,
    turn: renewAll,
    log,
  });

  return {
    get size() {
      return held.size;
    },
    hold(job, askedAt) {
      const abort = new AbortController();
      held.set(job.lease, { job, abort, fence: fenceAt(job.lease, askedAt) });
      return abort.signal;
    },
    forget(job) {
      clearTimeout(held.get(job.lease)?.fence);
      held.delete(job.lease);
    },
    stopAll(reason) {
      for (const lease of held.keys()) stop(lease, reason);
    },
    check(accountIds) {
      const concerned =
        accountIds === 'unknown' || [...held.values()].some(({ job }) => accountIds.includes(job.accountId));
      if (!concerned || held.size === 0 || soon) return;
      soon = setTimeout(
        () => {
          soon = undefined;
          loop.kick();
        },
        Math.max(0, renewedAt + CHECK_MS - now()),
      );
    },
    start: loop.start,
    async stop() {
      clearTimeout(soon);
      await loop.stop();
      for (const { fence } of held.values()) clearTimeout(fence);
    },
  };
}

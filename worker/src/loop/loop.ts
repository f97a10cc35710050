import { outageDelay } from '@stager/server/core/relay/backoff';
import type { LoopLog } from '@stager/server/core/relay/loop';
import type { ClaimedJob, Doorbell, JobStore, Notifier } from '@stager/server/ports';
import { createBell } from './bell.ts';
import { createLeases } from './leases.ts';
import { idleWait } from './wait.ts';

export interface LoopOptions {
  readonly jobs: Pick<JobStore, 'claim' | 'renew' | 'msToNextDue'>;
  readonly doorbell: Pick<Doorbell, 'listen'>;
  /** Where cancellations are heard of; without it they are found at the next renewal. */
  readonly notifier: Pick<Notifier, 'subscribe'>;
  /** Jobs at the same time; 0 claims none. */
  readonly concurrency: number;
  readonly leaseMs: number;
  /** Ends every job in its own way; the signal is aborted with `JobStopped`. */
  readonly run: (job: ClaimedJob, signal: AbortSignal) => Promise<void>;
  readonly log: LoopLog;
  /** Called after each claim that found something. */
  readonly kick: () => void;
  readonly random?: () => number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

export interface ClaimLoop {
  /** Begins to claim, and tries until it can. */
  start(): Promise<void>;
  /** Resolves when the database has answered the first claim. */
  readonly claiming: Promise<void>;
  /** Whether the last claim was answered. */
  readonly healthy: boolean;
  readonly running: number;
  /** When something was claimed last, on the clock of `now`. */
  readonly claimedAt: number;
  /** Claims no more; jobs under way get so many milliseconds, then they are given back. */
  drain(graceMs: number): Promise<void>;
}

/** Claims as many jobs as there are free places: when the doorbell rings, a place falls free or a job falls due. */
export function createClaimLoop(options: LoopOptions): ClaimLoop {
  const { jobs, doorbell, notifier, concurrency, leaseMs, run, log, kick } = options;
  const { random = Math.random, now = () => performance.now() } = options;
  const bell = createBell();
  const leases = createLeases({ jobs, leaseMs, log, now });
  const running = new Set<Promise<void>>();
  const claiming = Promise.withResolvers<void>();
  const unlisten: (() => Promise<void>)[] = [];
  let place = Promise.withResolvers<void>();
  let stopping = false;
  let answered = false;
  let failures = 0;
  let claimedAt = Number.NEGATIVE_INFINITY;
  let loop: Promise<void> | undefined;

  function begin(job: ClaimedJob, askedAt: number): void {
    const done = run(job, leases.hold(job, askedAt))
      .catch((error: unknown) => log.warn({ jobId: job.id, err: error }, 'a job was not brought to an end'))
      .finally(() => {
        leases.forget(job);
        running.delete(done);
        bell.ring();
        place.resolve();
        place = Promise.withResolvers<void>();
      });
    running.add(done);
  }

  /** A ring that finds no free place is kept until there is one, so that the doorbell turns to others meanwhile. */
  function onRing(): Promise<void> | undefined {
    bell.ring();
    return running.size >= concurrency && !stopping ? place.promise : undefined;
  }

  /** @returns how long to wait for a ring, milliseconds */
  async function claim(): Promise<number> {
    const free = concurrency - running.size;
    if (free <= 0) return idleWait({ free, nextDueMs: null }, random);
    const askedAt = now();
    const claimed = await jobs.claim(free, leaseMs);
    for (const job of claimed) begin(job, askedAt);
    if (claimed.length > 0) {
      claimedAt = now();
      kick();
    }
    const left = concurrency - running.size;
    return idleWait({ free: left, nextDueMs: left > 0 ? await jobs.msToNextDue() : null }, random);
  }

  async function turn(): Promise<void> {
    try {
      const wait = await claim();
      if (failures > 0) log.info({ failures }, 'jobs can be claimed again');
      failures = 0;
      answered = true;
      claiming.resolve();
      await bell.wait(wait);
    } catch (error) {
      failures += 1;
      if (failures === 1) log.warn({ err: error }, 'jobs cannot be claimed; trying again');
      await bell.pause(outageDelay(failures, random));
    }
  }

  async function claimUntilStopped(): Promise<void> {
    while (!stopping) await turn();
  }

  return {
    claiming: claiming.promise,
    get healthy() {
      return answered && failures === 0;
    },
    get running() {
      return running.size;
    },
    get claimedAt() {
      return claimedAt;
    },
    async start() {
      leases.start();
      loop = claimUntilStopped();
      unlisten.push(await doorbell.listen(onRing));
      unlisten.push(await notifier.subscribe(leases.check));
    },
    async drain(graceMs) {
      stopping = true;
      bell.close();
      place.resolve();
      await loop;
      const patience = setTimeout(() => leases.stopAll('drain'), graceMs);
      await Promise.all(running);
      clearTimeout(patience);
      await leases.stop();
      await Promise.allSettled(unlisten.splice(0).map((end) => end()));
    },
  };
}

import { setTimeout as delay } from 'node:timers/promises';
import type { ClaimedJob, Doorbell, JobStore } from '@stager/server/ports';
import type { StopReason } from '../process/job.ts';

/** Backstop for rings that were lost, milliseconds. */
const POLL_MS = 2_000;
const FAILED_BASE_MS = 100;
const FAILED_MAX_MS = 10_000;
/** A lease is renewed when a third of it is over: two renewals may fail before it is lost. */
const RENEWALS_A_LEASE = 3;

export interface LoopOptions {
  readonly jobs: Pick<JobStore, 'claim' | 'renew' | 'msToNextDue'>;
  readonly doorbell: Pick<Doorbell, 'listen'>;
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly run: (job: ClaimedJob, signal: AbortSignal) => Promise<void>;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  readonly random?: () => number;
  /** Called after each claim that found something. */
  readonly kick?: () => void;
}

export interface ClaimLoop {
  start(): Promise<void>;
  /** Whether the last look at the database worked. */
  readonly healthy: boolean;
  readonly running: number;
  /** Claims no more; jobs under way get so many milliseconds, then they are given back. */
  drain(graceMs: number): Promise<void>;
}

interface Running {
  readonly job: ClaimedJob;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** Claims as many jobs as there are free slots, whenever the doorbell rings, a slot falls free or time is up. */
export function createClaimLoop(options: LoopOptions): ClaimLoop {
  const running = new Map<string, Running>();
  const random = options.random ?? Math.random;
  const bell = createBell();
  let stopping = false;
  let failures = 0;
  let renewedAt = Date.now();
  let unlisten: (() => Promise<void>) | undefined;
  let loop: Promise<void> | undefined;
  let renewals: Promise<void> | undefined;
  const ended = new AbortController();

  function start(job: ClaimedJob): void {
    const abort = new AbortController();
    const done = options
      .run(job, abort.signal)
      .catch((error: unknown) => options.log.warn({ jobId: job.id, err: error }, 'a job broke its rules'))
      .finally(() => {
        running.delete(job.lease);
        bell.ring();
      });
    running.set(job.lease, { job, abort, done });
  }

  function stop(lease: string, reason: StopReason): void {
    running.get(lease)?.abort.abort(reason);
  }

  async function claim(): Promise<number> {
    const free = options.concurrency - running.size;
    if (free <= 0) return 0;
    if (running.size === 0) renewedAt = Date.now();
    const jobs = await options.jobs.claim(free, options.leaseMs);
    for (const job of jobs) start(job);
    if (jobs.length > 0) options.kick?.();
    return jobs.length;
  }

  async function waitMs(): Promise<number> {
    if (running.size >= options.concurrency) return POLL_MS;
    const due = await options.jobs.msToNextDue();
    return Math.min(due ?? POLL_MS, POLL_MS) * (0.9 + 0.2 * random());
  }

  async function turn(): Promise<void> {
    try {
      const claimed = await claim();
      const wait = claimed > 0 && running.size < options.concurrency ? 0 : await waitMs();
      if (failures > 0) options.log.info({}, 'the database answers again');
      failures = 0;
      if (wait > 0) await bell.wait(wait);
    } catch (error) {
      if (failures === 0) options.log.warn({ err: error }, 'jobs cannot be claimed; trying again');
      failures += 1;
      await bell.pause(random() * Math.min(FAILED_MAX_MS, FAILED_BASE_MS * 2 ** failures));
    }
  }

  async function renewAll(): Promise<void> {
    const leases = [...running.keys()];
    if (leases.length === 0) return;
    const begin = Date.now();
    try {
      const { lost } = await options.jobs.renew(leases, options.leaseMs);
      renewedAt = begin;
      for (const lease of lost) stop(lease, 'lease_lost');
    } catch (error) {
      options.log.warn({ err: error, jobs: leases.length }, 'leases could not be renewed');
      // Nobody can tell us that the jobs are ours still: past the lease they are somebody else's.
      if (Date.now() - renewedAt >= options.leaseMs) for (const lease of leases) stop(lease, 'lease_lost');
    }
  }

  async function keepRenewing(): Promise<void> {
    while (!ended.signal.aborted) {
      await delay(options.leaseMs / RENEWALS_A_LEASE, undefined, { signal: ended.signal }).catch(
        () => undefined,
      );
      await renewAll();
    }
  }

  return {
    get healthy() {
      return failures === 0;
    },
    get running() {
      return running.size;
    },
    async start() {
      unlisten = await options.doorbell.listen(bell.ring);
      renewals = keepRenewing();
      loop = (async () => {
        while (!stopping) await turn();
      })();
    },
    async drain(graceMs) {
      stopping = true;
      bell.ring();
      await unlisten?.();
      await loop;
      const patience = setTimeout(() => {
        for (const lease of running.keys()) stop(lease, 'drain');
      }, graceMs);
      await Promise.all([...running.values()].map(({ done }) => done));
      clearTimeout(patience);
      ended.abort();
      await renewals;
    },
  };
}

/** Remembers a ring that comes while nobody waits. */
function createBell() {
  let rung = false;
  let sleeper: AbortController | undefined;
  async function sleep(ms: number): Promise<void> {
    sleeper = new AbortController();
    await delay(ms, undefined, { signal: sleeper.signal }).catch(() => undefined);
    sleeper = undefined;
  }
  return {
    ring(): void {
      rung = true;
      sleeper?.abort();
    },
    async wait(ms: number): Promise<void> {
      if (!rung) await sleep(ms);
      rung = false;
    },
    /** Sleeps through rings that came before: with the database down they lead nowhere. */
    async pause(ms: number): Promise<void> {
      rung = false;
      await sleep(ms);
    },
  };
}

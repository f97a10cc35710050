import { createLoop, type LoopLog } from '@stager/server/core/relay/loop';
import type { Doorbell, JobStore, Objects, UploadsEnded } from '@stager/server/ports';

const SWEEP_MS = 5_000;
const PRUNE_MS = 10 * 60_000;
const BATCH = 200;
/** Rings at a time: they wake workers, and those find all that is due. */
const RINGS = 50;
const HOUR_MS = 60 * 60_000;
/** An upload whose URL ended so long ago can have no PUT under way any more. */
const PENDING_GRACE_MS = HOUR_MS;
/** So long a settled upload still answers to a repeated finalize. */
const SETTLED_GRACE_MS = 7 * 24 * HOUR_MS;

export interface SweeperOptions {
  readonly jobs: Pick<JobStore, 'reapExpired' | 'listDue' | 'prune' | 'listStaleUploads' | 'forgetUploads'>;
  readonly doorbell: Pick<Doorbell, 'ring'>;
  readonly objects: Pick<Objects, 'remove'>;
  readonly log: LoopLog;
  /** Called when something was written that a relay can hand on. */
  readonly kick: () => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface Sweeper {
  start(): void;
  stop(): Promise<void>;
}

/**
 * Heals what was lost: leases of dead workers, rings of a dead doorbell, uploads of clients that went away. Any
 * number of workers may sweep at the same time.
 */
export function createSweeper(options: SweeperOptions): Sweeper {
  const { log, now = Date.now } = options;
  let pruneAt = now();
  const sweep = createLoop({ name: 'sweeper', everyMs: SWEEP_MS, turn: () => sweepJobs(options), log });
  const prune = createLoop({
    name: 'pruning',
    everyMs: SWEEP_MS,
    async turn(signal) {
      if (now() < pruneAt) return;
      await pruneAll(options, now(), signal);
      pruneAt = now() + PRUNE_MS;
    },
    log,
  });
  return {
    start() {
      sweep.start();
      prune.start();
    },
    async stop() {
      await Promise.all([sweep.stop(), prune.stop()]);
    },
  };
}

export async function sweepJobs({ jobs, doorbell, log, kick }: SweeperOptions): Promise<void> {
  const reaped = await jobs.reapExpired(BATCH);
  if (reaped.requeued + reaped.dead > 0) {
    log.warn(reaped, 'jobs of workers that gave no sign of life');
    kick();
  }
  const due = await jobs.listDue(RINGS);
  if (due.length > 0) await doorbell.ring(due.map((jobId) => ({ v: 1, jobId })));
}

export async function pruneAll(options: SweeperOptions, now: number, signal: AbortSignal): Promise<void> {
  const rows = await options.jobs.prune(new Date(now));
  const ended = {
    pendingBefore: new Date(now - PENDING_GRACE_MS),
    settledBefore: new Date(now - SETTLED_GRACE_MS),
  };
  const uploads = await forgetStaleUploads(options, ended, signal);
  if (rows + uploads > 0) options.log.info({ rows, uploads }, 'pruned');
}

/**
 * The object first: a row that is left is tried again, an object without a row would be an orphan. A settled upload
 * has one when its URL was used again behind finalize.
 */
async function forgetStaleUploads(
  { jobs, objects }: SweeperOptions,
  ended: UploadsEnded,
  signal: AbortSignal,
): Promise<number> {
  let total = 0;
  while (!signal.aborted) {
    const stale = await jobs.listStaleUploads(ended, BATCH);
    for (const { objectKey } of stale) await objects.remove({ bucket: 'uploads', key: objectKey });
    await jobs.forgetUploads(
      ended,
      stale.map(({ id }) => id),
    );
    total += stale.length;
    if (stale.length < BATCH) break;
  }
  return total;
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Doorbell, JobStore, Objects } from '@stager/server/ports';

const SWEEP_MS = 5_000;
const PRUNE_MS = 10 * 60_000;
const BATCH = 200;
/** An upload whose URL ended so long ago can have no PUT under way any more. */
const UPLOAD_GRACE_MS = 60 * 60_000;

export interface SweeperOptions {
  readonly jobs: Pick<JobStore, 'reapExpired' | 'listDue' | 'prune' | 'listStaleUploads' | 'forgetUploads'>;
  readonly doorbell: Pick<Doorbell, 'ring'>;
  readonly objects: Pick<Objects, 'remove'>;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  readonly kick: () => void;
  readonly now?: () => number;
  readonly random?: () => number;
}

export interface Sweeper {
  start(): void;
  stop(): Promise<void>;
}

/** Heals what was lost: leases of dead workers, rings of a dead doorbell, uploads of clients that went away. */
export function createSweeper(options: SweeperOptions): Sweeper {
  const { random = Math.random, now = Date.now } = options;
  const stopped = new AbortController();
  let loop: Promise<void> | undefined;
  let prunedAt = Number.NEGATIVE_INFINITY;
  let failing = false;

  async function turn(): Promise<void> {
    try {
      await sweepJobs(options);
      if (now() - prunedAt >= PRUNE_MS) {
        prunedAt = now();
        await prune(options, now());
      }
      failing = false;
    } catch (error) {
      if (!failing) options.log.warn({ err: error }, 'sweeping failed; trying again');
      failing = true;
    }
  }

  return {
    start() {
      loop ??= (async () => {
        while (!stopped.signal.aborted) {
          await turn();
          await delay(SWEEP_MS * (0.5 + random()), undefined, { signal: stopped.signal }).catch(
            () => undefined,
          );
        }
      })();
    },
    async stop() {
      stopped.abort();
      await loop;
    },
  };
}

export async function sweepJobs(options: SweeperOptions): Promise<void> {
  const reaped = await options.jobs.reapExpired(BATCH);
  if (reaped.requeued + reaped.dead > 0) {
    options.log.warn(reaped, 'jobs of workers that gave no sign of life');
    options.kick();
  }
  const due = await options.jobs.listDue(BATCH);
  if (due.length > 0) await options.doorbell.ring(due.map((jobId) => ({ v: 1, jobId })));
}

export async function prune(options: SweeperOptions, now: number): Promise<void> {
  const rows = await options.jobs.prune(new Date(now));
  const stale = await options.jobs.listStaleUploads(new Date(now - UPLOAD_GRACE_MS), BATCH);
  for (const upload of stale) await options.objects.remove({ bucket: 'uploads', key: upload.objectKey });
  await options.jobs.forgetUploads(stale.map((upload) => upload.id));
  if (rows + stale.length > 0) options.log.info({ rows, uploads: stale.length }, 'pruned');
}

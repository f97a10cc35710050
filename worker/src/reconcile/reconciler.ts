import { newId } from '@stager/server/core/ids';
import { purgeKept, type ReconcileDeps } from '@stager/server/core/reconcile/index';
import { createLoop, type LoopLog } from '@stager/server/core/relay/loop';
import type { WorkerConfig } from '../config.ts';
import { workApart } from './process.ts';
import { lastDue } from './schedule.ts';

/** Somebody waits for the begin of a run. */
const LOOK_MS = 1_000;
const PURGE_MS = 60 * 60_000;
const SCHEDULE_MS = 15_000;

export interface ReconcilerOptions extends Pick<ReconcileDeps, 'store' | 'objects'> {
  /** For the process of runs, which opens stores of its own. */
  readonly config: WorkerConfig;
  readonly log: LoopLog;
  /** When dry runs begin; without one, when somebody asks. */
  readonly cron?: string | undefined;
}

export interface Reconciler {
  start(): void;
  /** Puts a run under way back: another worker goes on with it. */
  stop(): Promise<void>;
}

/** Looks for drift, repairs it and puts back, as admins ask. Of any number of workers, one has a run. */
export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { log, store, cron, config } = options;
  const runs = createLoop({
    name: 'reconciliation',
    everyMs: LOOK_MS,
    async turn(signal) {
      if (!(await store.hasDue())) return;
      await workApart(config, signal, (run, ended) => log.info({ run, ended }, 'a run of reconciliation'));
    },
    log,
  });
  const purge = createLoop({
    name: 'purging',
    everyMs: PURGE_MS,
    async turn(signal) {
      const { removed, left } = await purgeKept(options, signal);
      if (removed > 0) log.info({ removed }, 'objects that were put aside are removed');
      if (left > 0) log.warn({ left }, 'objects that were put aside cannot be removed, and are kept');
    },
    log,
  });
  let seen: Date | undefined;
  const schedule = createLoop({
    name: 'schedule of reconciliation',
    everyMs: SCHEDULE_MS,
    async turn() {
      const until = await store.now();
      const due = cron === undefined ? null : lastDue(cron, seen ?? until, until);
      // One that has to wait is tried again at the next turn.
      if (due && (await store.schedule(newId('rec'), due)) === 'busy') return;
      seen = until;
    },
    log,
  });
  const loops = cron === undefined ? [runs, purge] : [runs, purge, schedule];
  return {
    start() {
      for (const loop of loops) loop.start();
    },
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}

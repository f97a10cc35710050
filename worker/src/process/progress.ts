import type { LoopLog } from '@stager/server/core/relay/loop';

/** Milliseconds between two reports, and between two of different stages. */
const SAME_STAGE_MS = 1_000;
const NEW_STAGE_MS = 250;

export interface ProgressOptions {
  /** False when the lease is lost. */
  readonly write: (fraction: number, stage: string) => Promise<boolean>;
  readonly onLost: () => void;
  readonly log: LoopLog;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

export interface Progress {
  report(fraction: number, stage: string): void;
  /** No report begins after this; resolves when the last one is written. */
  stop(): Promise<void>;
}

/**
 * Writes progress down now and then: at most one report at a time, the latest wins, and what a short job says
 * is never written. Progress is worth less than the work, so it neither holds up nor fails a job.
 */
export function createProgress(options: ProgressOptions): Progress {
  const { write, onLost, log, now = () => performance.now() } = options;
  let writtenAt = now();
  let writtenStage: string | undefined;
  let latest: { readonly fraction: number; readonly stage: string } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let stopped = false;

  function schedule(): void {
    if (stopped || writing || !latest) return;
    const gap = latest.stage === writtenStage ? SAME_STAGE_MS : NEW_STAGE_MS;
    clearTimeout(timer);
    timer = setTimeout(flush, Math.max(0, writtenAt + gap - now()));
  }

  function flush(): void {
    if (!latest) return;
    const { fraction, stage } = latest;
    latest = undefined;
    writtenAt = now();
    writtenStage = stage;
    writing = write(fraction, stage)
      .then((held) => held || onLost())
      .catch((error: unknown) => log.warn({ err: error }, 'progress was not recorded'))
      .then(() => {
        writing = undefined;
        schedule();
      });
  }

  return {
    report(fraction, stage) {
      latest = { fraction: Math.min(1, Math.max(0, fraction || 0)), stage };
      schedule();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await writing;
    },
  };
}

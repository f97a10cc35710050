import type { LoopLog } from '@stager/server/core/relay/loop';
import type { JobStore } from '@stager/server/ports';

/** Looks within the time in which somebody must have claimed something. */
const LOOKS = 12;

export interface Look {
  /** Work is due at this moment. */
  readonly due: boolean;
  /** There is a free place. */
  readonly free: boolean;
  /** When something was claimed last, milliseconds on the clock of the looks. */
  readonly claimedAt: number;
}

/**
 * Since when work has been due without being taken, in the light of another look; undefined when all is well. A claim
 * since then, a full house or an empty queue each make it well again.
 */
export function waitingSince(before: number | undefined, look: Look, now: number): number | undefined {
  if (!look.due || !look.free) return undefined;
  return before === undefined || look.claimedAt > before ? now : before;
}

export interface WatchdogOptions {
  readonly jobs: Pick<JobStore, 'msToNextDue'>;
  readonly loop: { readonly running: number; readonly claimedAt: number };
  /** Places; 0 is a worker that is paused, and never stuck. */
  readonly concurrency: number;
  /** Called once. */
  readonly onStuck: () => void;
  readonly log: LoopLog & { error(fields: object, message: string): void };
  readonly now?: () => number;
  /** So long may work be due, places be free and nothing be claimed. Accounts that others hold for a moment are no fault. */
  readonly stuckMs: number;
}

export interface Watchdog {
  readonly stuck: boolean;
  start(): void;
  stop(): void;
}

/** Sees a worker that lives and does nothing: the database says that work is due, and it claims none. */
export function createWatchdog(options: WatchdogOptions): Watchdog {
  const { jobs, loop, concurrency, onStuck, log, stuckMs, now = () => performance.now() } = options;
  let since: number | undefined;
  let stuck = false;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    // A database that does not answer says nothing about us: the claim loop tells of that.
    const next = await jobs.msToNextDue().catch(() => null);
    const free = loop.running < concurrency;
    since = waitingSince(since, { due: next === 0, free, claimedAt: loop.claimedAt }, now());
    if (stuck || since === undefined || now() - since < stuckMs) return;
    stuck = true;
    log.error(
      { seconds: Math.round((now() - since) / 1000) },
      'work is due and none is claimed; this process ends',
    );
    onStuck();
  }

  return {
    get stuck() {
      return stuck;
    },
    start() {
      if (concurrency > 0) timer ??= setInterval(() => void look(), stuckMs / LOOKS);
    },
    stop() {
      clearInterval(timer);
    },
  };
}

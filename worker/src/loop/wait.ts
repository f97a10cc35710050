/** Backstop for rings that were lost. */
const POLL_MS = 2_000;
/** What is due and was not claimed is held by others for the moment. */
const BUSY_MS = 100;

export interface Idle {
  readonly free: number;
  /** Milliseconds until the next job is due; null when there is none. */
  readonly nextDueMs: number | null;
}

/**
 * Milliseconds that a worker waits for a ring after a claim that left it free places. Jitter of a tenth upwards:
 * neighbours that were woken together drift apart, and nobody comes before the job is due.
 */
export function idleWait({ free, nextDueMs }: Idle, random: () => number): number {
  if (free <= 0) return Number.POSITIVE_INFINITY;
  const wait = nextDueMs === null ? POLL_MS : Math.min(POLL_MS, nextDueMs === 0 ? BUSY_MS : nextDueMs);
  return wait * (1 + 0.1 * random());
}

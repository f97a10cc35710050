const FIRST_MS = 200;
const MAX_MS = 5_000;
/** A process that lived so long has earned a quick restart. */
const HEALTHY_MS = 10_000;

/** How often in a row a process has ended young, counted with the end just seen. */
export function countFailures(before: number, livedMs: number): number {
  return livedMs > HEALTHY_MS ? 0 : before + 1;
}

/** Milliseconds to wait before a process that ended is started again. */
export function restartDelay(failures: number): number {
  return Math.min(MAX_MS, (FIRST_MS / 2) * 2 ** failures);
}

const BASE_MS = 200;
const MAX_MS = 5_000;

/**
 * Milliseconds to wait after a number of failures in a row, from 1. Full jitter: what failed together must not
 * come back together. `random` gives 0 to 1.
 */
export function outageDelay(failures: number, random: () => number): number {
  return random() * Math.min(MAX_MS, BASE_MS * 2 ** (failures - 1));
}

/** A period with some jitter, a tenth to either side: processes that were started together drift apart. */
export function jittered(ms: number, random: () => number): number {
  return ms * (0.9 + 0.2 * random());
}

/** Milliseconds before the second attempt, at most; doubles with each further one. */
const BASE_MS = 1_000;
const MAX_MS = 5 * 60_000;

export type Verdict = { readonly kind: 'retry'; readonly afterMs: number } | { readonly kind: 'dead' };

/**
 * What follows a failed attempt. Waits have full jitter, so that what failed together does not come back together.
 * @param attempt the one that failed, from 1
 * @param random from 0 to 1
 */
export function decideFailure(
  retryable: boolean,
  attempt: number,
  maxAttempts: number,
  random: number,
): Verdict {
  if (!retryable || attempt >= maxAttempts) return { kind: 'dead' };
  return { kind: 'retry', afterMs: Math.round(random * Math.min(MAX_MS, BASE_MS * 2 ** (attempt - 1))) };
}

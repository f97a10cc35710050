import type { StopReason } from '../loop/stopped.ts';

/** Milliseconds before the second attempt, at most; doubles with each further one. */
const BASE_MS = 1_000;
const MAX_MS = 5 * 60_000;

export interface EndedAttempt {
  /** Why the attempt was stopped from outside; undefined when it failed by itself. */
  readonly stopped: StopReason | undefined;
  /** Whether the same job may succeed later without a change. */
  readonly retryable: boolean;
  /** The one that ended, from 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
}

export type Verdict =
  | { readonly kind: 'retry'; readonly afterMs: number }
  | { readonly kind: 'dead' }
  /** The attempt does not count. */
  | { readonly kind: 'release' }
  /** Not ours any more: nothing is written. */
  | { readonly kind: 'leave' };

/**
 * What follows an attempt that did not succeed. Waits have full jitter, so that what failed together does not come
 * back together.
 * @param random from 0 to 1
 */
export function decideFailure(ended: EndedAttempt, random: number): Verdict {
  const { stopped, retryable, attempt, maxAttempts } = ended;
  if (stopped === 'lease_lost') return { kind: 'leave' };
  if (stopped === 'drain') return { kind: 'release' };
  if (!retryable || attempt >= maxAttempts) return { kind: 'dead' };
  return { kind: 'retry', afterMs: Math.round(random * Math.min(MAX_MS, BASE_MS * 2 ** (attempt - 1))) };
}

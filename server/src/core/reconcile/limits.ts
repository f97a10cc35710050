import { UPLOAD_TTL_MS } from '../uploads/limits.ts';

/** Longest time from the begin of a transfer that its URL still let in to its end, or from an output to its row. */
const LONGEST_TRANSFER_MS = 60 * 60_000;
/** What is younger may be under way: nothing is concluded from it. */
export const GRACE_MS = UPLOAD_TTL_MS + LONGEST_TRANSFER_MS;
/** Whoever changes an image changes its job in the same transaction; this is for what a lease takes to run out. */
export const STATE_GRACE_MS = 10 * 60_000;
/** Sweepers take so long to come by; what they should have removed an hour ago they do not remove. */
export const UPLOAD_GRACE_MS = GRACE_MS + 60 * 60_000;
/** What writers left behind stays so long. */
export const LEFTOVER_MS = 24 * 60 * 60_000;
/** An object that was put aside can be put back so long. */
export const KEEP_MS = 7 * 24 * 60 * 60_000;
/** Findings are believed so long. */
export const PLAN_MS = 24 * 60 * 60_000;

/** Keys below it are objects that were put aside. */
export const KEPT_PREFIX = 'quarantine/';
/** Behind all other keys of ours, so that a listing that has it has come to its end. */
export const SENTINEL_KEY = 'sentinel';

export function keptKey(runId: string, key: string): string {
  return `${KEPT_PREFIX}${runId}/${key}`;
}

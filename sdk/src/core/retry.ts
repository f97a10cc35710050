/** Longest wait between two tries that the SDK chooses itself. */
const BACKOFF_CAP_MS = 8_000;
const BACKOFF_BASE_MS = 500;
/** A longer `Retry-After` is handed to the caller as an error instead of being waited for. */
export const RETRY_AFTER_CAP_MS = 60_000;

export type Outcome =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly code?: string | undefined;
      readonly retryAfterMs?: number | undefined;
    }
  | { readonly kind: 'connection' | 'timeout' };

export interface RetryQuestion {
  readonly outcome: Outcome;
  /** Retries that were made already. */
  readonly retries: number;
  /** 0 means none. */
  readonly maxRetries: number;
  /** Whether sending it twice has the effect of once: idempotent method, or an `Idempotency-Key`. */
  readonly repeatable: boolean;
  /** 0 to 1. */
  readonly random: number;
}

export type RetryAnswer =
  | { readonly retry: false }
  | {
      readonly retry: true;
      readonly delayMs: number;
      /** The server asked everybody to wait, not just this call. */
      readonly forAll: boolean;
    };

const NO: RetryAnswer = { retry: false };

/** Whether and when a call is made again. */
export function decideRetry({
  outcome,
  retries,
  maxRetries,
  repeatable,
  random,
}: RetryQuestion): RetryAnswer {
  if (retries >= maxRetries || !repeatable) return NO;
  if (outcome.kind !== 'answer') return { retry: true, delayMs: backoff(retries, random), forAll: false };
  if (!isTransient(outcome.status, outcome.code)) return NO;
  const asked = outcome.retryAfterMs;
  if (asked === undefined) return { retry: true, delayMs: backoff(retries, random), forAll: false };
  if (asked > RETRY_AFTER_CAP_MS) return NO;
  // A little spread, so that all who were told the same moment do not come in the same moment.
  const delayMs = asked + random * Math.min(BACKOFF_BASE_MS, asked / 4);
  return { retry: true, delayMs, forAll: outcome.status === 429 || outcome.status === 503 };
}

function isTransient(status: number, code: string | undefined): boolean {
  if (status === 409) return code === 'idempotency_in_flight';
  return (
    status === 408 || status === 429 || status === 500 || status === 502 || status === 503 || status === 504
  );
}

/** Full jitter: anything from 0 to the exponential bound, in milliseconds. */
export function backoff(retries: number, random: number, capMs = BACKOFF_CAP_MS): number {
  return random * Math.min(capMs, BACKOFF_BASE_MS * 2 ** retries);
}

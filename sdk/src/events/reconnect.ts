import { backoff } from '../core/retry.ts';

/** How one connection of a stream ended. */
export type Ending =
  /** The server or the network ended it; `productive` when something had arrived on it. */
  | { readonly kind: 'cut' | 'stalled'; readonly productive: boolean }
  | { readonly kind: 'bye'; readonly reason: 'token_expired' | 'shutdown' | 'too_slow' | 'access_ended' }
  /** It was never opened. */
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'refused'; readonly status: number; readonly retryAfterMs?: number | undefined };

export interface ReconnectQuestion {
  readonly ending: Ending;
  /** Whether the stream was ever open. */
  readonly wasOpen: boolean;
  /** Endings in a row without an event between them, this one not counted. */
  readonly failures: number;
  /** Refusals with 401 in a row, this one not counted. */
  readonly unauthorized: number;
  /** For a stream that was never open; one that was is followed for as long as it takes. */
  readonly maxRetries: number;
  /** 0 to 1. */
  readonly random: number;
}

export type ReconnectAnswer =
  | { readonly reconnect: false }
  | { readonly reconnect: true; readonly delayMs: number };

const CAP_MS = 15_000;
/** After a connection that worked: soon, but not everybody at once. */
const SOON_MS = 250;
/** A restarting server is given a moment. */
const SHUTDOWN_MS = 1_000;

/** Whether and when a stream is opened again. */
export function decideReconnect(question: ReconnectQuestion): ReconnectAnswer {
  const { ending, failures, random } = question;
  if (ending.kind === 'bye') {
    return { reconnect: true, delayMs: random * (ending.reason === 'shutdown' ? SHUTDOWN_MS : SOON_MS) };
  }
  if (ending.kind === 'refused') return decideRefused(question, ending);
  if (!question.wasOpen && failures >= question.maxRetries) return { reconnect: false };
  if (ending.kind !== 'unreachable' && ending.productive)
    return { reconnect: true, delayMs: random * SOON_MS };
  return { reconnect: true, delayMs: backoff(failures, random, CAP_MS) };
}

function decideRefused(
  { wasOpen, failures, unauthorized, maxRetries, random }: ReconnectQuestion,
  { status, retryAfterMs }: Extract<Ending, { kind: 'refused' }>,
): ReconnectAnswer {
  // The first 401 is an expired token, the second in a row is not.
  if (status === 401) return unauthorized === 0 ? { reconnect: true, delayMs: 0 } : { reconnect: false };
  const passing = status === 408 || status === 429 || status >= 500;
  if (!passing || (!wasOpen && failures >= maxRetries)) return { reconnect: false };
  return { reconnect: true, delayMs: Math.max(retryAfterMs ?? 0, backoff(failures, random, CAP_MS)) };
}

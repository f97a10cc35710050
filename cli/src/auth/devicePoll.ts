import type { Configuration } from 'openid-client';
import { classifyFailure } from './issuer.ts';
import type { TokenAnswer } from './session.ts';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** Between two polls when the issuer names none, in seconds: RFC 8628 section 3.2. */
const DEFAULT_INTERVAL_S = 5;
/** What `slow_down` adds, for this and all later polls, in seconds: RFC 8628 section 3.5. */
const SLOWER_S = 5;
/** No login is waited for longer; a timer that is told more than 24.8 days ends at once. Seconds. */
const INTERVAL_MAX_S = 300;
/** Least pause after the issuer could not be reached, and the most that doubling makes of it, in seconds. */
const PAUSE_S = { least: 2, most: 30 };

/** How often to ask; passed on from poll to poll, also from one process to the next. */
export interface Pace {
  /** Seconds between two polls. */
  readonly interval: number;
  /** Polls in a row that the issuer did not answer. */
  readonly failures: number;
}

export type PollOutcome =
  | { readonly kind: 'tokens'; readonly tokens: TokenAnswer }
  | { readonly kind: 'pending' | 'slow_down'; readonly retryAfter: number }
  | { readonly kind: 'transient'; readonly retryAfter: number; readonly error: unknown }
  | { readonly kind: 'refused'; readonly error: unknown };

export const firstPace = (interval: number | undefined): Pace => ({
  interval: Math.min(interval ?? DEFAULT_INTERVAL_S, INTERVAL_MAX_S),
  failures: 0,
});

export function nextPace({ interval, failures }: Pace, kind: PollOutcome['kind']): Pace {
  switch (kind) {
    case 'slow_down':
      return { interval: interval + SLOWER_S, failures: 0 };
    case 'transient':
      return { interval, failures: failures + 1 };
    default:
      return { interval, failures: 0 };
  }
}

/** Seconds until the next poll; longer and longer while nobody answers (RFC 8628 section 3.5). */
export function pauseOf({ interval, failures }: Pace, retryAfter = 0): number {
  const backoff = failures === 0 ? 0 : Math.min(PAUSE_S.least * 2 ** (failures - 1), PAUSE_S.most);
  return Math.max(interval, backoff, Math.min(retryAfter, PAUSE_S.most));
}

/** Asks once whether the code was approved. */
export async function pollOnce(
  issuer: () => Promise<Configuration>,
  deviceCode: string,
): Promise<PollOutcome> {
  const oidc = await import('openid-client');
  try {
    const tokens = await oidc.genericGrantRequest(await issuer(), DEVICE_GRANT, { device_code: deviceCode });
    return { kind: 'tokens', tokens };
  } catch (error) {
    return classifyPoll(error);
  }
}

function classifyPoll(error: unknown): PollOutcome {
  const retryAfter = retryAfterOf(error);
  const failure = classifyFailure(error);
  if (failure.kind === 'transient') return { kind: 'transient', retryAfter, error };
  if (failure.kind === 'oauth') {
    if (failure.error === 'authorization_pending') return { kind: 'pending', retryAfter };
    if (failure.error === 'slow_down') return { kind: 'slow_down', retryAfter };
  }
  return { kind: 'refused', error };
}

function retryAfterOf(error: unknown): number {
  const response = error instanceof Error ? Reflect.get(error, 'response') : undefined;
  const seconds = response instanceof Response ? Number(response.headers.get('retry-after')) : 0;
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}

/**
 * When the server wants to be asked again, in milliseconds from now; undefined when it does not say.
 * `Retry-After` (RFC 9110 section 10.2.3: seconds or a date) wins over an empty `RateLimit` (seconds until it is full).
 */
export function readRetryAfter(headers: Headers, now: number): number | undefined {
  const retryAfter = headers.get('retry-after')?.trim();
  if (retryAfter) {
    if (/^\d+(\.\d+)?$/.test(retryAfter)) return Number(retryAfter) * 1000;
    const date = Date.parse(retryAfter);
    if (!Number.isNaN(date)) return Math.max(0, date - now);
  }
  const limit = readRateLimit(headers);
  return limit && limit.remaining === 0 ? limit.resetMs : undefined;
}

export interface RateLimit {
  /** Name of the budget. */
  readonly policy: string;
  /** Requests that are left of it. */
  readonly remaining: number;
  /** Milliseconds until it is full again. */
  readonly resetMs: number;
  /** Its size, when the server says. */
  readonly limit: number | undefined;
}

/** Reads `RateLimit: "read";r=10;t=30` and `RateLimit-Policy: "read";q=1200;w=60`. */
export function readRateLimit(headers: Headers): RateLimit | undefined {
  const match = /^\s*"([^"]*)"(.*)$/.exec(headers.get('ratelimit') ?? '');
  const remaining = parameter(match?.[2], 'r');
  if (!match || remaining === undefined) return undefined;
  return {
    policy: match[1] ?? '',
    remaining,
    resetMs: (parameter(match[2], 't') ?? 0) * 1000,
    limit: parameter(headers.get('ratelimit-policy') ?? undefined, 'q'),
  };
}

function parameter(text: string | undefined, key: string): number | undefined {
  const value = new RegExp(`;\\s*${key}=(\\d+)`).exec(text ?? '')?.[1];
  return value === undefined ? undefined : Number(value);
}

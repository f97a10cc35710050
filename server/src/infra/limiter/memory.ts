import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateClass } from '../../contract/index.ts';
import type { Limiter, LimitState } from '../../ports/index.ts';

export type LimitTable = Readonly<Record<Exclude<RateClass, 'none'>, number>>;

export const WINDOW_SECONDS = 60;

/** Budgets of one process. @param perMinute requests a window and key, by rate class; the window is a minute */
export function createMemoryLimiter(perMinute: LimitTable, windowSeconds = WINDOW_SECONDS): Limiter {
  const limiters = new Map(
    Object.entries(perMinute).map(([rateClass, points]) => [
      rateClass,
      new RateLimiterMemory({ keyPrefix: rateClass, points, duration: windowSeconds }),
    ]),
  );
  return {
    async take(rateClass, key): Promise<LimitState> {
      const limit = perMinute[rateClass];
      const limiter = limiters.get(rateClass);
      if (!limiter) return { allowed: true, limit, remaining: limit, resetSeconds: windowSeconds };
      const taken = await limiter.consume(key).catch((refused: unknown) => refused);
      if (!(taken instanceof RateLimiterRes)) return { allowed: true, limit, remaining: 0, resetSeconds: 1 };
      return stateOf(taken, limit);
    },
  };
}

export function stateOf(taken: RateLimiterRes, limit: number): LimitState {
  return {
    allowed: taken.consumedPoints <= limit,
    limit,
    remaining: Math.max(0, taken.remainingPoints),
    resetSeconds: Math.ceil(taken.msBeforeNext / 1000),
  };
}

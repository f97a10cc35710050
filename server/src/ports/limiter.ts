import type { RateClass } from '../contract/index.ts';

export interface LimitState {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the window is fresh, rounded up. */
  readonly resetSeconds: number;
}

export interface Limiter {
  /** Takes one unit of `key`'s budget in a rate class. Never throws: a limiter that fails lets through. */
  take(rateClass: Exclude<RateClass, 'none'>, key: string): Promise<LimitState>;
}

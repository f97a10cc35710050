import type { Context } from 'koa';
import type { RateClass } from '../../contract/index.ts';
import { DomainError } from '../../core/errors.ts';
import type { Limiter } from '../../ports/index.ts';

/** Counts a request and says on the answer what is left (draft-ietf-httpapi-ratelimit-headers). */
export async function takeBudget(
  ctx: Context,
  limiter: Limiter,
  rateClass: RateClass,
  key: string,
): Promise<void> {
  if (rateClass === 'none') return;
  const state = await limiter.take(rateClass, key);
  ctx.set('RateLimit-Policy', `"${rateClass}";q=${state.limit};w=60`);
  ctx.set('RateLimit', `"${rateClass}";r=${state.remaining};t=${state.resetSeconds}`);
  if (!state.allowed) {
    throw new DomainError(
      'rate_limited',
      `More than ${state.limit} requests a minute. Wait ${state.resetSeconds} s.`,
      {
        retryAfter: state.resetSeconds,
      },
    );
  }
}

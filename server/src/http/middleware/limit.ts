import { hash } from 'node:crypto';
import type { Context } from 'koa';
import type { RateClass } from '../../contract/index.ts';
import { DomainError } from '../../core/errors.ts';
import type { Limiter } from '../../ports/index.ts';
import { clientAddress, networkOf } from '../clientAddress.ts';

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

/**
 * Counts what was refused for its credentials: against where it comes from, so that nobody can try many, and against
 * the credential, so that one that leaked or was revoked cannot be tried from many places. Who has a valid one is not
 * kept out by what others send from the same address.
 */
export async function countRefused(ctx: Context, limiter: Limiter, trustedProxies: number): Promise<void> {
  const presented = ctx.get('authorization');
  if (presented !== '') await takeBudget(ctx, limiter, 'public', `credential:${digest(presented)}`);
  await takeBudget(ctx, limiter, 'public', `refused:${senderOf(ctx, trustedProxies)}`);
}

/** Whom a request without an account is counted against. */
export function senderOf(ctx: Context, trustedProxies: number): string {
  return networkOf(addressOf(ctx, trustedProxies));
}

export function addressOf(ctx: Context, trustedProxies: number): string {
  const { remoteAddress } = ctx.req.socket;
  const forwardedFor = ctx.get('x-forwarded-for') || undefined;
  return clientAddress({ remoteAddress, forwardedFor }, trustedProxies);
}

/** Keys of budgets may lie in Redis: no credential does. */
function digest(credential: string): string {
  return hash('sha256', credential, 'base64url');
}

import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Limiter, LimitState } from '../../ports/index.ts';
import { connectAlways, within } from '../redis/client.ts';
import { createMemoryLimiter, type LimitTable, stateOf, WINDOW_SECONDS } from './memory.ts';

const PATIENCE_MS = 250;
/** While Redis does not answer, one request in so much time tries it; the others are counted here. */
const AWAY_MS = 2_000;

export interface RedisLimiterOptions {
  readonly url: string;
  readonly prefix: string;
  /** A request waits no longer than this to be counted, in milliseconds. Default 250. */
  readonly patienceMs?: number;
}

/**
 * Budgets that all processes share. While Redis does not answer, each process counts for itself: nobody is let through
 * without a limit, and nobody is kept out by a cache that is down.
 */
export function createRedisLimiter(
  perMinute: LimitTable,
  { url, prefix, patienceMs = PATIENCE_MS }: RedisLimiterOptions,
): Limiter & { close(): Promise<void> } {
  const client = connectAlways(url, AWAY_MS);
  // Every call of a limiter that cannot reach Redis says so itself.
  client.on('error', () => undefined);
  const local = createMemoryLimiter(perMinute);
  const limiters = new Map(
    Object.entries(perMinute).map(([rateClass, points]) => [
      rateClass,
      new RateLimiterRedis({
        storeClient: client,
        useRedis3AndLowerPackage: true,
        keyPrefix: `${prefix}:rate:${rateClass}`,
        points,
        duration: WINDOW_SECONDS,
      }),
    ]),
  );
  let awayUntil = 0;

  return {
    async take(rateClass, key): Promise<LimitState> {
      const limiter = limiters.get(rateClass);
      if (!limiter || !client.connected || performance.now() < awayUntil) return local.take(rateClass, key);
      try {
        const taken = await within(limiter.consume(key), patienceMs, 'counting a request');
        return stateOf(taken, perMinute[rateClass]);
      } catch (refused) {
        if (refused instanceof RateLimiterRes) return stateOf(refused, perMinute[rateClass]);
        awayUntil = performance.now() + AWAY_MS;
        // One that is half open would never say so: the client connects anew.
        client.stream.destroy();
        return local.take(rateClass, key);
      }
    },
    async close() {
      client.end(true);
    },
  };
}

import { setTimeout as delay } from 'node:timers/promises';
import { outageDelay } from '@stager/server/core/relay/backoff';
import { StoreUnavailable } from '@stager/server/ports';

/**
 * `written`: the write took effect. `lost`: it did not, the lease is somebody else's. `unknown`: the database went
 * away in between, so that it may have taken effect or not.
 */
export type WriteOutcome = 'written' | 'lost' | 'unknown';

/**
 * Writes the end of a job, again and again while the database is away and the job is ours: minutes of work shall
 * not be lost to a restart of the database.
 * @param write false when the lease is lost
 * @throws what `write` throws, unless it is StoreUnavailable
 */
export async function persist(
  write: () => Promise<boolean>,
  signal: AbortSignal,
  random: () => number = Math.random,
): Promise<WriteOutcome> {
  for (let failures = 0; ; ) {
    try {
      if (await write()) return 'written';
      // A commit whose answer was cut off has given up the lease, too.
      return failures === 0 ? 'lost' : 'unknown';
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      failures += 1;
      if (signal.aborted) return 'unknown';
      await delay(outageDelay(failures, random), undefined, { signal }).catch(() => undefined);
    }
  }
}

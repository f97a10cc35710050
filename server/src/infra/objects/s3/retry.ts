import { setTimeout as sleep } from 'node:timers/promises';
import { ObjectStoreError } from '../../../ports/index.ts';

const TRIES = 3;
const BASE_MS = 100;

/** Milliseconds before try `tried + 1`; full jitter. `random` gives 0 to 1. */
export function retryDelay(tried: number, random: () => number): number {
  return random() * BASE_MS * 2 ** tried;
}

/** Repeats what may be repeated while the store does not answer. Every other error is thrown at once. */
export async function retrying<T>(run: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await run();
    } catch (error) {
      const worth = error instanceof ObjectStoreError && error.code === 'unreachable' && tried < TRIES;
      if (!worth || signal?.aborted) throw error;
      await sleep(retryDelay(tried, Math.random), undefined, signal ? { signal } : {}).catch(() => {
        throw signal?.reason;
      });
    }
  }
}

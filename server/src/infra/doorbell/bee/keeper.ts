import { setTimeout as sleep } from 'node:timers/promises';
import { reconnectDelay } from '../../reconnect.ts';
import type { Connection } from './connection.ts';

const HEALTHY_MS = 10_000;

export interface Keeper {
  /** The connection of this moment; undefined during an outage. */
  readonly current: Connection | undefined;
  /** Resolves when the first attempt is over, whichever way it went. */
  readonly tried: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Keeps one connection open: when it breaks it is thrown away as a whole and another one is made.
 * @param onOpen called with each; what it throws breaks the connection
 */
export function keepConnection(
  open: () => Promise<Connection>,
  onOpen: (connection: Connection) => Promise<void> | void,
): Keeper {
  const stopping = new AbortController();
  const tried = Promise.withResolvers<void>();
  let current: Connection | undefined;

  async function once(): Promise<void> {
    const connection = await open();
    try {
      if (stopping.signal.aborted) return;
      await onOpen(connection);
      current = connection;
      tried.resolve();
      await Promise.race([connection.broken, aborted(stopping.signal)]);
    } finally {
      current = undefined;
      await connection.close();
    }
  }

  async function keep(): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      const startedAt = performance.now();
      await once().catch(() => undefined);
      tried.resolve();
      // One that held for a while was a good one: the first attempt behind it comes at once.
      failures = performance.now() - startedAt > HEALTHY_MS ? 0 : failures + 1;
      await sleep(reconnectDelay(failures, Math.random), undefined, { signal: stopping.signal }).catch(
        () => undefined,
      );
    }
  }

  const kept = keep();
  return {
    get current() {
      return current;
    },
    tried: tried.promise,
    async stop() {
      stopping.abort();
      await kept;
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

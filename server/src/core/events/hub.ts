import type { Notifier } from '../../ports/index.ts';

export interface EventHub {
  /** Calls `wake` whenever the account may have new events, until the returned function is called. */
  watch(accountId: string, wake: () => void): () => void;
  close(): Promise<void>;
}

/** One subscription a process, whatever the number of streams. */
export async function createEventHub(notifier: Notifier): Promise<EventHub> {
  const watchers = new Map<string, Set<() => void>>();
  const unsubscribe = await notifier.subscribe((accountIds) => {
    const ids = accountIds === 'unknown' ? watchers.keys() : accountIds;
    for (const id of ids) for (const wake of watchers.get(id) ?? []) wake();
  });
  return {
    watch(accountId, wake) {
      const set = watchers.get(accountId) ?? new Set();
      watchers.set(accountId, set.add(wake));
      return () => {
        set.delete(wake);
        if (set.size === 0 && watchers.get(accountId) === set) watchers.delete(accountId);
      };
    },
    close: unsubscribe,
  };
}

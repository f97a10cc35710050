import type { Notifier } from '../../ports/index.ts';
import type { Listener } from '../postgres/listener.ts';

const CHANNEL = 'stager_events';
/** Postgres takes payloads below 8,000 bytes. */
const PAYLOAD_MAX = 7_000;

/** Names of accounts through NOTIFY. The listener belongs to whoever made it and outlives this notifier. */
export function createPostgresNotifier(listener: Listener): Notifier {
  const stops = new Set<() => Promise<void>>();
  return {
    notify: (accountIds) => listener.notify(CHANNEL, packIds([...new Set(accountIds)])),
    async subscribe(onAccounts) {
      const unlisten = await listener.listen(CHANNEL, {
        onMessage: (payload) => onAccounts(payload.split(',')),
        onGap: () => onAccounts('unknown'),
      });
      const stop = async () => {
        if (stops.delete(stop)) await unlisten();
      };
      stops.add(stop);
      return stop;
    },
    close: async () => {
      await Promise.all([...stops].map((stop) => stop()));
    },
  };
}

/** Ids joined by commas, in as few payloads as can be. Ids are ASCII, so characters are bytes. */
export function packIds(ids: readonly string[]): string[] {
  const payloads: string[] = [];
  for (const id of ids) {
    const last = payloads.at(-1);
    if (last !== undefined && last.length + 1 + id.length <= PAYLOAD_MAX) {
      payloads[payloads.length - 1] = `${last},${id}`;
    } else {
      payloads.push(id);
    }
  }
  return payloads;
}

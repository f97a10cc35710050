import type { Doorbell } from '../../ports/index.ts';
import type { Listener } from '../postgres/listener.ts';

const CHANNEL = 'stager_jobs';

/**
 * Rings through NOTIFY. What is due stands in the database, so a ring carries nothing, and any number of rings
 * at once are one. The listener belongs to whoever made it and outlives this doorbell.
 */
export function createPostgresDoorbell(listener: Listener): Doorbell {
  const stops = new Set<() => Promise<void>>();
  return {
    async ring(rings) {
      if (rings.length > 0) await listener.notify(CHANNEL, ['']);
    },
    async listen(onRing) {
      const unlisten = await listener.listen(CHANNEL, {
        onMessage: () => void onRing(),
        onGap: () => void onRing(),
      });
      const stop = async () => {
        if (stops.delete(stop)) await unlisten();
      };
      stops.add(stop);
      return stop;
    },
    check: () => listener.check(),
    close: async () => {
      await Promise.all([...stops].map((stop) => stop()));
    },
  };
}

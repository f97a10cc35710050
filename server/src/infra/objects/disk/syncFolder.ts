import { open } from 'node:fs/promises';

type Sync = (folder: string) => Promise<void>;

/**
 * Makes new names in a folder durable. Calls that come while one sync is under way share the one after it: a
 * hundred writers at once cost a few syncs, not a hundred.
 */
export function createFolderSync(syncOne: Sync = fsync): Sync {
  const running = new Map<string, Promise<void>>();
  const waiting = new Map<string, Promise<void>>();

  function start(folder: string): Promise<void> {
    const sync = syncOne(folder).finally(() => running.delete(folder));
    running.set(folder, sync);
    return sync;
  }

  function startAfter(current: Promise<void>, folder: string): Promise<void> {
    // Whoever waits for the current one hears of its failure; the next tries anew.
    const next = current
      .catch(() => undefined)
      .then(() => {
        waiting.delete(folder);
        return start(folder);
      });
    waiting.set(folder, next);
    return next;
  }

  return (folder) => {
    const next = waiting.get(folder);
    if (next) return next;
    const current = running.get(folder);
    return current ? startAfter(current, folder) : start(folder);
  };
}

async function fsync(folder: string): Promise<void> {
  // Windows cannot sync a folder, and needs not to.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

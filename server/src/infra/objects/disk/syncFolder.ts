import { open } from 'node:fs/promises';

type Sync = (folder: string) => Promise<void>;

/**
 * Makes new names in a folder durable. Calls that come while one sync is under way share the one after it: a
 * hundred writers at once cost a few syncs, not a hundred.
 */
export function createFolderSync(syncOne: Sync = fsync): Sync {
  const running = new Map<string, Promise<void>>();
  const waiting = new Map<string, Promise<void>>();

  async function begin(folder: string): Promise<void> {
    // Whoever waited for that one hears of its failure; this one tries anew.
    await running.get(folder)?.catch(() => undefined);
    waiting.delete(folder);
    const sync = syncOne(folder).finally(() => running.delete(folder));
    running.set(folder, sync);
    await sync;
  }

  return (folder) => {
    const turn = waiting.get(folder) ?? begin(folder);
    if (running.has(folder)) waiting.set(folder, turn);
    return turn;
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

import { randomUUID } from 'node:crypto';
import type { KeptRow } from '../../ports/index.ts';
import { KEEP_MS } from './limits.ts';
import { createRefusals } from './refusals.ts';
import type { ReconcileDeps } from './scan.ts';
import { confirmStore } from './sentinel.ts';

/** Objects that are asked for together. */
const PAGE = 200;

type PurgeDeps = Pick<ReconcileDeps, 'store' | 'objects'>;

export interface Purged {
  /** Objects that are gone for good. */
  readonly removed: number;
  /** Those that are kept for as long again: they have changed, or the store refuses to remove them. */
  readonly left: number;
}

/**
 * Removes for good what was put aside long ago. What cannot be removed is kept on, with the reason, and holds nothing up.
 * @throws ObjectStoreError, SentinelMissing, StoreRefuses: of what was not looked at nothing is forgotten
 */
export async function purgeKept(deps: PurgeDeps, signal: AbortSignal): Promise<Purged> {
  const { store } = deps;
  const at = await store.now();
  const before = new Date(at.getTime() - KEEP_MS);
  const refusals = createRefusals(deps, `purge-${randomUUID()}`);
  let [removed, left] = [0, 0];
  for (;;) {
    const page = await store.listKept(before, PAGE);
    for (const kept of page) {
      signal.throwIfAborted();
      const isGone = await refusals.unlessRefused(
        kept.kept.bucket,
        () => purge(deps, kept, at),
        async (reason) => {
          const why = `The photo store refuses to remove it, and it is kept for 7 more days: ${reason}`;
          await store.keepOn(kept, kept.etag, at, `${put(kept)} ${why}`);
          return false;
        },
      );
      if (isGone) removed += 1;
      else left += 1;
    }
    if (page.length < PAGE) return { removed, left };
  }
}

async function purge(deps: PurgeDeps, kept: KeptRow, at: Date): Promise<boolean> {
  const { store, objects } = deps;
  const outcome = await objects.removeExactly(kept.kept, kept.etag);
  const stat = outcome === 'changed' ? await objects.stat(kept.kept) : undefined;
  if (stat) {
    const why = 'It has changed there: what is there now is kept for 7 more days, and can be put back.';
    await store.keepOn(kept, stat.etag, at, `${put(kept)} ${why}`);
    return false;
  }
  if (outcome !== 'done') await confirmStore(deps);
  await store.markPurged(kept);
  return true;
}

function put({ kept }: KeptRow): string {
  return `It is put aside as ${kept.key}.`;
}

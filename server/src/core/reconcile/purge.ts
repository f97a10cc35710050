import { KEEP_MS } from './limits.ts';
import type { ReconcileDeps } from './scan.ts';

/** Objects that are asked for together. */
const PAGE = 200;

/** Removes for good what was put aside long ago; answers with how many objects that were. */
export async function purgeKept(
  deps: Pick<ReconcileDeps, 'store' | 'objects' | 'now'>,
  signal: AbortSignal,
): Promise<number> {
  const before = new Date(deps.now() - KEEP_MS);
  let purged = 0;
  for (;;) {
    const page = await deps.store.listKept(before, PAGE);
    for (const kept of page) {
      signal.throwIfAborted();
      await deps.objects.removeExactly(kept.kept, kept.etag);
      await deps.store.markPurged(kept);
      purged += 1;
    }
    if (page.length < PAGE) return purged;
  }
}

import type { Bucket, ClaimedRun, ObjectRef } from '../../ports/index.ts';
import { SENTINEL_KEY } from './limits.ts';
import type { ReconcileDeps } from './scan.ts';

export const BUCKETS: readonly Bucket[] = ['photos', 'uploads'];

/** `not_looked_for`: no run has placed them yet. */
export async function checkSentinels({
  store,
  objects,
}: Pick<ReconcileDeps, 'store' | 'objects'>): Promise<'found' | 'missing' | 'not_looked_for'> {
  const expected = await store.sentinel();
  if (expected === undefined) return 'not_looked_for';
  for (const bucket of BUCKETS) {
    const content = await objects.read(at(bucket));
    if (content?.toString('latin1') !== expected) return 'missing';
  }
  return 'found';
}

/** The store is another one than it was, or has gone away: what is not in it says nothing. */
export class SentinelMissing extends Error {
  override readonly name = 'SentinelMissing';

  constructor() {
    super('The object that tells this store from others is not in it any more. Nothing more was changed.');
  }
}

/** In a store that goes away amid an act, such as a disk that is unmounted, all is missing: its sentinel, too. */
export async function confirmStore(deps: Pick<ReconcileDeps, 'store' | 'objects'>): Promise<void> {
  if ((await checkSentinels(deps)) === 'missing') throw new SentinelMissing();
}

/** Objects that name this run, by which the store is known from then on. */
export async function placeSentinels(
  { store, objects }: Pick<ReconcileDeps, 'store' | 'objects'>,
  run: ClaimedRun,
): Promise<void> {
  for (const bucket of BUCKETS)
    await objects.write(at(bucket), Buffer.from(run.id), 'application/octet-stream');
  await store.rememberSentinel(run);
}

function at(bucket: Bucket): ObjectRef {
  return { bucket, key: SENTINEL_KEY };
}

import { createHash } from 'node:crypto';
import type {
  Bucket,
  ClaimedDeletion,
  DeletionJobs,
  ListedObject,
  ObjectRef,
  Objects,
} from '../../ports/index.ts';
import { KEPT_PREFIX } from '../reconcile/limits.ts';

export interface EraseDeps {
  readonly deletions: DeletionJobs;
  readonly objects: Pick<Objects, 'list' | 'remove' | 'listLeftovers' | 'removeLeftover'>;
  /** Milliseconds for which a worker has a deletion to itself behind each of its writes. */
  readonly leaseMs: number;
}

export type EraseOutcome = 'done' | 'settling' | 'lost';

/** Rows, and objects, of one step. */
const BATCH = 500;
const REMOVALS_AT_ONCE = 8;

/**
 * Goes on with one account that is to be deleted; undefined when there is none. Whatever stops it, the next worker
 * goes on where it was, and what is counted is counted once.
 * @throws what the store throws; the deletion is given back then
 */
export async function eraseDueAccount(
  deps: EraseDeps,
  signal: AbortSignal,
): Promise<{ deletion: ClaimedDeletion; outcome: EraseOutcome } | undefined> {
  const deletion = await deps.deletions.claim(deps.leaseMs);
  if (!deletion) return undefined;
  try {
    return { deletion, outcome: await erase(deps, deletion, signal) };
  } catch (error) {
    await deps.deletions.release(deletion);
    throw error;
  }
}

async function erase(deps: EraseDeps, deletion: ClaimedDeletion, signal: AbortSignal): Promise<EraseOutcome> {
  await removeAll(deps, deletion.pending);
  let keysHash = deletion.keysHash;
  const sweep = async () => {
    const swept = await removeObjects(deps, deletion, keysHash, signal);
    keysHash = swept ?? keysHash;
    return swept !== undefined;
  };
  if (!(await sweep())) return 'lost';
  for (let gone: number | undefined = 1; gone !== 0; ) {
    signal.throwIfAborted();
    gone = await deps.deletions.eraseRows(deletion, BATCH, deps.leaseMs);
    if (gone === undefined) return 'lost';
  }
  // What was stored while its row was still there.
  if (!(await sweep())) return 'lost';
  if (deletion.isLastLook) return (await deps.deletions.finish(deletion)) ? 'done' : 'lost';
  await deps.deletions.release(deletion);
  return 'settling';
}

/** Everything below the account's prefixes, as the store has it. @returns the hash over the keys; undefined: lost */
async function removeObjects(
  deps: EraseDeps,
  deletion: ClaimedDeletion,
  before: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { deletions, objects, leaseMs } = deps;
  let keysHash = before;
  for (const { bucket, prefix, isOwn } of placesOf(deletion.accountId)) {
    for await (const page of objects.list(bucket, { prefix, signal })) {
      const own = page.filter(({ key }) => isOwn(key));
      for (let from = 0; from < own.length; from += BATCH) {
        signal.throwIfAborted();
        const batch = own.slice(from, from + BATCH);
        const pending = batch.map(({ key }): ObjectRef => ({ bucket, key }));
        keysHash = pending.reduce(joinKey, keysHash);
        if (!(await deletions.note(deletion, { pending, bytes: sizeOf(batch), keysHash }, leaseMs))) {
          return undefined;
        }
        await removeAll(deps, pending);
      }
    }
    await removeLeftovers(deps, bucket, isOwn, signal);
  }
  return keysHash;
}

/** Parts of uploads that never became objects; nobody could read them, so they are not counted. */
async function removeLeftovers(
  { objects }: EraseDeps,
  bucket: Bucket,
  isOwn: (key: string) => boolean,
  signal: AbortSignal,
): Promise<void> {
  for await (const page of objects.listLeftovers(bucket, signal)) {
    for (const leftover of page) if (isOwn(leftover.key)) await objects.removeLeftover(leftover);
  }
}

async function removeAll({ objects }: EraseDeps, refs: readonly ObjectRef[]): Promise<void> {
  const left = [...refs];
  const lane = async () => {
    for (let ref = left.pop(); ref; ref = left.pop()) await objects.remove(ref);
  };
  await Promise.all(Array.from({ length: REMOVALS_AT_ONCE }, lane));
}

interface Place {
  readonly bucket: Bucket;
  readonly prefix: string;
  readonly isOwn: (key: string) => boolean;
}

/** Wherever objects of an account can be; what reconciliation has put aside keeps its key behind a prefix. */
function placesOf(accountId: string): Place[] {
  const below = (bucket: Bucket, prefix: string): Place => ({
    bucket,
    prefix,
    isOwn: (key) => key.startsWith(prefix),
  });
  const aside = (bucket: Bucket): Place => ({
    bucket,
    prefix: KEPT_PREFIX,
    isOwn: (key) => key.startsWith(KEPT_PREFIX) && key.includes(`/${accountId}/`),
  });
  return [
    below('uploads', `${accountId}/`),
    aside('uploads'),
    below('photos', `originals/${accountId}/`),
    below('photos', `outputs/${accountId}/`),
    aside('photos'),
  ];
}

export function joinKey(before: string, { bucket, key }: ObjectRef): string {
  return createHash('sha256').update(`${before}\n${bucket}/${key}`).digest('hex');
}

function sizeOf(batch: readonly ListedObject[]): number {
  return batch.reduce((sum, { size }) => sum + size, 0);
}

import { createHash } from 'node:crypto';
import type { ListedObject, ObjectRef, ObjectRow, Objects } from '../../ports/index.ts';
import { inLanes } from './lanes.ts';
import type { Scan } from './scan.ts';
import type { Candidate } from './verify.ts';

/** Objects that are read at the same time. */
const READS = 4;

/** Objects whose bytes are not those that their row names. */
export async function hashPairs(
  scan: Scan,
  pairs: readonly { readonly row: ObjectRow; readonly object: ListedObject }[],
): Promise<Candidate[]> {
  const wrong: Candidate[] = [];
  await inLanes(READS, pairs, async ({ row, object }) => {
    scan.signal.throwIfAborted();
    const found = await hashOf(scan.deps.objects, { bucket: 'photos', key: row.key }, scan.signal);
    if (found !== undefined && found !== row.sha256)
      wrong.push({ kind: 'mismatch', key: row.key, row, object, sha256: found });
  });
  return wrong;
}

/** Hexadecimal SHA-256; undefined when there is no object. */
export async function hashOf(
  objects: Pick<Objects, 'open'>,
  ref: ObjectRef,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const stream = await objects.open(ref, signal);
  if (!stream) return undefined;
  const hash = createHash('sha256');
  for await (const chunk of stream as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}

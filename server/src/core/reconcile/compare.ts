import type { Bucket, ListedObject, ObjectRow, ObjectRowQuery } from '../../ports/index.ts';
import { compareKeys } from '../../ports/index.ts';
import { hashPairs } from './deep.ts';
import { GRACE_MS, KEPT_PREFIX, SENTINEL_KEY, UPLOAD_GRACE_MS } from './limits.ts';
import { type MergeVisitor, mergeSides, readAhead } from './merge.ts';
import { ListingIncomplete, type Scan } from './scan.ts';
import { type Candidate, verify } from './verify.ts';

/** Rows of one page. */
const PAGE = 2_000;
/** Candidates that are verified together. */
const BATCH = 200;

export interface ComparedBucket {
  readonly bucket: Bucket;
  readonly prefix: string;
  /** Key up to which it was looked at already. */
  readonly after: string;
  /** Whether the listing must come by the sentinel, which stands behind all keys of ours. */
  readonly sentinel: boolean;
}

/** Holds the rows that name objects of a bucket against its listing. */
export async function compareBucket(scan: Scan, compared: ComparedBucket): Promise<void> {
  const { bucket, prefix, after, sentinel } = compared;
  const { objects } = scan.deps;
  const listing = objects.list(bucket, { prefix, after, signal: scan.signal });
  await mergeSides(readAhead(rowPages(scan, compared)), readAhead(listing), visitorOf(scan, bucket), after);
  if (sentinel && !scan.hasSeenSentinel(bucket)) {
    throw new ListingIncomplete(
      `The object ${SENTINEL_KEY} of the bucket ${bucket} can be read, and its listing has ended without it.`,
    );
  }
}

function visitorOf(scan: Scan, bucket: Bucket): MergeVisitor<ObjectRow> {
  const { run } = scan;
  const young = new Date(scan.now - GRACE_MS);
  const deep = run.deep && bucket === 'photos' && scan.wants('hash_mismatch');
  let candidates: Candidate[] = [];
  let pairs: { row: ObjectRow; object: ListedObject }[] = [];

  function lookAtUpload(row: ObjectRow): void {
    if (row.ended) candidates.push({ kind: 'unfinalized', key: row.key, row });
  }

  return {
    rowOnly(row) {
      scan.seen.rows += 1;
      if (bucket === 'uploads') return lookAtUpload(row);
      scan.seen.sideRows += 1;
      candidates.push({ kind: 'missing', key: row.key, row });
    },

    objectOnly(object) {
      scan.seen.objects += 1;
      if (object.key === SENTINEL_KEY) scan.sawSentinel(bucket);
      if (object.key === SENTINEL_KEY || object.key.startsWith(KEPT_PREFIX)) return;
      // Of a project nothing can be said of objects that no row of it names.
      if (run.projectId !== null) return;
      if (bucket === 'photos') scan.seen.sideObjects += 1;
      if (object.modifiedAt >= young) return;
      if (scan.covers(object.modifiedAt)) candidates.push({ kind: 'orphan', key: object.key, object });
    },

    both(row, object) {
      scan.seen.rows += 1;
      scan.seen.objects += 1;
      if (bucket === 'uploads') return lookAtUpload(row);
      scan.seen.sideRows += 1;
      scan.seen.sideObjects += 1;
      if (row.size !== object.size) candidates.push({ kind: 'mismatch', key: row.key, row, object });
      else if (deep) pairs.push({ row, object });
    },

    async settle(key, isEnd) {
      scan.signal.throwIfAborted();
      const isDue = () => isEnd || scan.isDue || candidates.length >= BATCH;
      if (!isDue() && pairs.length === 0) return;
      const isSettled = (one: { readonly key: string }) => compareKeys(one.key, key) <= 0;
      const settledPairs = pairs.filter(({ row }) => isSettled(row));
      pairs = pairs.filter(({ row }) => !isSettled(row));
      candidates.push(...(await hashPairs(scan, settledPairs)));
      if (!isDue()) return;
      const settled = candidates.filter(isSettled);
      candidates = candidates.filter((one) => !isSettled(one));
      await verify(scan, bucket, settled);
      await scan.save(key);
    },
  };
}

async function* rowPages(
  scan: Scan,
  { bucket, prefix, after }: ComparedBucket,
): AsyncGenerator<readonly ObjectRow[]> {
  const { store } = scan.deps;
  const tables = bucket === 'uploads' ? (['uploads'] as const) : (['originals', 'outputs'] as const);
  // Keys of originals stand before those of outputs; if not, the order would not hold, which is asserted.
  for (const table of tables) {
    // An id behind every other: rows with this key were seen.
    let place: ObjectRowQuery['after'] = { key: after, id: '~' };
    for (;;) {
      scan.signal.throwIfAborted();
      const query: ObjectRowQuery = {
        after: place,
        prefix,
        projectId: scan.run.projectId,
        endedBefore: new Date(scan.now - UPLOAD_GRACE_MS),
        limit: PAGE,
      };
      const page = await store[table](query);
      yield page;
      const last = page.at(-1);
      if (!last || page.length < PAGE) break;
      place = { key: last.key, id: last.id };
    }
  }
}

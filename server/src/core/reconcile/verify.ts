import type { ReconcileKind, ReconcileRepair } from '../../contract/index.ts';
import type {
  Bucket,
  DescribedRow,
  ListedObject,
  NewFinding,
  ObjectInfo,
  ObjectRow,
} from '../../ports/index.ts';
import { inLanes } from './lanes.ts';
import { ListingIncomplete, type Scan } from './scan.ts';

/** What the walk has come by, before anybody has looked twice. */
export type Candidate = { readonly key: string } & (
  | { readonly kind: 'missing'; readonly row: ObjectRow }
  | { readonly kind: 'orphan'; readonly object: ListedObject }
  /** @param sha256 of the bytes, when they were read */
  | {
      readonly kind: 'mismatch';
      readonly row: ObjectRow;
      readonly object: ListedObject;
      readonly sha256?: string;
    }
  | { readonly kind: 'unfinalized'; readonly row: ObjectRow }
);

/** Objects that are asked for at the same time. */
const STATS = 16;

/**
 * Looks a second time at what seems wrong: first at the object itself, then at its row. An object is removed only when
 * its row is gone, so a row that is there after its object was not is one whose object is missing.
 * @throws ListingIncomplete when the store has an object that its listing has not
 */
export async function verify(scan: Scan, bucket: Bucket, candidates: readonly Candidate[]): Promise<void> {
  if (candidates.length === 0) return;
  const { objects, store } = scan.deps;
  const stats = new Map<string, ObjectInfo | undefined>();
  await inLanes(STATS, [...new Set(candidates.map(({ key }) => key))], async (key) => {
    stats.set(key, await objects.stat({ bucket, key }, scan.signal));
  });
  const keys = [...stats.keys()];
  const rows = Map.groupBy(await store.describe(bucket, keys), ({ key }) => key);
  const going = await store.beingRemoved(bucket, keys);
  for (const candidate of candidates) {
    const named = rows.get(candidate.key) ?? [];
    const stat = stats.get(candidate.key);
    const finding =
      candidate.kind === 'orphan'
        ? orphan(bucket, candidate.object, stat, named.length > 0 || going.has(candidate.key))
        : aboutRow(scan, bucket, candidate, stat, named);
    if (finding) scan.find(finding);
  }
}

function orphan(
  bucket: Bucket,
  object: ListedObject,
  stat: ObjectInfo | undefined,
  hasReason: boolean,
): NewFinding | undefined {
  // One that was replaced since is young.
  if (hasReason || stat?.etag !== object.etag) return undefined;
  return {
    kind: 'orphan_object',
    repair: 'quarantine',
    accountId: /(?:^|\/)(acc_[0-9a-z]{26})\//.exec(object.key)?.[1] ?? null,
    projectId: null,
    subject: null,
    bucket,
    key: object.key,
    version: null,
    etag: object.etag,
    expected: 'a row that names it',
    found: `${object.size} bytes of ${object.modifiedAt.toISOString()}`,
  };
}

function aboutRow(
  scan: Scan,
  bucket: Bucket,
  candidate: Exclude<Candidate, { kind: 'orphan' }>,
  stat: ObjectInfo | undefined,
  named: readonly DescribedRow[],
): NewFinding | undefined {
  const row = named.find(({ id }) => candidate.row.id === id || candidate.row.id.startsWith(`${id}/`));
  if (!row) return undefined;
  if (candidate.kind === 'missing' && stat) refuseToBelieve(scan, row, stat);
  if (!scan.covers(row.createdAt)) return undefined;
  const wrong = wrongWith(candidate, row, stat);
  if (!wrong) return undefined;
  return {
    ...wrong,
    accountId: row.accountId,
    projectId: row.projectId,
    subject: row.id,
    bucket,
    key: row.key,
    version: row.version,
    etag: stat?.etag ?? null,
  };
}

/** Both were there when the run began, so the listing should have had it. */
function refuseToBelieve(scan: Scan, row: DescribedRow, stat: ObjectInfo): void {
  const { startedAt } = scan.run;
  if (row.createdAt >= startedAt || stat.modifiedAt >= startedAt) return;
  throw new ListingIncomplete(`The photo store has ${row.key}, and has left it out of its listing.`);
}

interface Wrong {
  readonly kind: ReconcileKind;
  readonly repair: ReconcileRepair;
  readonly expected: string;
  readonly found: string;
}

function wrongWith(
  candidate: Exclude<Candidate, { kind: 'orphan' }>,
  row: DescribedRow,
  stat: ObjectInfo | undefined,
): Wrong | undefined {
  const isOriginal = row.kind === 'original';
  if (candidate.kind === 'unfinalized') {
    return {
      kind: 'upload_unfinalized',
      repair: 'remove_upload',
      expected: 'finalized before its term',
      found: stat ? `${stat.size} of ${row.size} bytes` : 'no bytes',
    };
  }
  if (candidate.kind === 'missing') {
    if (stat) return undefined;
    return isOriginal
      ? { kind: 'missing_original', repair: 'mark_error', expected: row.sha256, found: 'no object' }
      : { kind: 'missing_output', repair: 'restage', expected: row.sha256, found: 'no object' };
  }
  if (!stat) return undefined;
  const repair = isOriginal ? 'quarantine' : 'restage';
  if (stat.size !== row.size)
    return { kind: 'size_mismatch', repair, expected: `${row.size} bytes`, found: `${stat.size} bytes` };
  if (
    candidate.sha256 === undefined ||
    candidate.sha256 === row.sha256 ||
    stat.etag !== candidate.object.etag
  )
    return undefined;
  return { kind: 'hash_mismatch', repair, expected: row.sha256, found: candidate.sha256 };
}

import type { ReconcileKind } from '../../contract/index.ts';
import type { DriftPage, DriftQuery, ReconcileScope } from '../../ports/index.ts';
import { compareBucket } from './compare.ts';
import { findLeftovers } from './leftovers.ts';
import { STATE_GRACE_MS } from './limits.ts';
import type { Scan } from './scan.ts';

/** Rows of one page of a walk over a table. */
const PAGE = 2_000;

export interface Phase {
  readonly name: string;
  readonly kinds: readonly ReconcileKind[];
  /** @param after where an earlier worker was; @param sentinel whether its listing must end with one */
  readonly look: (scan: Scan, after: string, sentinel: boolean) => Promise<void>;
}

const PHOTOS: readonly ReconcileKind[] = [
  'missing_original',
  'missing_output',
  'orphan_object',
  'size_mismatch',
  'hash_mismatch',
];

const UNITS: Phase = {
  name: 'units',
  kinds: ['ledger_mismatch'],
  look: walk('units', STATE_GRACE_MS),
};

/** What a run looks at, in order; the same for the same run, so that a checkpoint can name its place. */
export function phasesOf({ projectId, accountId }: ReconcileScope): Phase[] {
  const ofRows: Phase[] = [
    {
      name: 'images',
      kinds: ['ready_without_output', 'stuck_queued', 'stuck_processing'],
      look: walk('images', STATE_GRACE_MS),
    },
    { name: 'jobs', kinds: ['job_without_image'], look: walk('jobs', STATE_GRACE_MS) },
    { name: 'ledger', kinds: ['ledger_mismatch'], look: walk('ledger', STATE_GRACE_MS) },
  ];
  if (projectId !== null) {
    const within = [`originals/${accountId}/`, `outputs/${accountId}/`].map(
      (prefix): Phase => ({
        name: 'photos',
        kinds: PHOTOS,
        look: (scan, after) => compareBucket(scan, { bucket: 'photos', prefix, after, sentinel: false }),
      }),
    );
    return [...within, ...ofRows, UNITS];
  }
  return [
    {
      name: 'photos',
      kinds: PHOTOS,
      look: (scan, after, sentinel) => compareBucket(scan, { bucket: 'photos', prefix: '', after, sentinel }),
    },
    {
      name: 'uploads',
      kinds: ['upload_unfinalized', 'orphan_object'],
      look: (scan, after, sentinel) =>
        compareBucket(scan, { bucket: 'uploads', prefix: '', after, sentinel }),
    },
    ...ofRows,
    { name: 'leftovers', kinds: ['multipart_leftover'], look: (scan) => findLeftovers(scan) },
    { name: 'subscriptions', kinds: ['subscription_mismatch'], look: (scan) => findSubscriptions(scan) },
    UNITS,
  ];
}

function walk(table: 'images' | 'jobs' | 'ledger' | 'units', graceMs: number): Phase['look'] {
  return async (scan, from) => {
    const { store } = scan.deps;
    const { projectId, accountId } = scan.run;
    for (let after: string | null = from; after !== null; ) {
      scan.signal.throwIfAborted();
      const query: DriftQuery = {
        after,
        projectId,
        accountId,
        before: new Date(scan.now - graceMs),
        limit: PAGE,
      };
      const page: DriftPage = await store[table](query);
      scan.seen.rows += page.rows;
      for (const drift of page.drift.filter(({ createdAt }) => scan.covers(createdAt))) {
        const { kind, repair, accountId, projectId: project, id, version, expected, found } = drift;
        scan.find({
          kind,
          repair,
          accountId,
          projectId: project,
          subject: id,
          bucket: null,
          key: null,
          version,
          etag: null,
          expected,
          found,
        });
      }
      if (page.next !== null && (scan.isDue || page.drift.length > 0)) await scan.save(page.next);
      after = page.next;
    }
  };
}

async function findSubscriptions(scan: Scan): Promise<void> {
  const { subscriptions } = scan.deps;
  if (!subscriptions) return;
  for (const { accountId, subscriptionId, expected, found } of await subscriptions.compare()) {
    scan.find({
      kind: 'subscription_mismatch',
      repair: 'sync_subscription',
      accountId,
      projectId: null,
      subject: subscriptionId,
      bucket: null,
      key: null,
      version: null,
      etag: null,
      expected,
      found,
    });
  }
}

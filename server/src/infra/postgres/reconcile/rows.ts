import type {
  Bucket,
  DescribedRow,
  DriftPage,
  DriftQuery,
  ObjectRow,
  ObjectRowQuery,
  ReconcileStore,
  StateDrift,
} from '../../../ports/index.ts';
import type { Sql, Statement } from '../sql.ts';
import { first, sql } from '../sql.ts';
import { ERASING } from './erasing.ts';

type Rows = Pick<
  ReconcileStore,
  | 'originals'
  | 'outputs'
  | 'uploads'
  | 'describe'
  | 'beingRemoved'
  | 'images'
  | 'jobs'
  | 'ledger'
  | 'units'
  | 'estimateRows'
>;

/** As the database has it: bigint comes as text. */
type Stored<T extends { readonly size: number }> = Omit<T, 'size'> & { readonly size: string };

export function rowsOn(db: Sql): Rows {
  const objectRows = async (statement: Statement): Promise<ObjectRow[]> =>
    (await db.rows<Stored<ObjectRow>>(statement)).map((row) => ({ ...row, size: Number(row.size) }));

  return {
    originals: (query) =>
      objectRows(sql`
        SELECT o.object_key AS key, o.id, o.size, o.sha256 FROM originals o
         WHERE o.lost_at IS NULL AND ${behindKey(query, sql`o.object_key`, sql`o.id`)} ${
           query.projectId === null
             ? sql``
             : sql`AND EXISTS (SELECT FROM images i WHERE i.account_id = o.account_id AND i.original_id = o.id
                                AND i.project_id = ${query.projectId} AND i.deleted_at IS NULL)`
         }
         ORDER BY o.object_key, o.id ${first(query.limit)}`),

    outputs: (query) =>
      objectRows(sql`
        SELECT o.object_key AS key, o.image_id || '/' || o.name AS id, o.size, o.sha256 FROM image_outputs o
         WHERE ${behindKey({ ...query, after: { ...query.after, id: imageOf(query.after.id) } }, sql`o.object_key`, sql`o.image_id`)} ${
           query.projectId === null
             ? sql``
             : sql`AND EXISTS (SELECT FROM images i WHERE i.account_id = o.account_id AND i.id = o.image_id
                                AND i.project_id = ${query.projectId})`
         }
         ORDER BY o.object_key, o.image_id ${first(query.limit)}`),

    uploads: (query) =>
      objectRows(sql`
        SELECT u.object_key AS key, u.id, u.size, u.sha256,
               u.state = 'pending' AND u.expires_at < ${query.endedBefore} AS ended
          FROM uploads u WHERE ${behindKey(query, sql`u.object_key`, sql`u.id`)}
         ORDER BY u.object_key, u.id ${first(query.limit)}`),

    async describe(bucket, keys) {
      if (keys.length === 0) return [];
      const statement = bucket === 'uploads' ? describeUploads(keys) : describePhotos(keys);
      const rows = await db.rows<Stored<DescribedRow>>(statement);
      return rows.map((row) => ({ ...row, size: Number(row.size) }));
    },

    async beingRemoved(bucket: Bucket, keys: readonly string[]) {
      if (keys.length === 0) return new Set<string>();
      const rows = await db.rows<{ key: string }>(sql`
        SELECT item ->> 'key' AS key FROM outbox
         WHERE kind = 'remove_object' AND item ->> 'bucket' = ${bucket} AND item ->> 'key' = ANY(${keys}::text[])
        UNION ALL
        SELECT key FROM unnest(${keys}::text[]) key, unnest(${OWNED_PREFIXES[bucket]}::text[]) prefix, (${ERASING}) e
         WHERE starts_with(key, prefix || e.account || '/')`);
      return new Set(rows.map(({ key }) => key));
    },

    images: (query) => driftOf(db, query, imageDrift(query)),
    jobs: (query) => driftOf(db, query, jobDrift(query)),
    ledger: (query) => driftOf(db, query, ledgerDrift(query)),
    units: (query) => driftOf(db, query, unitDrift(query)),

    async estimateRows() {
      const [row] = await db.rows<{ rows: number }>(sql`
        SELECT greatest(0, sum(reltuples))::float8 AS rows FROM pg_class
         WHERE oid IN ('originals'::regclass, 'image_outputs'::regclass, 'uploads'::regclass)`);
      return Math.round(row?.rows ?? 0);
    },
  };
}

/** What stands before the account in keys. */
const OWNED_PREFIXES: Readonly<Record<Bucket, readonly string[]>> = {
  uploads: [''],
  photos: ['originals/', 'outputs/'],
};

/** The id of an output is that of its image and its name. */
function imageOf(id: string): string {
  return id.split('/', 1)[0] ?? '';
}

/** Behind a place in the order of key and id, and within a prefix: what an index walks along. */
function behindKey({ after, prefix }: ObjectRowQuery, key: Statement, id: Statement): Statement {
  const within =
    prefix === ''
      ? sql``
      : sql`AND ${key} >= ${prefix} AND ${key} < ${prefix.slice(0, -1) + successor(prefix)}`;
  return sql`(${key}, ${id}) > (${after.key}, ${after.id}) ${within}`;
}

/** What stands first behind all that begins with the prefix; prefixes are ours, and end in ASCII. */
function successor(prefix: string): string {
  return String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

function describePhotos(keys: readonly string[]): Statement {
  return sql`
    SELECT object_key AS key, 'original' AS kind, account_id AS "accountId", NULL AS "projectId", id, size, sha256,
           xmin::text AS version, created_at AS "createdAt"
      FROM originals WHERE object_key = ANY(${keys}::text[]) AND lost_at IS NULL AND account_id NOT IN (${ERASING})
    UNION ALL
    SELECT o.object_key, 'output', o.account_id, i.project_id, o.image_id, o.size, o.sha256, i.xmin::text, i.updated_at
      FROM image_outputs o JOIN images i ON i.account_id = o.account_id AND i.id = o.image_id
     WHERE o.object_key = ANY(${keys}::text[]) AND i.deleted_at IS NULL AND o.account_id NOT IN (${ERASING})`;
}

function describeUploads(keys: readonly string[]): Statement {
  return sql`
    SELECT object_key AS key, 'upload' AS kind, account_id AS "accountId", NULL AS "projectId", id, size, sha256,
           xmin::text AS version, created_at AS "createdAt"
      FROM uploads WHERE object_key = ANY(${keys}::text[]) AND account_id NOT IN (${ERASING})`;
}

interface Walked extends Omit<StateDrift, 'kind' | 'repair'> {
  readonly place: string;
  readonly kind: StateDrift['kind'] | null;
  readonly repair: StateDrift['repair'] | null;
}

/**
 * Rows of a page, each with what is wrong with it, or nothing. The planner is told how short a page is, and what stands
 * beside a row is looked up for it (LATERAL, of which there is one): else it reads a whole table for each page.
 */
async function driftOf(db: Sql, { limit }: DriftQuery, statement: Statement): Promise<DriftPage> {
  const rows = await db.rows<{ rows: string; next: string | null; drift: Walked[] | null }>(sql`
    WITH page AS MATERIALIZED (${statement})
    SELECT count(*) AS rows, max(place) AS next,
           (SELECT json_agg(d ORDER BY d.place) FROM page d
             WHERE d.kind IS NOT NULL AND d."accountId" NOT IN (${ERASING})) AS drift
      FROM page`);
  const [found] = rows;
  const count = Number(found?.rows ?? 0);
  const drift = (found?.drift ?? []).flatMap(({ kind, repair, place: _, ...row }) =>
    kind === null || repair === null ? [] : [{ ...row, kind, repair, createdAt: new Date(row.createdAt) }],
  );
  return { drift, rows: count, next: count < limit ? null : (found?.next ?? null) };
}

function placeOf(after: string): readonly [string, string] {
  const [account = '', id = ''] = after.split('/');
  return [account, id];
}

/** All are walked along, in the order of one index: whatever else is asked of them would lead to another one. */
function imagePage({ after, accountId, projectId, limit }: DriftQuery): Statement {
  const [account, id] = placeOf(after);
  const within =
    projectId === null
      ? sql`(i.account_id, i.id) > (${account}, ${id})`
      : sql`i.account_id = ${accountId} AND i.project_id = ${projectId} AND i.deleted_at IS NULL AND i.id > ${id}`;
  return sql`
    (SELECT *, xmin::text AS version FROM images i WHERE ${within} ORDER BY i.account_id, i.id LIMIT ${limit})`;
}

/** Whoever ends an image ends its job, and who queues it makes one, in one transaction. */
function imageDrift(query: DriftQuery): Statement {
  const { before } = query;
  return sql`
    SELECT p.*, CASE p.kind WHEN 'ready_without_output' THEN 'restage' WHEN 'stuck_queued' THEN 'restage'
                            WHEN 'stuck_processing' THEN 'restage' END AS repair
      FROM (
      SELECT i.account_id || '/' || i.id AS place, i.account_id AS "accountId", i.project_id AS "projectId", i.id,
             i.version, i.created_at AS "createdAt",
             CASE i.state WHEN 'ready' THEN 'at least one output' WHEN 'queued' THEN 'a job that is queued or running'
                          ELSE 'a job that is running' END AS expected,
             CASE i.state WHEN 'ready' THEN 'none' ELSE coalesce(j.state, 'none') END AS found,
             CASE WHEN i.updated_at >= ${before} OR i.deleted_at IS NOT NULL THEN NULL
                  WHEN i.state = 'ready' AND NOT EXISTS (
                       SELECT FROM image_outputs o WHERE o.account_id = i.account_id AND o.image_id = i.id)
                  THEN 'ready_without_output'
                  WHEN i.state = 'queued' AND j.state IS NULL THEN 'stuck_queued'
                  WHEN i.state = 'processing'
                       AND (j.state IS DISTINCT FROM 'running' OR j.lease_until < ${before}) THEN 'stuck_processing' END AS kind
        FROM ${imagePage(query)} i
        LEFT JOIN LATERAL (
             SELECT state, lease_until FROM jobs
              WHERE i.state IN ('queued', 'processing') AND account_id = i.account_id AND image_id = i.id
                AND state IN ('queued', 'running') ${first(1)}) j ON true
       ) p`;
}

function jobDrift({ after, projectId, before, limit }: DriftQuery): Statement {
  // Rows of other projects count for the page: it is their place that tells where the next begins.
  const ofProject = projectId === null ? sql`` : sql`AND i.project_id = ${projectId}`;
  return sql`
    SELECT j.id AS place, j.account_id AS "accountId", i.project_id AS "projectId", j.id, j.version,
           j.created_at AS "createdAt", 'an image that is queued or processing' AS expected,
           CASE WHEN i.id IS NULL THEN 'none' WHEN i.deleted_at IS NOT NULL THEN 'deleted' ELSE i.state END AS found,
           CASE WHEN j.updated_at < ${before} AND (i.id IS NULL OR i.deleted_at IS NOT NULL
                                                   OR i.state NOT IN ('queued', 'processing')) ${ofProject}
                THEN 'job_without_image' END AS kind,
           'cancel_job' AS repair
      FROM (SELECT *, xmin::text AS version FROM jobs
             WHERE id > ${after} AND state IN ('queued', 'running') ORDER BY id LIMIT ${limit}) j
      LEFT JOIN LATERAL (
           SELECT id, project_id, state, deleted_at FROM images
            WHERE account_id = j.account_id AND id = j.image_id ${first(1)}) i ON true`;
}

/** What is reserved belongs to an image that is unfinished; what is settled, to one that was ready once. */
function ledgerDrift({ after, projectId, before, limit }: DriftQuery): Statement {
  const [account, id] = placeOf(after);
  const ofProject = projectId === null ? sql`` : sql`AND l.project_id = ${projectId}`;
  return sql`
    SELECT l.account_id || '/' || l.id AS place, l.account_id AS "accountId", l.project_id AS "projectId", l.id,
           l.version, l.reserved_at AS "createdAt",
           CASE WHEN i.state = 'ready' THEN 'settled' ELSE 'refunded' END AS expected, l.state AS found,
           CASE WHEN greatest(i.updated_at, l.reserved_at) < ${before}
                     AND (i.deleted_at IS NOT NULL OR i.state IN ('ready', 'error', 'canceled'))
                THEN 'ledger_mismatch' END AS kind,
           CASE WHEN i.state = 'ready' THEN 'settle' ELSE 'refund' END AS repair
      FROM (SELECT *, xmin::text AS version FROM ledger l
             WHERE (l.account_id, l.id) > (${account}, ${id}) AND l.state = 'reserved' ${ofProject}
             ORDER BY l.account_id, l.id LIMIT ${limit}) l
     CROSS JOIN LATERAL (
           SELECT state, updated_at, deleted_at FROM images
            WHERE account_id = l.account_id AND id = l.image_id ${first(1)}) i`;
}

/**
 * An image that is ready has paid one unit, and one that failed none, unless it was above the plan. Images from before
 * there was a ledger have none: of one without a trace in it something is said only where its account had units before.
 * One that was ready only after its unit was given back for a failure was replayed by an operator, at no cost.
 */
function unitDrift(query: DriftQuery): Statement {
  const { before } = query;
  return sql`
    SELECT i.account_id || '/' || i.id AS place, i.account_id AS "accountId", i.project_id AS "projectId", i.id,
           i.version, i.created_at AS "createdAt",
           CASE WHEN i.state = 'ready' THEN 'a unit that is settled' ELSE 'no unit of the plan' END AS expected,
           coalesce(u.state, 'none') AS found,
           CASE WHEN i.updated_at >= ${before} OR i.deleted_at IS NOT NULL THEN NULL
                WHEN i.state = 'ready' AND u.id IS NULL
                     AND (EXISTS (SELECT FROM ledger r WHERE r.account_id = i.account_id AND r.image_id = i.id)
                          OR (SELECT reserved_at FROM ledger e WHERE e.account_id = i.account_id ORDER BY id LIMIT 1)
                             < i.created_at)
                     AND (SELECT max(ended_at) FILTER (WHERE reason = 'error') = max(ended_at) AND max(ended_at) < i.updated_at
                            FROM ledger r WHERE r.account_id = i.account_id AND r.image_id = i.id) IS NOT TRUE
                THEN 'ledger_mismatch'
                WHEN i.state IN ('error', 'canceled') AND u.state = 'settled' AND NOT u.overage THEN 'ledger_mismatch' END AS kind,
           CASE WHEN i.state = 'ready' THEN 'settle' ELSE 'refund' END AS repair
      FROM ${imagePage(query)} i
      LEFT JOIN LATERAL (
           SELECT id, state, overage FROM ledger
            WHERE account_id = i.account_id AND image_id = i.id AND state <> 'refunded' ${first(1)}) u ON true`;
}

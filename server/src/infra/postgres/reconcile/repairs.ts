import type {
  ClaimedRun,
  Decision,
  FindingRow,
  Hold,
  KeptRow,
  LockedRow,
  ReconcileStore,
  RepairTx,
} from '../../../ports/index.ts';
import { auditOn } from '../audit.ts';
import type { Database } from '../database.ts';
import { type AccountEvent, publish } from '../jobEvents.ts';
import { paymentsTx } from '../payments/customers.ts';
import { first, type Sql, type Statement, sql, storable, storableError } from '../sql.ts';
import { lockTurns } from '../turns.ts';
import { ERASING } from './erasing.ts';
import { FINDING, type StoredFinding, toFinding } from './runRow.ts';
import { held } from './runs.ts';

type Repairs = Pick<ReconcileStore, 'decide' | 'listKept' | 'keptOf' | 'markPurged' | 'keepOn'>;

/** Copies of one object that are looked at. */
const KEPT_COPIES = 5;
/** Findings among which one of the same image is looked for. */
const NEIGHBOURS = 50;
const ONE_BY_ONE = { oneByOne: true } as const;

export function repairsOn(db: Database): Repairs {
  return {
    decide: (run, seq, act) => decide(db, run, seq, act),

    listKept: (before, limit) => kept(db.pool, sql`kept_at < ${before} ORDER BY kept_at`, limit),
    keptOf: (runId, afterSeq, limit) =>
      kept(db.pool, sql`run_id = ${runId} AND seq > ${afterSeq} ORDER BY run_id, seq`, limit),

    markPurged: async ({ runId, seq }) => {
      await forgetKept(db.pool, runId, seq);
    },

    keepOn: ({ runId, seq, from, kept: aside }, etag, at, outcome) =>
      db.transaction(async (tx) => {
        // The finding before what was put aside for it, as whoever decides. Whoever put it back meanwhile has it.
        await tx.rows(
          sql`SELECT 1 FROM reconcile_findings WHERE run_id = ${runId} AND seq = ${seq} FOR UPDATE`,
        );
        if ((await forgetKept(tx, runId, seq)) === 0) return;
        await tx.run(sql`
          INSERT INTO reconcile_kept (run_id, seq, account_id, bucket, key, kept_bucket, kept_key, etag, kept_at)
          SELECT run_id, seq, account_id, ${from.bucket}, ${from.key}, ${aside.bucket}, ${aside.key}, ${etag}, ${at}
            FROM reconcile_findings WHERE run_id = ${runId} AND seq = ${seq}`);
        await tx.run(sql`
          UPDATE reconcile_findings SET outcome = ${storable(outcome)} WHERE run_id = ${runId} AND seq = ${seq}`);
      }),
  };
}

async function forgetKept(db: Sql, runId: string, seq: number): Promise<number> {
  return db.run(sql`DELETE FROM reconcile_kept WHERE run_id = ${runId} AND seq = ${seq}`);
}

interface StoredKept {
  readonly runId: string;
  readonly seq: string;
  readonly bucket: KeptRow['from']['bucket'];
  readonly key: string;
  readonly keptBucket: KeptRow['from']['bucket'];
  readonly keptKey: string;
  readonly etag: string;
}

async function kept(db: Sql, which: Statement, limit: number): Promise<KeptRow[]> {
  const rows = await db.rows<StoredKept>(sql`
    SELECT run_id AS "runId", seq, bucket, key, kept_bucket AS "keptBucket", kept_key AS "keptKey", etag
      FROM reconcile_kept WHERE ${which} ${first(limit)}`);
  return rows.map(({ runId, seq, bucket, key, keptBucket, keptKey, etag }) => ({
    runId,
    seq: Number(seq),
    from: { bucket, key },
    kept: { bucket: keptBucket, key: keptKey },
    etag,
  }));
}

async function decide(
  db: Database,
  run: ClaimedRun,
  seq: number,
  act: (tx: RepairTx, finding: FindingRow) => Promise<Decision>,
): Promise<Hold> {
  return db.transaction(async (tx) => {
    // The run's row first: a worker that lost it decides nothing, and nobody takes it over meanwhile.
    const [mine] = await tx.rows<{ cancel: boolean; by: string | null }>(sql`
      SELECT cancel_asked AS cancel, CASE state WHEN 'undoing' THEN undone_by ELSE applied_by END AS by FROM reconcile_runs
       WHERE ${held(run)} FOR UPDATE`);
    if (!mine) return 'lost';
    if (mine.cancel) return 'cancel';
    const [found] = await tx.rows<StoredFinding>(sql`
      SELECT ${FINDING} FROM reconcile_findings WHERE run_id = ${run.id} AND seq = ${seq} FOR UPDATE`);
    const before = run.state === 'undoing' ? ['applied', 'skipped'] : ['open'];
    if (!found || !before.includes(found.state)) return 'held';
    const finding = toFinding(found);
    const { state, outcome, kept: aside } = await act(repairTx(tx), finding);
    await tx.run(sql`
      UPDATE reconcile_findings SET state = ${state}, outcome = ${storable(outcome)}, decided_at = now()
       WHERE run_id = ${run.id} AND seq = ${seq}`);
    if (aside) {
      await tx.run(sql`
        INSERT INTO reconcile_kept (run_id, seq, account_id, bucket, key, kept_bucket, kept_key, etag)
        VALUES (${run.id}, ${seq}, ${finding.accountId}, ${aside.from.bucket}, ${aside.from.key}, ${aside.kept.bucket},
                ${aside.kept.key}, ${aside.etag})`);
    }
    if (state === 'undone') await forgetKept(tx, run.id, seq);
    if (state !== 'skipped' && state !== found.state) await record(tx, run, finding, mine.by, state);
    return 'held';
  });
}

/** In the audit log of the account that it is about; objects of nobody are told of by the run's findings alone. */
async function record(
  tx: Sql,
  run: ClaimedRun,
  { accountId, subject, key, kind, repair }: FindingRow,
  principal: string | null,
  state: Decision['state'],
): Promise<void> {
  if (accountId === null || principal === null) return;
  const [known] = await tx.rows(sql`SELECT id FROM accounts WHERE id = ${accountId}`);
  if (!known) return;
  await auditOn(tx).add(accountId, [
    {
      principal,
      role: 'admin',
      credential: null,
      action: state === 'undone' ? 'reconcile.undo' : 'reconcile.repair',
      objectId: subject ?? key,
      detail: `${run.id} ${kind} ${repair}`,
      requestId: null,
    },
  ]);
}

function repairTx(tx: Sql): RepairTx {
  return {
    lock: (finding) => lock(tx, finding),

    async changedBy(runId, { seq, subject, version }) {
      // Results of one image stand side by side.
      const [row] = await tx.rows<{ seq: string; outcome: string | null }>(sql`
        SELECT seq, outcome FROM reconcile_findings
         WHERE run_id = ${runId} AND seq >= ${seq - NEIGHBOURS} AND seq < ${seq} AND state = 'applied'
           AND subject = ${subject} AND version = ${version}
         ORDER BY seq ${first(1)}`);
      return row && { seq: Number(row.seq), outcome: row.outcome };
    },

    async forgetResult(row, key) {
      const forgotten = await tx.run(sql`
        DELETE FROM image_outputs
         WHERE account_id = ${row.accountId} AND image_id = ${imageOf(row)} AND object_key = ${key} AND position > 1`);
      return forgotten > 0;
    },

    async isNamed({ bucket, key }) {
      const rows = await tx.rows(
        bucket === 'uploads'
          ? sql`SELECT 1 FROM uploads WHERE object_key = ${key} ${first(1)}`
          : sql`SELECT 1 FROM originals WHERE object_key = ${key} AND lost_at IS NULL
                 UNION ALL SELECT 1 FROM image_outputs WHERE object_key = ${key} LIMIT 1`,
      );
      return rows.length > 0;
    },

    async isBeingSent({ bucket, key }) {
      const [kind, owner = '', hash = ''] = key.split('/');
      if (bucket !== 'photos' || kind !== 'originals') return false;
      const rows = await tx.rows(sql`
        SELECT 1 FROM uploads
         WHERE account_id = ${owner} AND original_id IS NULL AND sha256 = ${hash} AND state = 'pending' ${first(1)}`);
      return rows.length > 0;
    },

    async restage(row, jobId) {
      const image = imageOf(row);
      await endJobs(tx, row.accountId, [image]);
      await lockTurns(tx, [row.accountId]);
      await tx.run(
        sql`DELETE FROM image_outputs WHERE account_id = ${row.accountId} AND image_id = ${image}`,
      );
      await tx.run(sql`
        UPDATE images SET state = 'queued', error = NULL, attempts = 0, updated_at = now()
         WHERE account_id = ${row.accountId} AND id = ${image}`);
      await tx.run(sql`
        INSERT INTO jobs (account_id, id, image_id, priority, max_attempts)
        VALUES (${row.accountId}, ${jobId}, ${image}, 1, 3)`);
      await publish(tx, [event(row, image, 'image.queued', 'queued')], ONE_BY_ONE, [jobId]);
    },

    async markError(row, error) {
      const image = imageOf(row);
      const failed = await fail(tx, row.accountId, sql`id = ${image} AND state <> 'error'`, error);
      if (failed.length > 0) {
        await tx.run(
          sql`DELETE FROM image_outputs WHERE account_id = ${row.accountId} AND image_id = ${image}`,
        );
      }
      return failed.length > 0;
    },

    async markLost(row, error) {
      await tx.run(sql`
        UPDATE originals SET lost_at = now() WHERE account_id = ${row.accountId} AND id = ${row.id}`);
      const failed = await fail(
        tx,
        row.accountId,
        sql`original_id = ${row.id} AND state IN ('queued', 'processing')`,
        error,
      );
      return failed.length;
    },

    async cancelJob({ id }) {
      await tx.run(sql`
        UPDATE jobs SET state = 'canceled', lease = NULL, lease_until = NULL, updated_at = now()
         WHERE id = ${id} AND state IN ('queued', 'running')`);
    },

    async removeUpload({ id }) {
      await tx.run(sql`DELETE FROM uploads WHERE id = ${id} AND state = 'pending'`);
    },

    keptCopies: ({ bucket, key }) =>
      kept(tx, sql`bucket = ${bucket} AND key = ${key} ORDER BY kept_at DESC`, KEPT_COPIES),
    forgetKept: async ({ runId, seq }) => {
      await forgetKept(tx, runId, seq);
    },

    async endUnit(row, unitId) {
      const [account, image] = [row.accountId, imageOf(row)];
      const before = await unitOf(tx, account, image);
      await tx.rows(sql`SELECT catch_up_unit(${account}, ${image}, ${unitId})`);
      const { ended, held } = await unitOf(tx, account, image);
      if (!['ready', 'error', 'canceled'].includes(ended ?? '')) return 'unfinished';
      if (held !== before.held) return ended === 'ready' ? 'settled' : 'refunded';
      return ended !== 'ready' || held?.startsWith('settled') ? 'right' : 'uncounted';
    },

    async isLost({ key }) {
      const rows = await tx.rows(sql`
        SELECT 1 FROM originals WHERE object_key = ${key} AND lost_at IS NOT NULL ${first(1)} FOR UPDATE`);
      return rows.length > 0;
    },

    async markFound({ key }) {
      await tx.run(
        sql`UPDATE originals SET lost_at = NULL WHERE object_key = ${key} AND lost_at IS NOT NULL`,
      );
    },

    payments: paymentsTx(tx),
  };
}

interface HeldUnit {
  /** State of the image. */
  readonly ended: string | null;
  /** State of the unit that it holds, and which that is. */
  readonly held: string | null;
}

async function unitOf(tx: Sql, accountId: string, imageId: string): Promise<HeldUnit> {
  const [unit] = await tx.rows<HeldUnit>(sql`
    SELECT (SELECT state FROM images WHERE account_id = ${accountId} AND id = ${imageId}) AS ended,
           (SELECT concat_ws(' ', state, overage, id) FROM ledger
             WHERE account_id = ${accountId} AND image_id = ${imageId} AND state <> 'refunded') AS held`);
  if (!unit) throw new Error('the database has answered nothing');
  return unit;
}

/** The first error is kept: an image that has one already is not touched. Images before their jobs, jobs before sums. */
async function fail(
  tx: Sql,
  accountId: string,
  which: Statement,
  error: Parameters<RepairTx['markError']>[1],
): Promise<string[]> {
  const json = JSON.stringify(storableError(error));
  const failed = await tx.rows<{ id: string; projectId: string | null; attempts: number }>(sql`
    SELECT id, project_id AS "projectId", attempts FROM images
     WHERE account_id = ${accountId} AND deleted_at IS NULL AND ${which} FOR UPDATE`);
  const ids = failed.map(({ id }) => id);
  await endJobs(tx, accountId, ids);
  await tx.run(sql`
    UPDATE images SET state = 'error', error = ${json}::json, updated_at = now()
     WHERE account_id = ${accountId} AND id = ANY(${ids}::text[])`);
  await publish(
    tx,
    failed.map(({ id, projectId, attempts }) => ({
      accountId,
      event: {
        type: 'image.error',
        imageId: id,
        projectId,
        state: 'error',
        attempt: attempts,
        error: storableError(error),
      },
    })),
    ONE_BY_ONE,
  );
  return ids;
}

async function endJobs(tx: Sql, accountId: string, imageIds: readonly string[]): Promise<void> {
  await tx.run(sql`
    UPDATE jobs SET state = 'canceled', lease = NULL, lease_until = NULL, updated_at = now()
     WHERE account_id = ${accountId} AND image_id = ANY(${imageIds}::text[]) AND state IN ('queued', 'running')`);
}

function imageOf({ imageId, id }: LockedRow): string {
  if (imageId === null) throw new Error(`${id} has no image`);
  return imageId;
}

function event(row: LockedRow, imageId: string, type: 'image.queued', state: 'queued'): AccountEvent {
  return { accountId: row.accountId, event: { type, imageId, projectId: row.projectId, state, attempt: 0 } };
}

/** The image before its job, in the order of whoever cancels. */
async function lock(tx: Sql, finding: FindingRow): Promise<LockedRow | undefined> {
  const statement = lockStatement(finding);
  if (!statement) return undefined;
  const [row] = await tx.rows<LockedRow & { version: string }>(statement);
  if (row?.version !== finding.version) return undefined;
  const erasing = await tx.rows(sql`SELECT FROM (${ERASING}) e WHERE account = ${row.accountId}`);
  return erasing.length === 0 ? row : undefined;
}

function lockStatement({ kind, accountId, subject, key }: FindingRow): Statement | undefined {
  if (subject === null) return undefined;
  const image = sql`
    SELECT i.account_id AS "accountId", i.id, i.project_id AS "projectId", i.id AS "imageId", i.state,
           i.xmin::text AS version, o.object_key AS "originalKey"
      FROM images i JOIN originals o ON o.account_id = i.account_id AND o.id = i.original_id
     WHERE i.account_id = ${accountId} AND i.id = ${subject} AND i.deleted_at IS NULL FOR UPDATE OF i`;
  // Weaker than FOR UPDATE: while the store is asked about it, images of it can be made.
  const original = sql`
    SELECT account_id AS "accountId", id, NULL AS "projectId", NULL AS "imageId", NULL AS state, xmin::text AS version,
           object_key AS "originalKey"
      FROM originals WHERE account_id = ${accountId} AND id = ${subject} AND lost_at IS NULL FOR NO KEY UPDATE`;
  switch (kind) {
    case 'missing_original':
      return original;
    case 'size_mismatch':
    case 'hash_mismatch':
      return key?.startsWith('originals/') ? original : image;
    case 'missing_output':
    case 'ready_without_output':
    case 'stuck_queued':
    case 'stuck_processing':
      return image;
    case 'job_without_image':
      return sql`
        SELECT account_id AS "accountId", id, NULL AS "projectId", image_id AS "imageId", state, xmin::text AS version,
               NULL AS "originalKey"
          FROM jobs WHERE id = ${subject} AND state IN ('queued', 'running') FOR UPDATE`;
    case 'upload_unfinalized':
      return sql`
        SELECT account_id AS "accountId", id, NULL AS "projectId", NULL AS "imageId", state, xmin::text AS version,
               NULL AS "originalKey"
          FROM uploads WHERE id = ${subject} AND state = 'pending' FOR UPDATE`;
    case 'ledger_mismatch':
      // An image that holds no unit, or one that is not what it should be.
      if (subject.startsWith('img_')) return image;
      return sql`
        SELECT l.account_id AS "accountId", l.id, l.project_id AS "projectId", l.image_id AS "imageId", i.state,
               l.xmin::text AS version, NULL AS "originalKey"
          FROM ledger l JOIN images i ON i.account_id = l.account_id AND i.id = l.image_id
         WHERE l.account_id = ${accountId} AND l.id = ${subject} AND l.state = 'reserved' FOR UPDATE OF i`;
    default:
      return undefined;
  }
}

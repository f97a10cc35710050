import { randomUUID } from 'node:crypto';
import type {
  Checkpoint,
  ClaimedRun,
  Hold,
  NewFinding,
  ReconcileRunRow,
  ReconcileStore,
} from '../../../ports/index.ts';
import type { Database } from '../database.ts';
import { first, type Sql, type Statement, sql, storable } from '../sql.ts';
import { FINDING, OPEN, RUN, type StoredFinding, toFinding } from './runRow.ts';

const WORKING = sql`('scanning', 'applying', 'undoing')`;
const DUE = sql`state IN ${OPEN} AND (lease IS NULL OR lease_until < now())`;

type Runs = Pick<
  ReconcileStore,
  | 'hasDue'
  | 'claim'
  | 'saveScan'
  | 'renew'
  | 'saveProgress'
  | 'endScan'
  | 'endAct'
  | 'release'
  | 'schedule'
  | 'sentinel'
  | 'rememberSentinel'
  | 'findings'
  | 'now'
>;

export function runsOn(db: Database): Runs {
  return {
    async hasDue() {
      const rows = await db.pool.rows(sql`SELECT 1 FROM reconcile_runs WHERE ${DUE} ${first(1)}`);
      return rows.length > 0;
    },

    async now() {
      const [clock] = await db.pool.rows<{ now: Date }>(sql`SELECT clock_timestamp() AS now`);
      if (!clock) throw new Error('the database knows no time');
      return clock.now;
    },

    claim: (leaseMs) => claimRun(db, leaseMs),

    saveScan: (run, checkpoint, progress, findings, leaseMs) =>
      db.transaction(async (tx) => {
        const hold = await holdRun(
          tx,
          run,
          leaseMs,
          sql`
          checkpoint = ${JSON.stringify(checkpoint)}::json, progress = ${JSON.stringify(progress)}::json, updated_at = now()`,
        );
        if (hold !== 'lost') await insertFindings(tx, run, checkpoint, findings);
        return hold;
      }),

    renew: (run, leaseMs) => holdRun(db.pool, run, leaseMs, sql`updated_at = now()`),

    saveProgress: (run, progress, leaseMs) =>
      holdRun(db.pool, run, leaseMs, sql`progress = ${JSON.stringify(progress)}::json, updated_at = now()`),

    async endScan(run, { state, reason, changesMax }) {
      return endRun(
        db.pool,
        run,
        sql`
        state = ${state}, reason = ${reason && JSON.stringify(storableReason(reason))}::json, changes_max = ${changesMax}`,
      );
    },

    endAct: (run, state, reason) =>
      endRun(
        db.pool,
        run,
        sql`
        state = ${state}, reason = ${reason && JSON.stringify(storableReason(reason))}::json`,
      ),

    async release(run) {
      await db.pool.run(sql`
        UPDATE reconcile_runs SET lease = NULL, lease_until = NULL, updated_at = now() WHERE ${held(run)}`);
    },

    async schedule(id, due) {
      const made = await db.pool.run(sql`
        INSERT INTO reconcile_runs (id, deep, scheduled, requested_by)
        SELECT ${id}, false, true, 'schedule'
         WHERE NOT EXISTS (SELECT FROM reconcile_runs WHERE scheduled AND created_at >= ${due})
        ON CONFLICT DO NOTHING`);
      if (made > 0) return 'made';
      const since = await db.pool.rows(sql`
        SELECT 1 FROM reconcile_runs WHERE scheduled AND created_at >= ${due} ${first(1)}`);
      return since.length > 0 ? 'there' : 'busy';
    },

    async sentinel() {
      const [run] = await db.pool.rows<{ id: string }>(sql`
        SELECT id FROM reconcile_runs WHERE sentinel ORDER BY id DESC ${first(1)}`);
      return run?.id;
    },

    async rememberSentinel(run) {
      await db.pool.run(sql`UPDATE reconcile_runs SET sentinel = true WHERE ${held(run)}`);
    },

    async findings(runId, afterSeq, limit) {
      const rows = await db.pool.rows<StoredFinding>(sql`
        SELECT ${FINDING} FROM reconcile_findings WHERE run_id = ${runId} AND seq > ${afterSeq}
         ORDER BY seq ${first(limit)}`);
      return rows.map(toFinding);
    },
  };
}

/** True of the run's row only as long as nobody has taken the lease away. */
export function held({ id, lease }: ClaimedRun): Statement {
  return sql`id = ${id} AND lease = ${lease} AND state IN ${WORKING}`;
}

/** Renews the lease together with what is written. */
export async function holdRun(db: Sql, run: ClaimedRun, leaseMs: number, set: Statement): Promise<Hold> {
  const [row] = await db.rows<{ cancel: boolean }>(sql`
    UPDATE reconcile_runs
       SET ${set}, lease_until = clock_timestamp() + ${leaseMs} * interval '1 ms'
     WHERE ${held(run)}
    RETURNING cancel_asked AS cancel`);
  if (!row) return 'lost';
  return row.cancel ? 'cancel' : 'held';
}

async function endRun(db: Sql, run: ClaimedRun, set: Statement): Promise<boolean> {
  const ended = await db.run(sql`
    UPDATE reconcile_runs
       SET ${set}, lease = NULL, lease_until = NULL, finished_at = now(), updated_at = now()
     WHERE ${held(run)}`);
  return ended > 0;
}

/** Of a run that was asked for, or whose worker gave no sign of life. */
async function claimRun(db: Database, leaseMs: number): Promise<ClaimedRun | undefined> {
  const lease = randomUUID();
  const [row] = await db.pool.rows<ReconcileRunRow & { claimedAt: Date }>(sql`
    WITH due AS (
      SELECT id FROM reconcile_runs
       WHERE ${DUE}
       ORDER BY created_at ${first(1)} FOR UPDATE SKIP LOCKED),
    claimed AS (
      UPDATE reconcile_runs
         SET state = CASE state WHEN 'queued' THEN 'scanning' WHEN 'apply_queued' THEN 'applying'
                                WHEN 'undo_queued' THEN 'undoing' ELSE state END,
             lease = ${lease}, lease_until = now() + ${leaseMs} * interval '1 ms', finished_at = NULL,
             started_at = coalesce(started_at, now()), updated_at = now()
        FROM due WHERE reconcile_runs.id = due.id
      RETURNING reconcile_runs.*)
    SELECT ${RUN}, now() AS "claimedAt" FROM claimed r`);
  return row && { ...row, lease, startedAt: row.startedAt ?? row.claimedAt };
}

async function insertFindings(
  tx: Sql,
  { id }: ClaimedRun,
  checkpoint: Checkpoint,
  findings: readonly NewFinding[],
): Promise<void> {
  if (findings.length === 0) return;
  const first = checkpoint.findings - findings.length;
  await tx.run(sql`
    INSERT INTO reconcile_findings
      (run_id, seq, kind, account_id, project_id, subject, bucket, key, version, etag, expected, found, repair)
    SELECT ${id}, ${first}::bigint + f.place, f.row ->> 'kind', f.row ->> 'accountId', f.row ->> 'projectId',
           f.row ->> 'subject', f.row ->> 'bucket', f.row ->> 'key', f.row ->> 'version', f.row ->> 'etag',
           f.row ->> 'expected', f.row ->> 'found', f.row ->> 'repair'
      FROM json_array_elements(${JSON.stringify(findings.map(storableFinding))}::json) WITH ORDINALITY AS f (row, place)`);
}

function storableReason(reason: NonNullable<ReconcileRunRow['reason']>) {
  return { ...reason, message: storable(reason.message) };
}

/** Keys that others put into the store may hold whatever bytes. */
function storableFinding(finding: NewFinding): NewFinding {
  return { ...finding, key: finding.key === null ? null : storable(finding.key) };
}

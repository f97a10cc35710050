import type { FindingRow, ReconcileRunRow } from '../../../ports/index.ts';
import { type Statement, sql } from '../sql.ts';

/** Each by itself: asked for together, the planner may read all findings of the run instead. */
function countOf(state: 'applied' | 'skipped' | 'undone'): Statement {
  return sql`(SELECT count(*) FROM reconcile_findings f WHERE f.run_id = r.id AND f.state = ${state})`;
}

/** Columns of a run whose table goes by the name `r`. */
export const RUN: Statement = sql`
  r.id, r.project_id AS "projectId", r.account_id AS "accountId", r.kinds, r.since, r.deep, r.state, r.scheduled,
  r.reason, r.progress, r.checkpoint, r.changes_max AS "changesMax", r.requested_by AS "requestedBy",
  r.applied_by AS "appliedBy", r.override, r.created_at AS "createdAt", r.started_at AS "startedAt",
  r.finished_at AS "finishedAt",
  json_build_object('applied', ${countOf('applied')}, 'skipped', ${countOf('skipped')}, 'undone', ${countOf('undone')}) AS outcome`;

/** States in which somebody has to do something, as the indexes have them. */
export const OPEN: Statement = sql`('queued', 'scanning', 'apply_queued', 'applying', 'undo_queued', 'undoing')`;

export type StoredRun = ReconcileRunRow;

export const FINDING: Statement = sql`
  seq, kind, account_id AS "accountId", project_id AS "projectId", subject, bucket, key, version, etag, expected, found,
  repair, state, outcome, decided_at AS "decidedAt"`;

/** As the database has it: bigint comes as text. */
export type StoredFinding = Omit<FindingRow, 'seq'> & { readonly seq: string };

export function toFinding(row: StoredFinding): FindingRow {
  return { ...row, seq: Number(row.seq) };
}

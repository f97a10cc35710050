import type { ReconcileFinding, ReconcileRun, ReconcileState } from '../../contract/index.ts';
import type { FindingRow, ReconcileRunRow } from '../../ports/index.ts';
import { PLAN_MS } from './limits.ts';

/** In these states a worker has something to do. */
const WORKING: readonly ReconcileState[] = [
  'queued',
  'scanning',
  'apply_queued',
  'applying',
  'undo_queued',
  'undoing',
];

export function isWorking({ state }: Pick<ReconcileRunRow, 'state'>): boolean {
  return WORKING.includes(state);
}

export function presentRun(row: ReconcileRunRow): ReconcileRun {
  const { id, state, projectId, kinds, since, deep, scheduled, reason, progress, changesMax, outcome } = row;
  const planned = changesMax !== null;
  return {
    id,
    state,
    projectId,
    kinds: kinds === null ? null : [...kinds],
    since: since?.toISOString() ?? null,
    deep,
    scheduled,
    reason,
    progress,
    counts: { ...row.checkpoint?.counts },
    changes: row.checkpoint?.findings ?? 0,
    changesMax,
    planHash: planned ? (row.checkpoint?.planHash ?? null) : null,
    outcome,
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    applyUntil: planned ? applyUntil(row).toISOString() : null,
    requestedBy: row.requestedBy,
    appliedBy: row.appliedBy,
  };
}

/** What was found is believed from the begin of the run on: that is when the first of it was looked at. */
export function applyUntil({ startedAt, createdAt }: ReconcileRunRow): Date {
  return new Date((startedAt ?? createdAt).getTime() + PLAN_MS);
}

export function presentFinding(row: FindingRow): ReconcileFinding {
  const { version: _, etag: __, decidedAt, ...finding } = row;
  return { ...finding, decidedAt: decidedAt?.toISOString() ?? null };
}

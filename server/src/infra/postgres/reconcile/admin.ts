import type { FindingRow, ReconcileAdminTx, ReconcileRunRow } from '../../../ports/index.ts';
import { codeOf, DEADLOCK_DETECTED, EXCLUSION_VIOLATION } from '../errors.ts';
import { behind, toPage } from '../pages.ts';
import { first, type Sql, sql } from '../sql.ts';
import { FINDING, OPEN, RUN, type StoredFinding, toFinding } from './runRow.ts';

export function reconcileOn(db: Sql): ReconcileAdminTx {
  async function get(id: string): Promise<ReconcileRunRow | undefined> {
    const [row] = await db.rows<ReconcileRunRow>(sql`SELECT ${RUN} FROM reconcile_runs r WHERE r.id = ${id}`);
    return row;
  }

  return {
    get,

    async create(id, { accountId, projectId, kinds, since, deep, requestedBy }) {
      const made = await db.run(sql`
        INSERT INTO reconcile_runs (id, account_id, project_id, kinds, since, deep, requested_by)
        VALUES (${id}, ${accountId}, ${projectId}, ${kinds}::text[], ${since}, ${deep}, ${requestedBy})
        ON CONFLICT DO NOTHING`);
      return made > 0 ? get(id) : undefined;
    },

    async getForUpdate(id) {
      await db.run(sql`SELECT 1 FROM reconcile_runs WHERE id = ${id} FOR UPDATE`);
      return get(id);
    },

    async list(page) {
      const rows = await db.rows<ReconcileRunRow>(sql`
        SELECT ${RUN} FROM reconcile_runs r WHERE TRUE ${behind(page, sql`r.id`)}
         ORDER BY r.id DESC ${first(page.limit + 1)}`);
      return toPage(rows, page.limit);
    },

    async underWay(projectId) {
      const [row] = await db.rows<ReconcileRunRow>(sql`
        SELECT ${RUN} FROM reconcile_runs r
         WHERE reconcile_scope(r.project_id, r.project_id, '[]') && reconcile_scope(${projectId}, ${projectId}, '[]')
           AND r.state IN ${OPEN} ${first(1)}`);
      return row;
    },

    async findings(runId, { kind, state }, { limit, after }) {
      const ofKind = kind === undefined ? sql`` : sql`AND kind = ${kind}`;
      const ofState = state === undefined ? sql`` : sql`AND state = ${state}`;
      const rows = await db.rows<StoredFinding>(sql`
        SELECT ${FINDING} FROM reconcile_findings
         WHERE run_id = ${runId} AND seq > ${after} ${ofKind} ${ofState} ORDER BY seq ${first(limit + 1)}`);
      const items: FindingRow[] = rows.slice(0, limit).map(toFinding);
      return { items, next: rows.length > limit ? (items.at(-1)?.seq ?? null) : null };
    },

    async queue(id, wish, by, override) {
      const set =
        wish === 'apply'
          ? sql`state = 'apply_queued', applied_by = ${by}, override = ${override}`
          : sql`state = 'undo_queued', undone_by = ${by}`;
      return db
        .nested((inner) =>
          inner.run(sql`
            UPDATE reconcile_runs SET ${set}, cancel_asked = false, updated_at = now() WHERE id = ${id}`),
        )
        .then((changed) => changed > 0)
        .catch(unlessTwin);
    },

    async cancel(id) {
      // One that nobody works on yet, or any more, ends at once.
      await db.run(sql`
        UPDATE reconcile_runs
           SET cancel_asked = true, state = CASE WHEN lease_until >= now() THEN state ELSE 'canceled' END, updated_at = now()
         WHERE id = ${id}`);
    },

    async accountOfProject(projectId) {
      const [row] = await db.rows<{ accountId: string }>(sql`
        SELECT account_id AS "accountId" FROM projects WHERE id = ${projectId} ${first(1)}`);
      return row?.accountId;
    },
  };
}

/** Of two that begin in the same moment, each may wait for the other. */
const TWIN: readonly (string | undefined)[] = [EXCLUSION_VIOLATION, DEADLOCK_DETECTED];

function unlessTwin(error: unknown): false {
  if (TWIN.includes(codeOf(error))) return false;
  throw error;
}

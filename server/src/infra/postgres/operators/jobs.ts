import type { AdminJobsTx, JobRow, PageRequest } from '../../../ports/index.ts';
import { listDead } from '../deadLetters.ts';
import { behind, toPage } from '../pages.ts';
import { first, type Sql, type Statement, sql } from '../sql.ts';

export function adminJobsOn(db: Sql): AdminJobsTx {
  return {
    async list({ state, account }, page) {
      const ofState = state === undefined ? sql`` : OF_STATE[state];
      const [where, order] =
        account === undefined
          ? [behind(page, sql`j.id`), sql`j.id DESC`]
          : [ofAccount(account, page), sql`j.image_id DESC, j.id DESC`];
      const rows = await db.rows<JobRow>(sql`
        SELECT ${COLUMNS} FROM ${JOBS} WHERE TRUE ${ofState} ${where} ORDER BY ${order} ${first(page.limit + 1)}`);
      return toPage(rows, page.limit);
    },

    getMany: (ids) => db.rows<JobRow>(sql`SELECT ${COLUMNS} FROM ${JOBS} WHERE j.id = ANY(${ids}::text[])`),

    listDead: (filter) => listDead(db, filter),
  };
}

function ofAccount(account: string, { after }: PageRequest): Statement {
  const behindIt =
    after === null
      ? sql``
      : sql`AND (j.image_id, j.id) < (SELECT image_id, id FROM jobs WHERE id = ${after})`;
  return sql`AND j.account_id = ${account} ${behindIt}`;
}

/** In words: an index that holds some states only is for a state that the planner knows. */
const OF_STATE = {
  queued: sql`AND j.state = 'queued'`,
  running: sql`AND j.state = 'running'`,
  dead: sql`AND j.state = 'dead'`,
} as const;

const JOBS = sql`jobs j JOIN images i ON i.account_id = j.account_id AND i.id = j.image_id`;

const COLUMNS = sql`
  j.id, j.account_id AS "accountId", j.image_id AS "imageId", i.project_id AS "projectId", i.engine, j.state,
  CASE WHEN i.deleted_at IS NULL THEN i.state END AS "imageState", j.priority, j.attempt,
  j.max_attempts AS "maxAttempts", j.run_at AS "runAt", j.lease_until AS "leaseUntil", j.last_error AS error,
  j.created_at AS "createdAt", j.updated_at AS "updatedAt"`;

import type { NewJob, Tx } from '../../ports/index.ts';
import { entryStatement, sumsStatement } from './billing.ts';
import { revive } from './deadLetters.ts';
import { eventsStatement } from './events.ts';
import { type Sql, type Statement, sql, together } from './sql.ts';

export function jobsOn(db: Sql): Tx['jobs'] {
  return {
    async queue(owner, { jobs, reservation, events }) {
      if (jobs.length === 0) return;
      await together([
        ...(reservation ? [db.run(entryStatement(owner, reservation))] : []),
        // The place in the line, then the sums, then the number of the last event: everybody takes them in this order.
        db.late([
          insertStatement(owner, jobs),
          ...(reservation ? [sumsStatement(owner, reservation)] : []),
          ...(events.length > 0 ? [eventsStatement([{ accountId: owner, events }])] : []),
        ]),
      ]);
    },

    revive: (owner, ids) => revive(db, ids, sql`j.account_id = ${owner}`),

    async cancelForImage(owner, imageId) {
      await db.run(sql`
        UPDATE jobs SET state = 'canceled', lease = NULL, lease_until = NULL, updated_at = now()
         WHERE account_id = ${owner} AND image_id = ${imageId} AND state IN ('queued', 'running')`);
    },
  };
}

function insertStatement(owner: string, jobs: readonly NewJob[]): Statement {
  return sql`
    INSERT INTO jobs (account_id, id, image_id, priority, max_attempts)
    SELECT ${owner}, j.id, j."imageId", j.priority, j."maxAttempts"
      FROM json_to_recordset(${JSON.stringify(jobs)}::json) AS j
           (id text, "imageId" text, priority smallint, "maxAttempts" integer)`;
}

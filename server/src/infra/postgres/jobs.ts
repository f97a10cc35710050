import type { Tx } from '../../ports/index.ts';
import { revive } from './deadLetters.ts';
import { type Sql, sql } from './sql.ts';

export function jobsOn(db: Sql): Tx['jobs'] {
  return {
    async insert(owner, jobs) {
      if (jobs.length === 0) return;
      await db.run(sql`
        INSERT INTO jobs (account_id, id, image_id, priority, max_attempts)
        SELECT ${owner}, j.id, j."imageId", j.priority, j."maxAttempts"
          FROM json_to_recordset(${JSON.stringify(jobs)}::json) AS j
               (id text, "imageId" text, priority smallint, "maxAttempts" integer)`);
    },

    revive: (owner, ids) => revive(db, ids, sql`j.account_id = ${owner}`),

    async cancelForImage(owner, imageId) {
      await db.run(sql`
        UPDATE jobs SET state = 'canceled', lease = NULL, lease_until = NULL, updated_at = now()
         WHERE account_id = ${owner} AND image_id = ${imageId} AND state IN ('queued', 'running')`);
    },
  };
}

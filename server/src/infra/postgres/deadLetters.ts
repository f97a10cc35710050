import type { DeadFilter, DeadJob, RevivedJob } from '../../ports/index.ts';
import { auditOn } from './audit.ts';
import type { Database } from './database.ts';
import { type AccountEvent, publish } from './jobEvents.ts';
import { withPatience } from './patience.ts';
import { first, type Sql, type Statement, sql } from './sql.ts';
import { lockTurns } from './turns.ts';

/** Jobs whose image has failed and was neither deleted nor queued again. */
export async function listDead(db: Sql, { code, accountId, limit, after }: DeadFilter): Promise<DeadJob[]> {
  const ofCode = code === undefined ? sql`` : sql`AND j.last_error ->> 'code' = ${code}`;
  // The same for all of them; said, because behind row-level security the planner does not conclude it, and sorts.
  const sameCode = code === undefined ? sql`` : sql`j.last_error ->> 'code' DESC,`;
  const ofAccount = accountId === undefined ? sql`` : sql`AND j.account_id = ${accountId}`;
  const behind =
    after == null
      ? sql``
      : sql`AND (j.updated_at, j.id) < (SELECT updated_at, id FROM jobs WHERE id = ${after})`;
  return db.rows<DeadJob>(sql`
    SELECT j.id, j.account_id AS "accountId", j.image_id AS "imageId", j.attempt AS attempts,
           i.error, j.updated_at AS "diedAt"
      FROM jobs j
      JOIN images i ON i.account_id = j.account_id AND i.id = j.image_id
                   AND i.state = 'error' AND i.deleted_at IS NULL
     -- An image that was queued again and failed again has two; the newer one tells of it.
     WHERE j.state = 'dead' ${ofCode} ${ofAccount} ${behind}
       AND NOT EXISTS (SELECT 1 FROM jobs n WHERE n.account_id = j.account_id AND n.image_id = j.image_id AND n.id > j.id)
     ORDER BY ${sameCode} j.updated_at DESC, j.id DESC ${first(limit)}`);
}

/** Queues dead jobs again, with all their attempts; answers with the ids of those that were. */
export function replayDead(db: Database, ids: readonly string[], principal: string): Promise<string[]> {
  return withPatience(db, async (tx, patience) => {
    const revived = await revive(tx, ids, sql`j.account_id <> ALL(${patience.leaveOut}::text[])`);
    await record(tx, revived, principal);
    const queued = revived.map(({ id }) => id);
    await publish(tx, revived.map(toEvent), patience, queued);
    return queued;
  });
}

/** Jobs `j` and their images alone: events, rings and the audit are the caller's. */
export async function revive(tx: Sql, ids: readonly string[], which: Statement): Promise<RevivedJob[]> {
  const dead = await tx.rows<{ id: string; accountId: string }>(pickDead(ids, which));
  await lockTurns(
    tx,
    dead.map(({ accountId }) => accountId),
  );
  return tx.rows<RevivedJob>(reviveStatement(dead.map(({ id }) => id)));
}

function pickDead(ids: readonly string[], which: Statement): Statement {
  return sql`
    SELECT j.id, j.account_id AS "accountId" FROM jobs j
      JOIN images i ON i.account_id = j.account_id AND i.id = j.image_id
     WHERE j.id = ANY(${ids}::text[]) AND j.state = 'dead' AND i.state = 'error' AND i.deleted_at IS NULL
       AND ${which}
       FOR UPDATE OF j, i SKIP LOCKED`;
}

function reviveStatement(ids: readonly string[]): Statement {
  return sql`
    WITH i AS (
      UPDATE images SET state = 'queued', error = NULL, attempts = 0, updated_at = now()
        FROM jobs j
       WHERE j.id = ANY(${ids}::text[]) AND images.account_id = j.account_id AND images.id = j.image_id
         AND images.state = 'error'
      RETURNING j.id AS job_id, images.id, images.project_id)
    UPDATE jobs SET state = 'queued', run_at = now(), attempt = 0, updated_at = now()
      FROM i WHERE jobs.id = i.job_id
    RETURNING jobs.id, account_id AS "accountId", image_id AS "imageId", i.project_id AS "projectId"`;
}

async function record(tx: Sql, revived: readonly RevivedJob[], principal: string): Promise<void> {
  const about = { principal, role: null, credential: null, detail: null, requestId: null };
  for (const [accountId, jobs] of Map.groupBy(revived, (job) => job.accountId)) {
    await auditOn(tx).add(
      accountId,
      jobs.map(({ imageId }) => ({ ...about, action: 'image.replay', objectId: imageId })),
    );
  }
}

function toEvent({ accountId, imageId, projectId }: RevivedJob): AccountEvent {
  return { accountId, event: { type: 'image.queued', imageId, projectId, state: 'queued', attempt: 0 } };
}

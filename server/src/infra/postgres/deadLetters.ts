import type { ImageError } from '../../contract/index.ts';
import type { DeadFilter, DeadJob } from '../../ports/index.ts';
import { auditOn } from './audit.ts';
import type { Database } from './database.ts';
import { type AccountEvent, publish } from './jobEvents.ts';
import { withPatience } from './patience.ts';
import { first, type Sql, type Statement, sql } from './sql.ts';
import { lockTurns } from './turns.ts';

/** Jobs whose image has failed and was neither deleted nor queued again. */
export async function listDead(db: Database, { code, accountId, limit }: DeadFilter): Promise<DeadJob[]> {
  const ofCode = code === undefined ? sql`` : sql`AND j.last_error ->> 'code' = ${code}`;
  // The same for all of them; said, because behind row-level security the planner does not conclude it, and sorts.
  const sameCode = code === undefined ? sql`` : sql`j.last_error ->> 'code' DESC,`;
  const ofAccount = accountId === undefined ? sql`` : sql`AND j.account_id = ${accountId}`;
  const rows = await db.pool.rows<DeadJob & { error: ImageError }>(sql`
    SELECT j.id, j.account_id AS "accountId", j.image_id AS "imageId", j.attempt AS attempts,
           i.error, j.updated_at AS "diedAt"
      FROM jobs j
      JOIN images i ON i.account_id = j.account_id AND i.id = j.image_id
                   AND i.state = 'error' AND i.deleted_at IS NULL
     WHERE j.state = 'dead' ${ofCode} ${ofAccount}
     ORDER BY ${sameCode} j.updated_at DESC, j.id DESC ${first(limit)}`);
  // An image that was queued again and failed again has two; the newer one tells of it.
  return [...new Map(rows.toReversed().map((row) => [row.imageId, row])).values()].toReversed();
}

interface Replayed {
  readonly id: string;
  readonly accountId: string;
  readonly imageId: string;
  readonly projectId: string | null;
}

/** Queues dead jobs again, with all their attempts; answers with the ids of those that were. */
export function replayDead(db: Database, ids: readonly string[], principal: string): Promise<string[]> {
  return withPatience(db, async (tx, patience) => {
    const dead = await tx.rows<{ id: string; accountId: string }>(pickDead(ids, patience.leaveOut));
    await lockTurns(
      tx,
      dead.map(({ accountId }) => accountId),
    );
    const replayed = await tx.rows<Replayed>(revive(dead.map(({ id }) => id)));
    await record(tx, replayed, principal);
    const queued = replayed.map(({ id }) => id);
    await publish(tx, replayed.map(toEvent), patience, queued);
    return queued;
  });
}

function pickDead(ids: readonly string[], leaveOut: readonly string[]): Statement {
  return sql`
    SELECT j.id, j.account_id AS "accountId" FROM jobs j
      JOIN images i ON i.account_id = j.account_id AND i.id = j.image_id
     WHERE j.id = ANY(${ids}::text[]) AND j.state = 'dead' AND i.state = 'error' AND i.deleted_at IS NULL
       AND j.account_id <> ALL(${leaveOut}::text[])
       FOR UPDATE OF j, i SKIP LOCKED`;
}

function revive(ids: readonly string[]): Statement {
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

async function record(tx: Sql, replayed: readonly Replayed[], principal: string): Promise<void> {
  const about = { principal, role: null, credential: null, detail: null, requestId: null };
  for (const [accountId, jobs] of Map.groupBy(replayed, (job) => job.accountId)) {
    await auditOn(tx).add(
      accountId,
      jobs.map(({ imageId }) => ({ ...about, action: 'image.replay', objectId: imageId })),
    );
  }
}

function toEvent({ accountId, imageId, projectId }: Replayed): AccountEvent {
  return { accountId, event: { type: 'image.queued', imageId, projectId, state: 'queued', attempt: 0 } };
}

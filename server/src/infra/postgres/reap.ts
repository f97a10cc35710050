import type { ImageError } from '../../contract/index.ts';
import type { Database } from './database.ts';
import { type AccountEvent, publish } from './jobEvents.ts';
import { namingTheBusy, withPatience } from './patience.ts';
import { first, type Sql, type Statement, sql, together } from './sql.ts';
import { lockTurns } from './turns.ts';

const WORKER_LOST: ImageError = {
  code: 'worker_lost',
  message: 'The worker that made this picture ended without a word, every time it was tried.',
  hint: 'Retry the image. If it happens again, the photo may need more memory than a worker has.',
  retryable: true,
};

interface Expired {
  readonly id: string;
  readonly accountId: string;
  readonly suspended: boolean;
}

interface Reaped {
  readonly id: string;
  readonly accountId: string;
  readonly imageId: string;
  readonly projectId: string | null;
  readonly attempt: number;
  readonly dead: boolean;
  /** Its worker stopped it, as the account was suspended. */
  readonly stopped: boolean;
}

export function reapExpired(db: Database, limit: number): Promise<{ requeued: number; dead: number }> {
  return withPatience(db, async (tx, patience) => {
    const expired = await tx.rows<Expired>(pickExpired(limit, patience.leaveOut));
    if (expired.length === 0) return { requeued: 0, dead: 0 };
    await lockTurns(
      tx,
      expired.map(({ accountId }) => accountId),
    );
    const reaped = await reapEach(tx, expired);
    const requeued = reaped.filter(({ dead }) => !dead);
    await publish(
      tx,
      reaped.map(toEvent),
      patience,
      requeued.map(({ id }) => id),
    );
    return { requeued: requeued.length, dead: reaped.length - requeued.length };
  });
}

/** Account by account, in order and in one round trip: units of what has died are given back, which holds the sums. */
async function reapEach(tx: Sql, expired: readonly Expired[]): Promise<Reaped[]> {
  const perAccount = [...Map.groupBy(expired, ({ accountId }) => accountId)].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const reaped = await together(
    perAccount.map(([accountId, those]) => namingTheBusy([accountId], () => tx.rows<Reaped>(reap(those)))),
  );
  return reaped.flat();
}

/** Passes over what others hold, for the reason that the claim has. */
function pickExpired(limit: number, leaveOut: readonly string[]): Statement {
  return sql`
    SELECT j.id, j.account_id AS "accountId",
           (SELECT a.suspended_at IS NOT NULL FROM accounts a WHERE a.id = j.account_id) AS suspended
      FROM jobs j
      JOIN images i ON i.account_id = j.account_id AND i.id = j.image_id
     WHERE j.state = 'running' AND j.lease_until < now() AND j.account_id <> ALL(${leaveOut}::text[])
     ORDER BY j.lease_until ${first(limit)} FOR UPDATE OF j, i SKIP LOCKED`;
}

/** What ran when its account was suspended was stopped by its worker: that attempt does not count. */
function reap(expired: readonly Expired[]): Statement {
  const error = JSON.stringify(WORKER_LOST);
  const ids = expired.map(({ id }) => id);
  const stopped = expired.filter(({ suspended }) => suspended).map(({ id }) => id);
  const wasStopped = sql`id = ANY(${stopped}::text[])`;
  return sql`
    WITH job AS (
      UPDATE jobs
         SET state = CASE WHEN ${wasStopped} OR attempt < max_attempts THEN 'queued' ELSE 'dead' END,
             attempt = attempt - CASE WHEN ${wasStopped} THEN 1 ELSE 0 END, run_at = now(),
             last_error = CASE WHEN ${wasStopped} THEN last_error ELSE ${error}::json END,
             lease = NULL, lease_until = NULL, updated_at = now()
       WHERE id = ANY(${ids}::text[])
      RETURNING id, account_id, image_id, attempt, state = 'dead' AS dead, ${wasStopped} AS stopped)
    UPDATE images i
       SET state = CASE WHEN job.dead THEN 'error' ELSE 'queued' END, attempts = job.attempt,
           error = CASE WHEN job.dead THEN ${error}::json END, updated_at = now()
      FROM job WHERE i.account_id = job.account_id AND i.id = job.image_id
    RETURNING job.id, job.account_id AS "accountId", i.id AS "imageId", i.project_id AS "projectId",
              job.attempt, job.dead, job.stopped`;
}

function toEvent({ accountId, imageId, projectId, attempt, dead, stopped }: Reaped): AccountEvent {
  if (stopped)
    return { accountId, event: { imageId, projectId, attempt, type: 'image.queued', state: 'queued' } };
  const about = { imageId, projectId, attempt, error: WORKER_LOST };
  return {
    accountId,
    event: dead
      ? { ...about, type: 'image.error', state: 'error' }
      : { ...about, type: 'image.queued', state: 'queued', willRetry: true },
  };
}

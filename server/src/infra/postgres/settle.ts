import type { ImageEvent } from '../../contract/index.ts';
import type { ClaimedJob, Failure, OutputRow } from '../../ports/index.ts';
import type { Database } from './database.ts';
import { publish } from './jobEvents.ts';
import { type Sql, type Statement, sql, storable, storableError } from './sql.ts';

/** True of the job's row only as long as nobody has taken the lease away. */
function held({ id, lease }: ClaimedJob): Statement {
  return sql`id = ${id} AND lease = ${lease} AND state = 'running'`;
}

/** What an end of an attempt does to job and image. */
interface Outcome {
  /** Assignments to the job's row. */
  readonly job: Statement;
  /** Assignments to the image's row. */
  readonly image: Statement;
  readonly event: Pick<ImageEvent, 'type' | 'state' | 'attempt' | 'willRetry' | 'error'>;
  readonly ring?: boolean;
  readonly outputs?: readonly OutputRow[];
}

const GIVE_UP_LEASE = sql`lease = NULL, lease_until = NULL, updated_at = now()`;

/** Ends an attempt in one transaction; false, and nothing changed, when the lease is lost. */
function settle(db: Database, job: ClaimedJob, outcome: Outcome): Promise<boolean> {
  const { accountId, imageId } = job;
  return db.transaction(async (tx) => {
    // The image's row is locked before the job's, in the order of whoever cancels. Who had to wait for it looks at
    // the job as it is by then.
    const ended = await tx.run(sql`
      WITH image AS MATERIALIZED (
        SELECT account_id AS owner FROM images WHERE account_id = ${accountId} AND id = ${imageId} FOR UPDATE),
      ended AS (
        UPDATE jobs SET ${outcome.job}, ${GIVE_UP_LEASE} FROM image
         WHERE ${held(job)} AND account_id = image.owner
        RETURNING account_id AS owner)
      UPDATE images SET ${outcome.image}, updated_at = now() FROM ended
       WHERE account_id = ended.owner AND id = ${imageId}`);
    if (ended === 0) return false;
    if (outcome.outputs && outcome.outputs.length > 0) await insertOutputs(tx, job, outcome.outputs);
    const { projectId } = job.image;
    await publish(
      tx,
      [{ accountId, event: { imageId, projectId, ...outcome.event } }],
      outcome.ring ? [job.id] : [],
    );
    return true;
  });
}

export function completeJob(db: Database, job: ClaimedJob, outputs: readonly OutputRow[]): Promise<boolean> {
  return settle(db, job, {
    job: sql`state = 'done'`,
    image: sql`state = 'ready', error = NULL`,
    outputs,
    event: { type: 'image.ready', state: 'ready', attempt: job.attempt },
  });
}

export function failJob(
  db: Database,
  job: ClaimedJob,
  failure: Failure,
  retryAt: Date | null,
): Promise<boolean> {
  const error = storableError(failure);
  const json = JSON.stringify(error);
  if (retryAt === null) {
    return settle(db, job, {
      job: sql`state = 'dead', last_error = ${json}::json`,
      image: sql`state = 'error', error = ${json}::json`,
      event: { type: 'image.error', state: 'error', attempt: job.attempt, error },
    });
  }
  return settle(db, job, {
    job: sql`state = 'queued', run_at = ${retryAt}, last_error = ${json}::json`,
    image: sql`state = 'queued', error = NULL`,
    event: { type: 'image.queued', state: 'queued', attempt: job.attempt, willRetry: true, error },
  });
}

export function releaseJob(db: Database, job: ClaimedJob): Promise<boolean> {
  return settle(db, job, {
    job: sql`state = 'queued', run_at = now(), attempt = attempt - 1`,
    image: sql`state = 'queued', error = NULL, attempts = attempts - 1`,
    event: { type: 'image.queued', state: 'queued', attempt: job.attempt - 1 },
    ring: true,
  });
}

/** One statement: progress is said often, and worth nothing once the lease is lost. */
export async function reportProgress(
  db: Database,
  job: ClaimedJob,
  progress: number,
  stage: string,
): Promise<boolean> {
  const { accountId, imageId, attempt } = job;
  const { projectId } = job.image;
  const event: ImageEvent = {
    type: 'image.progress',
    imageId,
    projectId,
    state: 'processing',
    attempt,
    at: new Date().toISOString(),
    progress: Math.min(1, Math.max(0, progress)),
    stage: storable(stage),
  };
  const items = JSON.stringify({ kind: 'events', accountId });
  const written = await db.pool.run(sql`
    WITH mine AS (SELECT account_id FROM jobs WHERE ${held(job)} FOR UPDATE),
    head AS (
      UPDATE event_heads h SET seq = h.seq + 1 FROM mine WHERE h.account_id = mine.account_id
      RETURNING h.account_id, h.seq),
    told AS (INSERT INTO outbox (kind, item) SELECT 'events', ${items}::json FROM head)
    INSERT INTO events (account_id, seq, type, image_id, project_id, data)
    SELECT account_id, seq, 'image.progress', ${imageId}, ${projectId}, ${JSON.stringify(event)}::json FROM head`);
  return written > 0;
}

async function insertOutputs(tx: Sql, job: ClaimedJob, outputs: readonly OutputRow[]): Promise<void> {
  await tx.run(sql`
    INSERT INTO image_outputs
      (account_id, image_id, name, position, object_key, content_type, size, sha256, width, height)
    SELECT ${job.accountId}, ${job.imageId}, o.output ->> 'name', o.place, o.output ->> 'objectKey',
           o.output ->> 'contentType', (o.output ->> 'size')::bigint, o.output ->> 'sha256',
           (o.output ->> 'width')::integer, (o.output ->> 'height')::integer
      FROM json_array_elements(${JSON.stringify(outputs)}::json) WITH ORDINALITY AS o (output, place)`);
}

import type { ImageEvent } from '../../contract/index.ts';
import type { ClaimedJob, Failure, OutputRow } from '../../ports/index.ts';
import type { Database } from './database.ts';
import { type AccountEvent, publish } from './jobEvents.ts';
import { namingTheBusy, withPatience } from './patience.ts';
import { type Sql, type Statement, sql, storable, storableError, together } from './sql.ts';

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
    await together([
      insertOutputs(tx, [{ job, outputs: outcome.outputs ?? [] }]),
      publish(tx, [toEvent(job, outcome.event)], { oneByOne: true }, outcome.ring ? [job.id] : []),
    ]);
    return true;
  });
}

function toEvent({ accountId, imageId, image }: ClaimedJob, event: Outcome['event']): AccountEvent {
  return { accountId, event: { imageId, projectId: image.projectId, ...event } };
}

/** A job that has succeeded. */
export interface Completed {
  readonly job: ClaimedJob;
  readonly outputs: readonly OutputRow[];
}

const DONE = { job: sql`state = 'done'`, image: sql`state = 'ready', error = NULL` };

const isReady = ({ attempt }: ClaimedJob) => ({ type: 'image.ready', state: 'ready', attempt }) as const;

export function completeJob(db: Database, { job, outputs }: Completed): Promise<boolean> {
  return settle(db, job, { ...DONE, outputs, event: isReady(job) });
}

/**
 * Many in one transaction. Nobody is waited for: a job that is held by somebody, or its image or account, or whose lease
 * is lost, stays as it is.
 * @returns the ids of those that were ended
 */
export function completeJobs(db: Database, completed: readonly Completed[]): Promise<Set<string>> {
  return withPatience(db, async (tx, patience) => {
    const free = completed.filter(({ job }) => !patience.leaveOut.includes(job.accountId));
    const ids = await endEach(
      tx,
      free.map(({ job }) => job),
    );
    const ended = free.filter(({ job }) => ids.has(job.id));
    const events = ended.map(({ job }) => toEvent(job, isReady(job)));
    await together([insertOutputs(tx, ended), publish(tx, events, patience)]);
    return ids;
  });
}

/** Account by account, in order and in one round trip: units above a plan hold the sums of their account. */
async function endEach(tx: Sql, jobs: readonly ClaimedJob[]): Promise<Set<string>> {
  const perAccount = [...Map.groupBy(jobs, ({ accountId }) => accountId)].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const ended = await together(
    perAccount.map(([accountId, those]) =>
      namingTheBusy([accountId], () => tx.rows<{ id: string }>(endAll(those))),
    ),
  );
  return new Set(ended.flat().map(({ id }) => id));
}

/**
 * As for one, but what is held is passed over. A job is held without its image by whoever renews its lease or tells of
 * its progress, and that may be several jobs at once.
 */
function endAll(jobs: readonly ClaimedJob[]): Statement {
  const sorted = jobs.toSorted((a, b) => (a.imageId < b.imageId ? -1 : 1));
  const column = (name: 'id' | 'lease' | 'accountId' | 'imageId') => sorted.map((job) => job[name]);
  return sql`
    WITH image AS MATERIALIZED (
      SELECT wanted.* FROM unnest(${column('id')}::text[], ${column('lease')}::uuid[],
             ${column('accountId')}::text[], ${column('imageId')}::text[]) AS wanted (id, lease, owner, image)
       CROSS JOIN LATERAL (
             SELECT 1 FROM images WHERE account_id = wanted.owner AND images.id = wanted.image
                FOR UPDATE SKIP LOCKED) free_image
       CROSS JOIN LATERAL (SELECT 1 FROM jobs WHERE jobs.id = wanted.id FOR UPDATE SKIP LOCKED) free_job),
    ended AS (
      UPDATE jobs SET ${DONE.job}, ${GIVE_UP_LEASE} FROM image
       WHERE jobs.id = image.id AND jobs.lease = image.lease AND state = 'running'
         AND account_id = image.owner AND image_id = image.image
      RETURNING image.*)
    UPDATE images SET ${DONE.image}, updated_at = now() FROM ended
     WHERE account_id = ended.owner AND images.id = ended.image
    RETURNING ended.id`;
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

async function insertOutputs(tx: Sql, completed: readonly Completed[]): Promise<void> {
  const rows = completed.flatMap(({ job: { accountId, imageId }, outputs }) =>
    outputs.map((output, index) => ({ ...output, accountId, imageId, place: index + 1 })),
  );
  if (rows.length === 0) return;
  await tx.run(sql`
    INSERT INTO image_outputs
      (account_id, image_id, name, position, object_key, content_type, size, sha256, width, height)
    SELECT o.row ->> 'accountId', o.row ->> 'imageId', o.row ->> 'name', (o.row ->> 'place')::integer,
           o.row ->> 'objectKey', o.row ->> 'contentType', (o.row ->> 'size')::bigint, o.row ->> 'sha256',
           (o.row ->> 'width')::integer, (o.row ->> 'height')::integer
      FROM json_array_elements(${JSON.stringify(rows)}::json) AS o (row)`);
}

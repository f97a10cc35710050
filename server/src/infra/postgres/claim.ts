import type { ClaimedJob, OriginalRow } from '../../ports/index.ts';
import type { Database } from './database.ts';
import { imageColumns, type StoredImage, toImage } from './imageRow.ts';
import { type AccountEvent, publish } from './jobEvents.ts';
import { withPatience } from './patience.ts';
import { first, type Statement, sql } from './sql.ts';

/** Every priority that a job can have, in the order in which they run. */
const PRIORITIES = sql`(VALUES (0), (1), (2)) AS p (priority)`;

/** Columns of job and original under names of their own, as those of the image take theirs. */
interface Claimed extends StoredImage {
  readonly jobId: string;
  readonly accountId: string;
  readonly lease: string;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly sha256: string;
  readonly size: string;
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
  readonly objectKey: string;
  readonly originalCreatedAt: Date;
}

export function claimJobs(db: Database, limit: number, leaseMs: number): Promise<ClaimedJob[]> {
  return withPatience(db, async (tx, leaveOut) => {
    const picked = await tx.rows<{ id: string }>(pickDue(limit, leaveOut));
    if (picked.length === 0) return [];
    const ids = picked.map(({ id }) => id);
    const rows = await tx.rows<Claimed>(takeLeases(ids, leaseMs));
    const jobs = rows.map(toClaimedJob).toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
    await publish(tx, jobs.map(toEvent));
    return jobs;
  });
}

/** Ids of due jobs, in no particular order, without taking them. */
export function listDue(limit: number): Statement {
  return sql`
    SELECT due.id FROM ${PRIORITIES}
     CROSS JOIN LATERAL (
           SELECT j.id FROM jobs j
            WHERE j.state = 'queued' AND j.priority = p.priority AND j.run_at <= now()
            ORDER BY j.run_at, j.id ${first(limit)}) due
     LIMIT ${limit}`;
}

/** When the first queued job of each priority is due, in milliseconds from now. */
export function firstDue(): Statement {
  return sql`
    SELECT extract(epoch FROM next.run_at - clock_timestamp())::float8 * 1000 AS ms FROM ${PRIORITIES}
     CROSS JOIN LATERAL (
           SELECT j.run_at FROM jobs j
            WHERE j.state = 'queued' AND j.priority = p.priority
            ORDER BY j.run_at, j.id ${first(1)}) next`;
}

/**
 * The one place that says which jobs are next. Rows that others hold are passed over, the image's too: whoever
 * cancels holds the image and then comes for the job, and to wait for the image here would be a deadlock.
 */
function pickDue(limit: number, leaveOut: readonly string[]): Statement {
  return sql`
    SELECT due.id FROM ${PRIORITIES}
     CROSS JOIN LATERAL (
           SELECT j.id FROM jobs j
             JOIN images i ON i.account_id = j.account_id AND i.id = j.image_id
            WHERE j.state = 'queued' AND j.priority = p.priority AND j.run_at <= now()
              AND j.account_id <> ALL(${leaveOut}::text[])
            ORDER BY j.run_at, j.id ${first(limit)} FOR UPDATE OF j, i SKIP LOCKED) due
     LIMIT ${limit}`;
}

/** The attempt counts from here on, so that a job that kills its worker runs out of attempts. */
function takeLeases(ids: readonly string[], leaseMs: number): Statement {
  return sql`
    WITH job AS (
      UPDATE jobs
         SET state = 'running', attempt = attempt + 1, lease = gen_random_uuid(), updated_at = now(),
             lease_until = clock_timestamp() + ${leaseMs} * interval '1 ms'
       WHERE id = ANY(${ids}::text[])
      RETURNING id, account_id, image_id, lease, attempt, max_attempts),
    i AS (
      UPDATE images SET state = 'processing', attempts = job.attempt, error = NULL, updated_at = now()
        FROM job WHERE images.account_id = job.account_id AND images.id = job.image_id
      RETURNING images.*, job.id AS job_id, job.lease, job.attempt, job.max_attempts)
    SELECT ${imageColumns({ outputs: false })}, i.job_id AS "jobId", i.account_id AS "accountId", i.lease,
           i.attempt, i.max_attempts AS "maxAttempts", o.sha256, o.size, o.content_type AS "contentType",
           o.width, o.height, o.object_key AS "objectKey", o.created_at AS "originalCreatedAt"
      FROM i JOIN originals o ON o.account_id = i.account_id AND o.id = i.original_id`;
}

function toClaimedJob(row: Claimed): ClaimedJob {
  const { jobId, accountId, lease, attempt, maxAttempts, ...rest } = row;
  const { sha256, size, contentType, width, height, objectKey, originalCreatedAt, ...stored } = rest;
  const original: OriginalRow = {
    id: stored.originalId,
    sha256,
    size: Number(size),
    contentType,
    width,
    height,
    objectKey,
    createdAt: originalCreatedAt,
  };
  const image = toImage(stored);
  return { id: jobId, accountId, imageId: image.id, lease, attempt, maxAttempts, image, original };
}

function toEvent({ accountId, imageId, attempt, image }: ClaimedJob): AccountEvent {
  const { projectId } = image;
  return { accountId, event: { type: 'image.processing', imageId, projectId, state: 'processing', attempt } };
}

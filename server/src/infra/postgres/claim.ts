import type { ClaimedJob, OriginalRow } from '../../ports/index.ts';
import type { Database } from './database.ts';
import { imageColumns, type StoredImage, toImage } from './imageRow.ts';
import { type AccountEvent, publish } from './jobEvents.ts';
import { type Patience, withPatience } from './patience.ts';
import { type Sql, type Statement, sql, together } from './sql.ts';
import { endTurns, headOfLine, PRIORITIES } from './turns.ts';

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
  readonly layout: ClaimedJob['layout'];
}

/**
 * Accounts take turns: while work of one waits, none is served twice. One whose jobs are held by others, were
 * canceled or rest, leaves its turn to the next.
 */
export async function claimJobs(db: Database, limit: number, leaseMs: number): Promise<ClaimedJob[]> {
  const jobs: ClaimedJob[] = [];
  const leaveOut = new Set<string>();
  for (let more = true; more; ) {
    const open = limit - jobs.length;
    // Each round commits by itself: places in the line are taken in the order of their accounts, and a further
    // round that still held those of the one before would take them out of order.
    const round = await withPatience(db, (tx, patience) => goRound(tx, open, leaseMs, patience, leaveOut), {
      readsFirst: true,
    }).catch((error: unknown) => {
      // What an earlier round took is leased to this caller, who must hear of it.
      if (jobs.length === 0) throw error;
      return undefined;
    });
    if (!round) break;
    jobs.push(...round.jobs);
    for (const accountId of round.leaveOut) leaveOut.add(accountId);
    more = round.more;
  }
  return jobs;
}

interface Round {
  readonly jobs: readonly ClaimedJob[];
  /** Accounts that gave nothing, or are held by others. */
  readonly leaveOut: readonly string[];
  /** Those behind in the line may have jobs for what is still open. */
  readonly more: boolean;
}

async function goRound(
  tx: Sql,
  limit: number,
  leaseMs: number,
  patience: Patience,
  leaveOut: ReadonlySet<string>,
): Promise<Round> {
  const turns = await tx.rows<Turn>(pickDue(limit, [...patience.leaveOut, ...leaveOut]));
  const picked = turns.filter((turn): turn is Picked => turn.id !== null);
  const perAccount = Map.groupBy(turns, ({ accountId }) => accountId);
  const served = new Map([...perAccount].map(([accountId, picks]) => [accountId, picks[0]?.id != null]));
  const [jobs] = await together([
    take(tx, picked, leaseMs),
    endTurns(tx, served),
    publish(tx, picked.map(toEvent), patience),
  ]);
  const empty = [...served].filter(([, gave]) => !gave).map(([accountId]) => accountId);
  const gaveAll = [...perAccount.values()].some((picks) => picks.length === picks[0]?.part);
  return {
    jobs,
    leaveOut: [...patience.leaveOut, ...empty],
    more: picked.length < limit && (empty.length > 0 || gaveAll),
  };
}

/** An account has its turn: one job that it gives, or none. */
interface Turn {
  readonly accountId: string;
  /** Null when there is nothing that can be taken, and so is what is said of the job. */
  readonly id: string | null;
  readonly imageId: string | null;
  readonly projectId: string | null;
  readonly attempt: number | null;
  /** How many the account might have given. */
  readonly part: number;
}

interface Picked extends Turn {
  readonly id: string;
  readonly imageId: string;
  readonly attempt: number;
}

async function take(tx: Sql, picked: readonly Picked[], leaseMs: number): Promise<ClaimedJob[]> {
  const ids = picked.map(({ id }) => id);
  if (ids.length === 0) return [];
  const rows = await tx.rows<Claimed>(takeLeases(ids, leaseMs));
  return rows.map(toClaimedJob).toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
}

/** Ids of due jobs, in the order of the line, without taking them: the most urgent of each account. */
export function listDue(limit: number): Statement {
  return sql`
    SELECT due.id FROM (${headOfLine(limit, [])}) line
      JOIN accounts a ON a.id = line.account_id AND a.suspended_at IS NULL
     CROSS JOIN LATERAL (${dueOf(sql`1`, sql``)}) due`;
}

/**
 * The one place that says which jobs are next. Each account at the head of the line gives as many as make its part
 * of the limit, its own urgent ones first: priorities order the work of one account, they do not pass another's.
 */
function pickDue(limit: number, leaveOut: readonly string[]): Statement {
  // Rows that others hold are passed over, the image's too: whoever cancels holds the image and then comes for
  // the job, and to wait for the image here would be a deadlock.
  const hold = sql`FOR UPDATE OF j, i SKIP LOCKED`;
  return sql`
    SELECT line.account_id AS "accountId", due.id, due.image_id AS "imageId", due.project_id AS "projectId",
           due.attempt, line.part
      FROM (SELECT account_id, greatest(1, ${limit}::integer / (count(*) OVER ())::integer) AS part
              FROM (${headOfLine(limit, leaveOut)}) head) line
      JOIN accounts a ON a.id = line.account_id
      LEFT JOIN LATERAL (${dueOf(sql`line.part`, hold)}) due ON a.suspended_at IS NULL`;
}

/** Of the account of `line`, which stands beside. */
function dueOf(limit: Statement, hold: Statement): Statement {
  return sql`
    SELECT found.* FROM ${PRIORITIES}
     CROSS JOIN LATERAL (
           SELECT j.id, j.image_id, i.project_id, j.attempt FROM jobs j
             JOIN images i ON i.account_id = j.account_id AND i.id = j.image_id
            WHERE j.account_id = line.account_id AND j.state = 'queued' AND j.priority = p.priority
              AND j.run_at <= statement_timestamp()
            ORDER BY j.run_at, j.id LIMIT ${limit} ${hold}) found
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
           o.width, o.height, o.object_key AS "objectKey", o.created_at AS "originalCreatedAt", i.layout
      FROM i JOIN originals o ON o.account_id = i.account_id AND o.id = i.original_id`;
}

function toClaimedJob(row: Claimed): ClaimedJob {
  const { jobId, accountId, lease, attempt, maxAttempts, layout, ...rest } = row;
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
  return { id: jobId, accountId, imageId: image.id, lease, attempt, maxAttempts, image, original, layout };
}

function toEvent({ accountId, imageId, projectId, attempt: before }: Picked): AccountEvent {
  const attempt = before + 1;
  return { accountId, event: { type: 'image.processing', imageId, projectId, state: 'processing', attempt } };
}

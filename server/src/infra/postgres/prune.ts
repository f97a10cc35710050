import type { UploadsEnded } from '../../ports/index.ts';
import type { Database } from './database.ts';
import { first, sql } from './sql.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** How far back a stream can resume; the contract promises it. */
export const EVENT_RETENTION_MS = 7 * DAY_MS;
/** How long it is known where an act came from; the contract promises it. */
const ORIGIN_RETENTION_MS = 90 * DAY_MS;
/** How long an old link is told to be old, and not unknown. */
const TICKET_RETENTION_MS = 30 * DAY_MS;
/** Rows of one transaction: short enough that nobody waits for it. */
const BATCH = 1_000;
/** Batches of one call and kind; the next call goes on. */
const MAX_BATCHES = 20;

/**
 * Removes what has outlived its retention: idempotency keys, events, where acts came from, sessions of browsers,
 * and links. In small batches.
 */
export async function prune(db: Database, now: Date): Promise<number> {
  const eventsBefore = new Date(now.getTime() - EVENT_RETENTION_MS);
  const originsBefore = new Date(now.getTime() - ORIGIN_RETENTION_MS);
  const ticketsBefore = new Date(now.getTime() - TICKET_RETENTION_MS);
  const batches = [
    () => pruneKeys(db, now),
    () => pruneEvents(db, eventsBefore),
    () => pruneOrigins(db, originsBefore),
    () => pruneSessions(db, now),
    () => pruneTickets(db, ticketsBefore),
  ];
  let total = 0;
  for (const batch of batches) total += await repeat(batch);
  return total;
}

async function repeat(batch: () => Promise<number>): Promise<number> {
  let total = 0;
  for (let i = 0; i < MAX_BATCHES; i++) {
    const removed = await batch();
    total += removed;
    if (removed < BATCH) break;
  }
  return total;
}

function pruneKeys(db: Database, now: Date): Promise<number> {
  return db.pool.run(sql`
    DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM idempotency_keys WHERE expires_at <= ${now} ORDER BY expires_at ${first(BATCH)}))`);
}

function pruneOrigins(db: Database, before: Date): Promise<number> {
  return db.pool.run(sql`
    DELETE FROM audit_origins WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM audit_origins WHERE at <= ${before} ORDER BY at ${first(BATCH)}))`);
}

function pruneSessions(db: Database, now: Date): Promise<number> {
  return db.pool.run(sql`
    DELETE FROM browser_sessions WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM browser_sessions WHERE ends_at <= ${now} ORDER BY ends_at ${first(BATCH)}))`);
}

function pruneTickets(db: Database, before: Date): Promise<number> {
  return db.pool.run(sql`
    DELETE FROM checkout_tickets WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM checkout_tickets WHERE expires_at <= ${before} ORDER BY expires_at ${first(BATCH)}))`);
}

export function listStaleUploads(
  db: Database,
  { pendingBefore, settledBefore }: UploadsEnded,
  limit: number,
): Promise<{ id: string; accountId: string; objectKey: string }[]> {
  const columns = sql`id, account_id AS "accountId", object_key AS "objectKey"`;
  return db.pool.rows(sql`
    (SELECT ${columns} FROM uploads WHERE state = 'pending' AND expires_at < ${pendingBefore}
      ORDER BY expires_at ${first(limit)})
    UNION ALL
    (SELECT ${columns} FROM uploads WHERE state <> 'pending' AND expires_at < ${settledBefore}
      ORDER BY expires_at ${first(limit)})
    LIMIT ${limit}`);
}

export async function forgetUploads(
  db: Database,
  { pendingBefore, settledBefore }: UploadsEnded,
  ids: readonly string[],
): Promise<void> {
  // What somebody has in hand is passed over: they hold several uploads, and come for more.
  await db.pool.run(sql`
    DELETE FROM uploads WHERE id = ANY (ARRAY(
      SELECT id FROM uploads
       WHERE id = ANY(${ids}::text[])
         AND expires_at < CASE WHEN state = 'pending' THEN ${pendingBefore}::timestamptz
                               ELSE ${settledBefore}::timestamptz END
         FOR UPDATE SKIP LOCKED))`);
}

/**
 * Takes the oldest events, and per account all below the newest of them: what is left has no gap, and
 * `pruned_to` says where it begins. Each account by itself: whoever waits for the head of one holds no other.
 */
async function pruneEvents(db: Database, before: Date): Promise<number> {
  const oldest = await db.pool.rows<{ accountId: string; seq: string }>(sql`
    SELECT account_id AS "accountId", seq FROM events WHERE at <= ${before} ORDER BY at ${first(BATCH)}`);
  const upTo = new Map<string, number>();
  for (const { accountId, seq } of oldest) {
    upTo.set(accountId, Math.max(upTo.get(accountId) ?? 0, Number(seq)));
  }
  let removed = 0;
  for (const [accountId, seq] of upTo) {
    removed += await db.pool.run(sql`
      WITH head AS (
        UPDATE event_heads SET pruned_to = greatest(pruned_to, ${seq}) WHERE account_id = ${accountId}
        RETURNING account_id)
      DELETE FROM events USING head WHERE events.account_id = head.account_id AND seq <= ${seq}`);
  }
  return removed;
}

import { randomUUID } from 'node:crypto';
import type { ClaimedEvent, EventClaim, FailedEvents, PaymentsTx } from '../../../ports/index.ts';
import type { Database } from '../database.ts';
import { first, type Sql, sql, storable } from '../sql.ts';

const OPEN = sql`state IN ('received', 'unknown')`;

/** Which of those that are due is claimed, and with which others. */
export function claimEvents(db: Database, limit: number, leaseMs: number): Promise<EventClaim | undefined> {
  return db.transaction(async (tx) => {
    const [next] = await tx.rows<{ id: string; customerId: string | null; attempts: number }>(sql`
      SELECT id, customer_id AS "customerId", attempts FROM stripe_events
       WHERE ${OPEN} AND due_at <= clock_timestamp()
       ORDER BY due_at, id ${first(1)} FOR UPDATE SKIP LOCKED`);
    if (!next) return undefined;
    const { customerId } = next;
    const alone = customerId === null || next.attempts > 0;
    const ids = alone ? [next.id] : [next.id, ...(await freshOf(tx, customerId, limit - 1))];
    const lease = randomUUID();
    const events = await tx.rows<ClaimedEvent>(sql`
      UPDATE stripe_events
         SET lease = ${lease}, attempts = attempts + 1,
             due_at = clock_timestamp() + ${leaseMs} * interval '1 ms'
       WHERE id = ANY (${ids}::text[])
      RETURNING id, type, payload, received_at AS "receivedAt", attempts`);
    return { lease, customerId, events };
  });
}

/** New ones of the same customer; what failed before comes by itself, since one of them may be what fails. */
async function freshOf(tx: Sql, customerId: string, limit: number): Promise<string[]> {
  const rows = await tx.rows<{ id: string }>(sql`
    SELECT id FROM stripe_events
     WHERE customer_id = ${customerId} AND ${OPEN} AND attempts = 0 AND due_at <= clock_timestamp()
     LIMIT ${limit} FOR UPDATE SKIP LOCKED`);
  return rows.map(({ id }) => id);
}

export async function failEvents(
  db: Sql,
  lease: string,
  { detail, retryAt, counts }: FailedEvents,
): Promise<void> {
  await db.run(sql`
    UPDATE stripe_events
       SET lease = NULL, detail = ${storable(detail)}, attempts = attempts - ${counts ? 0 : 1}, due_at = coalesce(${retryAt}, due_at),
           state = CASE WHEN ${retryAt}::timestamptz IS NULL THEN 'parked' ELSE state END,
           ended_at = CASE WHEN ${retryAt}::timestamptz IS NULL THEN now() END
     WHERE lease = ${lease} AND ${OPEN}`);
}

export async function wakeUnknown(db: Sql, customerIds: readonly string[]): Promise<void> {
  await db.run(sql`
    UPDATE stripe_events SET due_at = clock_timestamp()
     WHERE customer_id = ANY (${customerIds}::text[]) AND state = 'unknown' AND lease IS NULL`);
}

type EventsOfTx = Pick<PaymentsTx, 'holdEvents' | 'finishEvents' | 'postponeEvents'>;

export function eventsOfTx(tx: Sql): EventsOfTx {
  return {
    async holdEvents(lease) {
      const rows = await tx.rows<{ id: string }>(sql`
        SELECT id FROM stripe_events WHERE lease = ${lease} AND ${OPEN} FOR UPDATE`);
      return rows.map(({ id }) => id);
    },

    async finishEvents(ids, state, detail) {
      await tx.run(sql`
        UPDATE stripe_events SET state = ${state}, lease = NULL, detail = ${detail}, ended_at = now()
         WHERE id = ANY (${ids}::text[])`);
    },

    async postponeEvents(ids, dueAt, detail) {
      await tx.run(sql`
        UPDATE stripe_events
           SET state = 'unknown', lease = NULL, attempts = 0, due_at = ${dueAt}, detail = ${detail}
         WHERE id = ANY (${ids}::text[])`);
    },
  };
}

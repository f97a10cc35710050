import type { StripeEventRow, StripeEventsTx } from '../../../ports/index.ts';
import { first, type Sql, sql } from '../sql.ts';

const EVENT = sql`
  id, type, customer_id AS "customerId", state, attempts, detail, created_at AS "createdAt",
  received_at AS "receivedAt", ended_at AS "endedAt", to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS place`;

export function stripeEventsOn(db: Sql): StripeEventsTx {
  return {
    list(state, limit, after) {
      const behind =
        after === null ? sql`` : sql`AND (received_at, id) < (${after.receivedAt}::timestamptz, ${after.id})`;
      return db.rows(sql`
        SELECT ${EVENT} FROM stripe_events WHERE state = ${state} ${behind}
         ORDER BY received_at DESC, id DESC ${first(limit)}`);
    },

    async get(id) {
      const [row] = await db.rows<StripeEventRow>(sql`SELECT ${EVENT} FROM stripe_events WHERE id = ${id}`);
      return row;
    },

    async move(id, from, to, detail) {
      const [row] = await db.rows<StripeEventRow>(sql`
        UPDATE stripe_events
           SET state = ${to}, detail = ${detail}, attempts = CASE WHEN ${to} = 'received' THEN 0 ELSE attempts END,
               due_at = clock_timestamp(), ended_at = CASE WHEN ${to} = 'ignored' THEN now() END
         WHERE id = ${id} AND state = ANY (${from}::text[])
        RETURNING ${EVENT}`);
      return row;
    },
  };
}

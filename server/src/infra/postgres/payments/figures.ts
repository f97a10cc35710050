import type { EventFigures, MeterFigures, PaymentsAdminTx } from '../../../ports/index.ts';
import { first, type Sql, type Statement, sql } from '../sql.ts';

/** What operators are told of payments. Each number is read from one end of an index. */
/** As its index has it, along which claims are not planned. */
const WAITING = sql`(CASE WHEN state = 'due' THEN delivered_at END)`;

export function paymentFiguresOn(db: Sql): PaymentsAdminTx {
  return {
    async events(most) {
      const count = (state: string) => countOf(sql`stripe_events WHERE state = ${state}`, most);
      const [row] = await db.rows<EventFigures>(sql`
        SELECT ${count('received')} AS received, ${count('unknown')} AS unknown, ${count('parked')} AS parked,
               (SELECT max(newest.received_at)
                  FROM unnest(ARRAY['received', 'unknown', 'handled', 'parked', 'ignored']) AS s (state)
                 CROSS JOIN LATERAL (SELECT received_at FROM stripe_events e WHERE e.state = s.state
                                      ORDER BY received_at DESC, id DESC ${first(1)}) newest) AS "lastReceivedAt",
               (SELECT received_at FROM stripe_events WHERE state = 'received'
                 ORDER BY received_at, id ${first(1)}) AS "oldestWaitingAt"`);
      return row ?? { received: 0, unknown: 0, parked: 0, lastReceivedAt: null, oldestWaitingAt: null };
    },

    async meters(most) {
      const [row] = await db.rows<MeterFigures>(sql`
        SELECT ${countOf(sql`meter_events WHERE state = 'due'`, most)} AS waiting,
               ${countOf(sql`meter_events WHERE state = 'parked'`, most)} AS parked,
               (SELECT ${WAITING} FROM meter_events WHERE ${WAITING} IS NOT NULL
                 ORDER BY ${WAITING} ${first(1)}) AS "oldestWaitingAt"`);
      return row ?? { waiting: 0, parked: 0, oldestWaitingAt: null };
    },

    async lastCheck() {
      const [row] = await db.rows<{ endedAt: Date; compared: number; drift: number }>(sql`
        SELECT ended_at AS "endedAt", compared, json_array_length(drift) AS drift
          FROM stripe_checks WHERE ended_at IS NOT NULL ORDER BY started_at DESC ${first(1)}`);
      return row ?? null;
    },
  };
}

function countOf(rows: Statement, most: number): Statement {
  return sql`(SELECT count(*)::integer FROM (SELECT 1 FROM ${rows} ${first(most)}) rows)`;
}

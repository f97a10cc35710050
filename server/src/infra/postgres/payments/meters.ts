import type { DueMeter, PaymentJobs } from '../../../ports/index.ts';
import { first, type Sql, sql, storable } from '../sql.ts';

type Meters = Pick<PaymentJobs, 'addMeters' | 'claimMeters' | 'markMeterSent' | 'failMeter'>;

export function metersOn(db: Sql): Meters {
  return {
    /** When it was delivered, the ledger says. */
    async addMeters(entries) {
      await db.run(sql`
        INSERT INTO meter_events (account_id, entry_id, delivered_at)
        SELECT l.account_id, l.id, l.ended_at
          FROM json_to_recordset(${JSON.stringify(entries)}::json) AS e ("accountId" text, "entryId" text)
          JOIN ledger l ON l.account_id = e."accountId" AND l.id = e."entryId"
         WHERE l.state = 'settled' AND l.overage
            ON CONFLICT DO NOTHING`);
    },

    async claimMeters(limit, leaseMs) {
      return db.rows<DueMeter>(sql`
        WITH due AS MATERIALIZED (
          SELECT account_id, entry_id FROM meter_events
           WHERE state = 'due' AND due_at <= clock_timestamp()
           ORDER BY due_at, entry_id ${first(limit)} FOR UPDATE SKIP LOCKED)
        UPDATE meter_events m
           SET attempts = attempts + 1, due_at = clock_timestamp() + ${leaseMs} * interval '1 ms'
          FROM due LEFT JOIN billing_accounts b ON b.account_id = due.account_id
         WHERE m.account_id = due.account_id AND m.entry_id = due.entry_id
        RETURNING m.account_id AS "accountId", m.entry_id AS "entryId", m.delivered_at AS "deliveredAt",
                  m.attempts, b.customer_id AS "customerId"`);
    },

    async markMeterSent(accountId, entryId) {
      await db.run(sql`
        UPDATE meter_events SET state = 'sent', sent_at = now(), detail = NULL
         WHERE account_id = ${accountId} AND entry_id = ${entryId} AND state <> 'sent'`);
    },

    async failMeter({ accountId, entryId }, { detail, retryAt, counts }) {
      await db.run(sql`
        UPDATE meter_events
           SET attempts = attempts - ${counts ? 0 : 1}, detail = ${storable(detail)}, due_at = coalesce(${retryAt}, due_at),
               state = CASE WHEN ${retryAt}::timestamptz IS NULL THEN 'parked' ELSE state END
         WHERE account_id = ${accountId} AND entry_id = ${entryId} AND state = 'due'`);
    },
  };
}

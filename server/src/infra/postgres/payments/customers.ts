import type { HeldCustomer, PaymentsTx, PlanStanding, SubscriptionRow } from '../../../ports/index.ts';
import { auditOn } from '../audit.ts';
import { appendEvents } from '../events.ts';
import { first, type Sql, type Statement, sql } from '../sql.ts';
import { eventsOfTx } from './events.ts';

export const SUBSCRIPTION = sql`
  s.id, s.plan, s.status, s.period_start AS "periodStart", s.period_end AS "periodEnd",
  s.cancel_at_period_end AS "cancelAtPeriodEnd", s.past_due_since AS "pastDueSince",
  s.grace_ends_at AS "graceEndsAt", s.next_plan AS "nextPlan"`;
export const OVER = sql`('canceled', 'incomplete_expired')`;

export function paymentsTx(tx: Sql): PaymentsTx {
  return {
    ...eventsOfTx(tx),

    async lockCustomer(customerId) {
      return one(
        tx,
        sql`SELECT ${HELD} FROM billing_accounts b WHERE customer_id = ${customerId} FOR UPDATE`,
      );
    },

    async adoptCustomer(accountId, customerId, read) {
      return one(
        tx,
        sql`
          INSERT INTO billing_accounts AS b (account_id, customer_id)
          SELECT id, ${customerId} FROM accounts WHERE id = ${accountId}
              ON CONFLICT (account_id) DO UPDATE SET customer_id = excluded.customer_id, updated_at = now()
           WHERE b.customer_id IS NULL AND b.stripe_read < ${read}
          RETURNING ${HELD}`,
      );
    },

    async forgetCustomer(accountId) {
      await tx.run(sql`
        UPDATE billing_accounts
           SET former_customer_id = customer_id, customer_id = NULL, updated_at = now()
         WHERE account_id = ${accountId}`);
    },

    async planStanding(accountId): Promise<PlanStanding> {
      const [account] = await tx.rows<Omit<PlanStanding, 'subscriptions'>>(sql`
        SELECT a.plan AS "basePlan", b.subscribed_plan AS "subscribedPlan"
          FROM accounts a LEFT JOIN billing_accounts b ON b.account_id = a.id WHERE a.id = ${accountId}`);
      if (!account) throw new Error(`there is no account ${accountId}`);
      const subscriptions = await tx.rows<SubscriptionRow>(sql`
        SELECT ${SUBSCRIPTION} FROM subscriptions s WHERE account_id = ${accountId} AND status NOT IN ${OVER}`);
      return { ...account, subscriptions };
    },

    async saveSubscriptions(accountId, read, subscriptions) {
      await tx.run(sql`
        UPDATE billing_accounts SET stripe_read = ${read.number}, updated_at = now() WHERE account_id = ${accountId}`);
      await tx.run(sql`
        UPDATE subscriptions SET status = 'canceled', past_due_since = NULL, grace_ends_at = NULL, next_plan = NULL,
               updated_at = now()
         WHERE account_id = ${accountId} AND status NOT IN ${OVER}
           AND id <> ALL (${subscriptions.map(({ id }) => id)}::text[])`);
      if (subscriptions.length === 0) return;
      await tx.run(sql`
        INSERT INTO subscriptions
          (account_id, id, plan, status, period_start, period_end, cancel_at_period_end, past_due_since,
           grace_ends_at, next_plan, created_at, synced_at)
        SELECT ${accountId}, s.id, s.plan, s.status, s."periodStart", s."periodEnd", s."cancelAtPeriodEnd",
               s."pastDueSince", s."graceEndsAt", s."nextPlan", s."createdAt", ${read.beganAt}::timestamptz
          FROM json_to_recordset(${JSON.stringify(subscriptions)}::json) AS s
               (id text, plan text, status text, "periodStart" timestamptz, "periodEnd" timestamptz,
                "cancelAtPeriodEnd" boolean, "pastDueSince" timestamptz, "graceEndsAt" timestamptz, "nextPlan" text,
                "createdAt" timestamptz)
            ON CONFLICT (account_id, id) DO UPDATE
           SET plan = excluded.plan, status = excluded.status, period_start = excluded.period_start,
               period_end = excluded.period_end, cancel_at_period_end = excluded.cancel_at_period_end,
               past_due_since = excluded.past_due_since, grace_ends_at = excluded.grace_ends_at,
               next_plan = excluded.next_plan,
               synced_at = excluded.synced_at, updated_at = now()`);
    },

    async noteSubscribed(accountId, { plan, endsAt }) {
      await tx.run(sql`
        UPDATE billing_accounts SET subscribed_plan = ${plan}, plan_ends_at = ${endsAt}, updated_at = now()
         WHERE account_id = ${accountId}`);
    },

    async lockEndedPlan(now) {
      const [row] = await tx.rows<{ accountId: string }>(sql`
        SELECT account_id AS "accountId" FROM billing_accounts
         WHERE plan_ends_at <= ${now} ORDER BY plan_ends_at ${first(1)} FOR UPDATE SKIP LOCKED`);
      return row?.accountId;
    },

    async publish(accountId, events) {
      await appendEvents(tx, [{ accountId, events }], [{ kind: 'events', accountId }]);
    },

    audit: auditOn(tx).add,
  };
}

// A bigint comes as text; the number of reads stays far below 2^53.
const HELD = sql`b.account_id AS "accountId", b.stripe_read::text AS read`;

async function one(tx: Sql, statement: Statement): Promise<HeldCustomer | undefined> {
  const [row] = await tx.rows<{ accountId: string; read: string }>(statement);
  return row && { accountId: row.accountId, read: Number(row.read) };
}

import type { AcceptedChange, RunningSubscription, StripeTx, StripeWriteRow } from '../../../ports/index.ts';
import { first, type Sql, sql } from '../sql.ts';
import { OVER } from './customers.ts';

const WRITE = sql`id, kind, ref, request, state, answer, created_at AS "createdAt"`;

const CHARGED: readonly string[] = ['active', 'trialing', 'past_due'];

export function stripeOn(db: Sql): StripeTx {
  return {
    async addEvent({ id, type, customerId, apiVersion, createdAt, payload }) {
      // Without a target: requests may not read what is there.
      const added = await db.run(sql`
        INSERT INTO stripe_events (id, type, customer_id, api_version, created_at, payload)
        VALUES (${id}, ${type}, ${customerId}, ${apiVersion}, ${createdAt}, ${JSON.stringify(payload)})
            ON CONFLICT DO NOTHING`);
      return added > 0;
    },

    async customer(owner) {
      const [row] = await db.rows<{ customerId: string | null; formerCustomerId: string | null }>(sql`
        SELECT customer_id AS "customerId", former_customer_id AS "formerCustomerId"
          FROM billing_accounts WHERE account_id = ${owner}`);
      return row ?? { customerId: null, formerCustomerId: null };
    },

    async setCustomer(owner, customerId) {
      await db.run(sql`
        INSERT INTO billing_accounts AS b (account_id, customer_id) VALUES (${owner}, ${customerId})
            ON CONFLICT (account_id) DO UPDATE SET customer_id = excluded.customer_id, updated_at = now()
         WHERE b.customer_id IS NULL`);
      const [row] = await db.rows<{ customerId: string }>(sql`
        SELECT customer_id AS "customerId" FROM billing_accounts WHERE account_id = ${owner}`);
      return row?.customerId ?? customerId;
    },

    async subscription(owner) {
      const rows = await db.rows<RunningSubscription>(sql`
        SELECT id, plan, next_plan AS "nextPlan", status FROM subscriptions
         WHERE account_id = ${owner} AND status NOT IN ${OVER}`);
      // Of several, one that is charged for: what is canceled must not be another.
      return rows.find(({ status }) => CHARGED.includes(status)) ?? rows[0];
    },

    async startWrite(owner, { id, kind, ref, request }) {
      await db.run(sql`
        INSERT INTO stripe_writes (account_id, id, kind, ref, request)
        VALUES (${owner}, ${id}, ${kind}, ${ref}, ${JSON.stringify(request)})
            ON CONFLICT (account_id, kind, ref) DO NOTHING`);
      const [row] = await db.rows<StripeWriteRow>(sql`
        SELECT ${WRITE} FROM stripe_writes WHERE account_id = ${owner} AND kind = ${kind} AND ref = ${ref}`);
      if (!row) throw new Error(`the write ${kind} ${ref} was not kept`);
      return row;
    },

    async endWrite(owner, id, state, answer) {
      await db.run(sql`
        UPDATE stripe_writes SET state = ${state}, answer = ${JSON.stringify(answer)}, updated_at = now()
         WHERE account_id = ${owner} AND id = ${id}`);
    },

    async acceptedChange(owner, subscriptionId) {
      const [change] = await db.rows<AcceptedChange>(sql`
        SELECT w.kind, w.request->>'plan' AS plan
          FROM (SELECT kind, request, updated_at FROM stripe_writes
                 WHERE account_id = ${owner} AND kind IN ('cancel', 'resume', 'change_plan') AND state = 'done'
                 ORDER BY id DESC ${first(1)}) w
          JOIN subscriptions s ON s.account_id = ${owner} AND s.id = w.request->>'subscriptionId'
         WHERE s.id = ${subscriptionId} AND w.updated_at > s.synced_at`);
      return change;
    },

    openCheckouts: (owner) =>
      db.rows<StripeWriteRow>(sql`
        SELECT ${WRITE} FROM stripe_writes
         WHERE account_id = ${owner} AND kind = 'checkout' AND state IN ('started', 'done')`),
  };
}

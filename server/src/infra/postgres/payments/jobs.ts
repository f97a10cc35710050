import type { KnownSubscription, PaymentJobs } from '../../../ports/index.ts';
import { openDatabase } from '../database.ts';
import { drainOutbox } from '../outbox.ts';
import { first, type Sql, sql } from '../sql.ts';
import type { StoreOptions } from '../store.ts';
import { OVER, paymentsTx, SUBSCRIPTION } from './customers.ts';
import { claimEvents, failEvents, wakeUnknown } from './events.ts';
import { metersOn } from './meters.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** What Stripe has sent is kept so long, for whoever has to find out what happened; of the event stays that it came. */
export const PAYLOAD_RETENTION_MS = 30 * DAY_MS;
/** Stripe forgets keys after a day; what we asked is kept as long as what we were told. */
const WRITE_RETENTION_MS = PAYLOAD_RETENTION_MS;
/** A comparison that has not ended by then failed, and is begun anew. */
const FAILED_CHECK_MS = 60 * 60_000;
/** Rows of one statement. */
const BATCH = 1_000;
/** For one comparison at a time. An arbitrary number, of this project's own. */
const CHECK_LOCK = 0x73_74_63_68;

/** What Stripe tells and has to be told, as workers see it. */
export function createPostgresPaymentJobs(options: StoreOptions): PaymentJobs {
  const db = openDatabase({
    applicationName: 'stager-payments',
    statementTimeoutMs: 30_000,
    idleInTransactionMs: 15_000,
    ...options,
  });
  const { pool } = db;
  return {
    ...metersOn(pool),
    claimEvents: (limit, leaseMs) => claimEvents(db, limit, leaseMs),
    failEvents: (lease, failure) => failEvents(pool, lease, failure),
    wakeUnknown: (customerIds) => wakeUnknown(pool, customerIds),

    async beginRead() {
      const [row] = await pool.rows<{ number: string; beganAt: Date }>(sql`
        SELECT nextval('stripe_reads')::text AS number, clock_timestamp() AS "beganAt"`);
      if (!row) throw new Error('a statement without a table has given no row');
      return { number: Number(row.number), beganAt: row.beganAt };
    },

    transaction: (run) => db.transaction((tx) => run(paymentsTx(tx))),

    listSubscriptions: (ids) =>
      pool.rows<KnownSubscription>(sql`
        SELECT ${SUBSCRIPTION}, s.account_id AS "accountId", b.customer_id AS "customerId"
          FROM subscriptions s LEFT JOIN billing_accounts b ON b.account_id = s.account_id
         WHERE ${ids === 'open' ? sql`s.status NOT IN ${OVER}` : sql`s.id = ANY (${ids}::text[])`}
         ORDER BY s.id`),

    beginCheck: (everyMs) =>
      db.transaction(async (tx) => {
        await tx.run(sql`SELECT pg_advisory_xact_lock(${CHECK_LOCK})`);
        const [row] = await tx.rows<{ id: string }>(sql`
          INSERT INTO stripe_checks (started_at)
          SELECT clock_timestamp()
           WHERE NOT EXISTS (
                 SELECT FROM stripe_checks
                  WHERE started_at > clock_timestamp() - ${everyMs} * interval '1 ms'
                    AND (ended_at IS NOT NULL OR started_at > clock_timestamp() - ${FAILED_CHECK_MS} * interval '1 ms'))
          RETURNING id::text AS id`);
        return row?.id;
      }),

    async endCheck(id, compared, drift) {
      await pool.run(sql`
        UPDATE stripe_checks SET ended_at = now(), compared = ${compared}, drift = ${JSON.stringify(drift)}
         WHERE id = ${id}`);
    },

    drainOutbox: (kinds, limit, handle) => drainOutbox(db, kinds, limit, handle),

    async prune(now) {
      const before = (ms: number) => new Date(now.getTime() - ms);
      const payloads = await forgetPayloads(pool, before(PAYLOAD_RETENTION_MS));
      return payloads + (await forgetWrites(pool, before(WRITE_RETENTION_MS)));
    },

    countEvents: () =>
      pool.rows(sql`SELECT state, count(*)::integer AS count FROM stripe_events
                     WHERE state IN ('received', 'unknown', 'parked') GROUP BY state`),

    check: db.check,
    close: db.close,
  };
}

/** Their ids stay: an event that is sent again then is none. What waits keeps its payload. */
function forgetPayloads(db: Sql, before: Date): Promise<number> {
  return db.run(sql`
    UPDATE stripe_events SET payload = NULL WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM stripe_events
       WHERE payload IS NOT NULL AND state IN ('handled', 'ignored') AND received_at < ${before}
       ORDER BY received_at ${first(BATCH)}))`);
}

function forgetWrites(db: Sql, before: Date): Promise<number> {
  return db.run(sql`
    DELETE FROM stripe_writes WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM stripe_writes WHERE created_at < ${before} ORDER BY created_at ${first(BATCH)}))`);
}

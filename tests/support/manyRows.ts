import pg from 'pg';

export const ROWS = 100_000;
/** Accounts that have rows. */
export const ACCOUNTS = 200;
/** Accounts that have none: with few, the planner reads all of a table that has a row for each, and is right. */
const IDLE = 20_000;

/** The account with a fifth of all rows. */
export const BIG = account(1);
/** Nineteen of twenty of its images are deleted. */
export const DELETED = account(2);

export function account(n: number): string {
  return id('acc', n);
}

export function id(prefix: string, n: number): string {
  return `${prefix}_${String(n).padStart(26, '0')}`;
}

/** Same as `id`, in SQL. */
const sqlId = (prefix: string, n: string) => `'${prefix}_' || lpad((${n})::text, 26, '0')`;
const OWNER = sqlId('acc', 'CASE WHEN i % 5 = 0 THEN 1 ELSE 2 + i % 199 END');
/** The project of row i; its account is that of every row with the same number. */
const PROJECT = sqlId('prj', 'i');
/** Start of the period that began n months before the present one. */
const PERIOD = `now()::date - interval '1 day' - n * interval '30 days'`;
const HASH = (what: string) => `encode(sha256((${what})::text::bytea), 'hex')`;

const FILL = [
  `INSERT INTO accounts (id, name, plan)
   SELECT ${sqlId('acc', 'i')}, 'Account ' || i, 'dev' FROM generate_series(1, ${ACCOUNTS + IDLE}) i`,
  `INSERT INTO members (principal, account_id, id, role)
   SELECT 'auth0|' || i, ${OWNER}, ${sqlId('mem', 'i')}, CASE WHEN i % 7 = 0 THEN 'owner' ELSE 'member' END
     FROM generate_series(1, ${ROWS}) i`,
  // Most were accepted long ago.
  `INSERT INTO invitations (account_id, id, secret_hash, role, invited_by, expires_at, accepted_by)
   SELECT ${OWNER}, ${sqlId('inv', 'i')}, ${HASH('i')}, 'member', 'auth0|1',
          now() + (i - 90000) * interval '1 minute', CASE WHEN i < 90000 THEN 'auth0|' || i END
     FROM generate_series(1, ${ROWS}) i`,
  `INSERT INTO contacts (account_id, subject_id, email)
   SELECT ${OWNER}, ${sqlId('inv', 'i')}, i || '@example.com' FROM generate_series(1, ${ROWS}) i`,
  // A member has twenty of its own.
  `INSERT INTO tokens (account_id, id, secret_hash, principal, name, scopes, expires_at)
   SELECT ${OWNER}, ${sqlId('tok', 'i')}, ${HASH('i')}, 'auth0|' || i % 5000, 'CI', '{images:read}',
          now() + (i - 90000) * interval '1 minute'
     FROM generate_series(1, ${ROWS}) i`,
  // Most have ended long ago.
  `INSERT INTO browser_sessions (account_id, id, secret_hash, principal, scopes, sealed, used_at, confirmed_until, ends_at)
   SELECT ${OWNER}, ${sqlId('ses', 'i')}, ${HASH('i')}, 'auth0|' || i % 5000, '{billing:read}', 's', now() - interval '1 hour',
          now(), now() + (i - 90000) * interval '1 minute'
     FROM generate_series(1, ${ROWS}) i`,
  `INSERT INTO checkout_tickets (account_id, id, plan, created_by, expires_at)
   SELECT ${OWNER}, ${sqlId('tkt', 'i')}, 'pro', 'auth0|' || i % 5000, now() + (i - 90000) * interval '1 minute'
     FROM generate_series(1, ${ROWS}) i`,
  `INSERT INTO projects (account_id, id, name, name_key, deleted_at)
   SELECT ${OWNER}, ${PROJECT}, 'Project ' || i, 'project ' || i, CASE WHEN i % 3 = 0 THEN now() END
     FROM generate_series(1, ${ROWS}) i`,
  `INSERT INTO originals (account_id, id, sha256, size, content_type, width, height, object_key)
   SELECT ${OWNER}, ${sqlId('org', 'i')}, ${HASH('i')}, 1000 + i, 'image/jpeg', 400, 300, 'originals/' || i
     FROM generate_series(1, ${ROWS}) i`,
  `INSERT INTO uploads (account_id, id, sha256, size, content_type, object_key, state, error_code, expires_at)
   SELECT ${OWNER}, ${sqlId('upl', 'i')}, ${HASH('i')}, 1000, 'image/jpeg', 'uploads/' || i,
          CASE WHEN i % 2 = 0 THEN 'pending' ELSE 'rejected' END, CASE WHEN i % 2 = 1 THEN 'x' END,
          now() + (i - 2000) * interval '1 minute'
     FROM generate_series(1, ${ROWS}) i`,
  // A project of the big account holds its oldest images, and one its newest. What is unfinished, failed or
  // canceled is old. The same wish was made, and canceled, over and over.
  `INSERT INTO images (account_id, id, project_id, original_id, name, engine, seed, variation, params, spec_hash,
                       state, error, deleted_at)
   SELECT ${OWNER}, ${sqlId('img', 'i')},
          CASE WHEN i % 5 = 0 THEN ${sqlId('prj', `CASE WHEN i <= ${ROWS / 2} THEN 5 ELSE 10 END`)} END,
          ${sqlId('org', 'i')}, i || '.jpg', 'finish', i, 0, '{"longEdge": 2048}',
          CASE WHEN i % 10 = 0 THEN ${HASH("'again'")} ELSE ${HASH('i')} END, s.state,
          CASE WHEN s.state = 'error' THEN '{"code": "x", "message": "x", "hint": null, "retryable": true}'::json END,
          CASE WHEN i % 5 <> 0 AND i % 199 = 0 AND i % 20 <> 3 OR i % 4 = 1 THEN now() END
     FROM generate_series(1, ${ROWS}) i
    CROSS JOIN LATERAL (SELECT CASE
            WHEN i % 10 = 0 AND i <> 20 THEN 'canceled' WHEN i < 3000 THEN 'queued' WHEN i < 4000 THEN 'processing'
            WHEN i < 6000 THEN 'error' ELSE 'ready' END AS state) s`,
  `INSERT INTO image_outputs (account_id, image_id, name, position, object_key, content_type, size, sha256, width,
                              height)
   SELECT ${OWNER}, ${sqlId('img', 'i')}, 'finished', 1, 'outputs/' || i, 'image/jpeg', 1000, ${HASH('i')}, 400, 300
     FROM generate_series(1, ${ROWS}) i`,
  // Most of what is queued is due much later, and stands in front of what is due by every other measure.
  `INSERT INTO jobs (id, account_id, image_id, priority, state, run_at, max_attempts, lease, lease_until,
                     last_error)
   SELECT ${sqlId('job', 'i')}, ${OWNER}, ${sqlId('img', 'i')}, i % 3,
          CASE WHEN i BETWEEN 4000 AND 5999 THEN 'dead' WHEN i < 70000 THEN 'queued' WHEN i < 75000 THEN 'running' ELSE 'done' END,
          CASE WHEN i < 60000 THEN now() + i * interval '1 second' ELSE now() - i * interval '1 second' END, 3,
          CASE WHEN i BETWEEN 70000 AND 74999 THEN gen_random_uuid() END,
          CASE WHEN i BETWEEN 70000 AND 74999 THEN now() + (i - 70500) * interval '1 minute' END,
          CASE WHEN i BETWEEN 4000 AND 5999 THEN '{"code": "x"}'::json END
     FROM generate_series(1, ${ROWS}) i`,
  // As the triggers would have it, which do not run here.
  `INSERT INTO account_turns (account_id, next_at)
   SELECT a.id, CASE WHEN j.run_at > now() THEN j.run_at WHEN j.run_at IS NOT NULL THEN 'epoch' END
     FROM accounts a
     LEFT JOIN (SELECT account_id, min(run_at) AS run_at FROM jobs WHERE state = 'queued' GROUP BY account_id) j
       ON j.account_id = a.id`,
  `INSERT INTO events (account_id, seq, type, image_id, project_id, data, at)
   SELECT account_id, row_number() OVER (PARTITION BY account_id ORDER BY id), 'image.queued', id, project_id, '{}',
          now() - interval '8 days' + right(id, 8)::int * interval '7 seconds'
     FROM images`,
  `INSERT INTO event_heads (account_id, seq)
   SELECT a.id, coalesce(e.seq, 0)
     FROM accounts a LEFT JOIN (SELECT account_id, max(seq) AS seq FROM events GROUP BY account_id) e ON e.account_id = a.id`,
  // What one kind waits for must not be read through by who looks for the others.
  `INSERT INTO outbox (kind, item)
   SELECT kind, json_build_object('kind', kind) FROM (
     SELECT CASE WHEN i < 90000 THEN 'remove_object' WHEN i % 2 = 0 THEN 'job' ELSE 'events' END AS kind
       FROM generate_series(1, ${ROWS}) i) o`,
  `INSERT INTO idempotency_keys (account_id, operation, key, body_hash, status, expires_at)
   SELECT ${OWNER}, 'createImages', 'key ' || i, 'h', 200, now() + (i - 5000) * interval '1 second'
     FROM generate_series(1, ${ROWS}) i`,
  // The last four months, of which the present one has not ended.
  `INSERT INTO subscriptions (account_id, id, plan, status, period_start, period_end, synced_at)
   SELECT id, 'sub_' || right(id, 26) || n, 'pro', CASE WHEN n = 0 THEN 'active' ELSE 'canceled' END, ${PERIOD},
          ${PERIOD} + interval '30 days', now()
     FROM accounts CROSS JOIN generate_series(0, 3) n WHERE right(id, 8)::int <= ${ACCOUNTS}`,
  `INSERT INTO billing_accounts (account_id, customer_id) SELECT id, 'cus_' || right(id, 26) FROM accounts`,
  `INSERT INTO usage_periods (account_id, period_start, period_end, units)
   SELECT id, ${PERIOD}, ${PERIOD} + interval '30 days', 20000 FROM accounts CROSS JOIN generate_series(0, 3) n`,
  `INSERT INTO usage_days (account_id, period_start, day, project_id, units)
   SELECT DISTINCT ${OWNER}, now()::date - interval '1 day', now()::date - i % 30, ${PROJECT}, 1 + i % 3
     FROM generate_series(1, ${ROWS}) i`,
  // Few of its entries are open, and those of most accounts are none.
  `INSERT INTO ledger (account_id, id, image_id, period_start, state, overage, reserved_at, ended_at, reason)
   SELECT ${OWNER}, ${sqlId('led', 'i')}, ${sqlId('img', 'i')}, now()::date - interval '1 day',
          CASE WHEN i % 5000 = 0 THEN 'reserved' WHEN i % 4 = 0 THEN 'refunded' ELSE 'settled' END, false, now(),
          CASE WHEN i % 5000 <> 0 THEN now() END, CASE WHEN i % 5000 <> 0 THEN 'ready' END
     FROM generate_series(1, ${ROWS}) i`,
  // Most were handled; a few wait, of which some are due.
  `INSERT INTO stripe_events (id, type, customer_id, created_at, received_at, payload, state, due_at)
   SELECT 'evt_' || i, 'invoice.paid', 'cus_' || lpad((1 + i % 199)::text, 26, '0'), now(),
          now() - (${ROWS} - i) * interval '1 minute', CASE WHEN i % 10 = 0 THEN '{}'::json END,
          CASE WHEN i % 1000 = 0 THEN 'received' WHEN i % 1001 = 0 THEN 'parked' ELSE 'handled' END,
          now() + (i - 50000) * interval '1 second'
     FROM generate_series(1, ${ROWS}) i`,
  `INSERT INTO stripe_writes (account_id, id, kind, ref, request, state, created_at)
   SELECT ${OWNER}, ${sqlId('stw', 'i')}, CASE WHEN i % 2 = 0 THEN 'checkout' ELSE 'portal' END, i, '{}',
          CASE WHEN i % 5000 = 0 THEN 'started' ELSE 'closed' END, now() - (${ROWS} - i) * interval '1 minute'
     FROM generate_series(1, ${ROWS}) i`,
  `INSERT INTO stripe_checks (started_at, ended_at, compared, drift)
   SELECT now() - n * interval '1 day', now() - n * interval '1 day', n, '[]' FROM generate_series(2, 3000) n`,
  `INSERT INTO meter_events (account_id, entry_id, delivered_at, state)
   SELECT ${OWNER}, ${sqlId('led', 'i')}, now(), CASE WHEN i % 1000 = 0 THEN 'due' ELSE 'sent' END
     FROM generate_series(1, ${ROWS}) i`,
  `INSERT INTO audit (account_id, principal, action, object_id, at)
   SELECT ${OWNER}, 'auth0|' || i % 5000, CASE WHEN i % 100 = 0 THEN 'project.delete' ELSE 'image.create' END,
          ${sqlId('img', 'i')}, now() - (${ROWS} - i) * interval '1 minute'
     FROM generate_series(1, ${ROWS}) i`,
  // A few of projects are under way; one has most of the findings, of which few were decided about.
  `INSERT INTO reconcile_runs (id, project_id, account_id, requested_by, state, applied_by, changes_max, sentinel, scheduled,
                               created_at, started_at)
   SELECT ${sqlId('rec', 'i')}, CASE WHEN i < 300 OR i % 2 = 0 THEN ${PROJECT} END, ${OWNER}, 'auth0|1',
          CASE WHEN i < 300 THEN 'queued' WHEN i % 10 = 0 THEN 'applied' ELSE 'scanned' END,
          CASE WHEN i % 10 = 0 THEN 'auth0|1' END, 20, i % 1000 = 0, i % 2 = 1,
          now() - (${ROWS} - i) * interval '1 minute', now()
     FROM generate_series(1, ${ROWS}) i`,
  `INSERT INTO reconcile_findings (run_id, seq, account_id, kind, subject, bucket, key, version, repair, state)
   SELECT ${sqlId('rec', 'CASE WHEN i <= 60000 THEN 50000 ELSE i END')}, CASE WHEN i <= 60000 THEN i ELSE 1 END, ${OWNER},
          CASE WHEN i % 2000 = 0 THEN 'missing_output' ELSE 'orphan_object' END, ${sqlId('img', 'i')}, 'photos', 'outputs/' || i,
          '1', 'restage', CASE WHEN i % 10000 = 0 THEN 'skipped' ELSE 'open' END
     FROM generate_series(1, ${ROWS}) i`,
  `INSERT INTO reconcile_kept (run_id, seq, account_id, bucket, key, kept_bucket, kept_key, etag, kept_at)
   SELECT run_id, seq, account_id, 'photos', key, 'photos', 'quarantine/' || key, 'x', now() - (${ROWS} - row_number() OVER (ORDER BY run_id, seq)) * interval '1 minute'
     FROM reconcile_findings`,
  // Few are under way at a time.
  `INSERT INTO account_deletions (id, account, requested_by, due_at, canceled_at)
   SELECT ${sqlId('del', 'i')}, CASE WHEN i <= 3 THEN ${sqlId('acc', '1000 + i')} ELSE ${OWNER} END, 'auth0|1',
          now() + i * interval '1 minute', CASE WHEN i > 3 THEN now() END
     FROM generate_series(1, ${ROWS}) i`,
  `INSERT INTO audit_origins (audit_id, account_id, ip, at)
   SELECT id, account_id, '192.0.2.7', at - interval '60 days' FROM audit`,
];

const GROWING = `SELECT oid FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace`;

/** 100,000 rows of 200 accounts in every table that grows, one account with a fifth of them; then ANALYZE. */
export async function fillManyRows(superuserUrl: string): Promise<void> {
  const client = new pg.Client(superuserUrl);
  await client.connect();
  // Foreign keys hold by construction; checking them would take longer than all the rest.
  await client.query("SET session_replication_role = 'replica'");
  // Indexes are made behind the rows, each at once.
  await client.query(
    `UPDATE pg_index SET indisready = false, indisvalid = false WHERE indrelid IN (${GROWING})`,
  );
  for (const statement of FILL) await client.query(statement);
  await client.query('REINDEX SCHEMA public');
  await client.query('ANALYZE');
  await client.end();
}

import type { Knex } from 'knex';

const TABLES = ['stripe_events', 'stripe_writes', 'stripe_checks', 'meter_events'];
const OWNED = ['stripe_writes', 'meter_events'];

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    -- What Stripe has told us. The row is the work: a worker fetches the object and says what became of it.
    CREATE TABLE stripe_events (
      id text COLLATE "C" PRIMARY KEY,
      type text COLLATE "C" NOT NULL,
      -- NULL where the object names none.
      customer_id text COLLATE "C",
      api_version text COLLATE "C",
      created_at timestamptz NOT NULL,
      received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      -- NULL when it is older than its retention.
      payload json,
      state text COLLATE "C" NOT NULL DEFAULT 'received'
        CHECK (state IN ('received', 'unknown', 'handled', 'parked', 'ignored')),
      -- Counted at the claim: a crash counts.
      attempts integer NOT NULL DEFAULT 0,
      due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      lease uuid,
      -- Why it was not handled the last time, or not as it might seem.
      detail text,
      ended_at timestamptz
    );
    CREATE INDEX stripe_events_due ON stripe_events (due_at, id) WHERE state IN ('received', 'unknown');
    CREATE INDEX stripe_events_of_customer ON stripe_events (customer_id) WHERE state IN ('received', 'unknown');
    CREATE INDEX stripe_events_lease ON stripe_events (lease) WHERE lease IS NOT NULL;
    CREATE INDEX stripe_events_list ON stripe_events (state, received_at DESC, id DESC);
    CREATE INDEX stripe_events_payload ON stripe_events (received_at)
      WHERE payload IS NOT NULL AND state IN ('handled', 'ignored');

    -- Of two reads at Stripe, which began later: what the later one found is newer, whatever arrives first.
    CREATE SEQUENCE stripe_reads;
    ALTER TABLE billing_accounts ADD COLUMN stripe_read bigint NOT NULL DEFAULT 0;
    -- The customer that was deleted at Stripe, if the account had one.
    ALTER TABLE billing_accounts ADD COLUMN former_customer_id text COLLATE "C";
    ALTER TABLE subscriptions ADD COLUMN next_plan text COLLATE "C" CHECK (next_plan IN ('pro', 'business'));

    -- What we asked of Stripe: the id is the idempotency key, and what is repeated is the request as it was.
    CREATE TABLE stripe_writes (
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      id text COLLATE "C" NOT NULL,
      kind text COLLATE "C" NOT NULL CHECK (kind IN ('customer', 'checkout', 'portal', 'cancel', 'resume', 'change_plan')),
      -- What makes two of a kind the same one.
      ref text COLLATE "C" NOT NULL,
      request json NOT NULL,
      state text COLLATE "C" NOT NULL DEFAULT 'started' CHECK (state IN ('started', 'done', 'closed', 'failed')),
      answer json,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (account_id, id),
      UNIQUE (account_id, kind, ref)
    );
    -- Pages to pay at, of which an account has one.
    CREATE INDEX stripe_writes_open ON stripe_writes (account_id, id) WHERE kind = 'checkout' AND state IN ('started', 'done');
    CREATE INDEX stripe_writes_old ON stripe_writes (created_at);

    -- Comparisons of our subscriptions with those at Stripe; what was found to differ stays.
    CREATE TABLE stripe_checks (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      ended_at timestamptz,
      compared integer,
      drift json
    );
    CREATE INDEX stripe_checks_started ON stripe_checks (started_at);

    -- Images above a limit that Stripe has to be told of, by their entry in the ledger.
    CREATE TABLE meter_events (
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      entry_id text COLLATE "C" NOT NULL,
      delivered_at timestamptz NOT NULL,
      state text COLLATE "C" NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'sent', 'parked')),
      attempts integer NOT NULL DEFAULT 0,
      due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      detail text,
      sent_at timestamptz,
      PRIMARY KEY (account_id, entry_id)
    );
    CREATE INDEX meter_events_due ON meter_events (due_at, entry_id) WHERE state = 'due';
  `);
  for (const table of TABLES) {
    await knex.raw(`
      ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
      ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
      CREATE POLICY owner_all ON ${table} TO stager_owner USING (true) WITH CHECK (true);
      CREATE POLICY worker_all ON ${table} TO stager_worker USING (true) WITH CHECK (true)`);
  }
  for (const table of OWNED) {
    await knex.raw(`
      CREATE POLICY api_own ON ${table} TO stager_api
        USING (account_id = current_setting('stager.account', true))
        WITH CHECK (account_id = current_setting('stager.account', true))`);
  }
  await knex.raw(`
    -- Requests only add what Stripe tells; operators look, and say what becomes of what was parked.
    CREATE POLICY api_add ON stripe_events FOR INSERT TO stager_api WITH CHECK (true);
    CREATE POLICY admin_all ON stripe_events TO stager_admin USING (true) WITH CHECK (true);
    CREATE POLICY api_none ON stripe_checks TO stager_api USING (false) WITH CHECK (false);
    GRANT SELECT, INSERT, UPDATE (ended_at, compared, drift) ON stripe_checks TO stager_worker;
    GRANT INSERT (id, type, customer_id, api_version, created_at, payload) ON stripe_events TO stager_api;
    GRANT SELECT, UPDATE, DELETE ON stripe_events TO stager_worker;
    GRANT SELECT, UPDATE (state, attempts, due_at, detail, ended_at) ON stripe_events TO stager_admin;
    GRANT INSERT ON outbox TO stager_admin;
    CREATE POLICY admin_add ON outbox FOR INSERT TO stager_admin WITH CHECK (true);
    GRANT SELECT (plan) ON accounts TO stager_worker;
    GRANT USAGE ON SEQUENCE stripe_reads TO stager_worker;
    GRANT SELECT, INSERT, UPDATE ON stripe_writes TO stager_api;
    GRANT SELECT, DELETE ON stripe_writes TO stager_worker;
    GRANT SELECT, INSERT, UPDATE ON meter_events TO stager_worker;

    ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
    ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check
      CHECK (kind IN ('job', 'events', 'remove_object', 'meter', 'stripe')) NOT VALID;
    ALTER TABLE outbox VALIDATE CONSTRAINT outbox_kind_check;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    DELETE FROM outbox WHERE kind = 'stripe';
    ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
    ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('job', 'events', 'remove_object', 'meter'));
    DROP POLICY admin_add ON outbox;
    REVOKE INSERT ON outbox FROM stager_admin;
    REVOKE SELECT (plan) ON accounts FROM stager_worker;
    DROP TABLE meter_events, stripe_checks, stripe_writes, stripe_events;
    ALTER TABLE subscriptions DROP COLUMN next_plan;
    ALTER TABLE billing_accounts DROP COLUMN former_customer_id, DROP COLUMN stripe_read;
    DROP SEQUENCE stripe_reads`);
}

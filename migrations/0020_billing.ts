import type { Knex } from 'knex';

const TABLES = ['billing_accounts', 'subscriptions', 'ledger', 'usage_periods', 'usage_days'];
/** What workers see over all accounts. */
const OF_WORKERS = ['billing_accounts', 'subscriptions', 'ledger'];

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    CREATE TABLE billing_accounts (
      account_id text COLLATE "C" PRIMARY KEY REFERENCES accounts (id),
      -- At Stripe; NULL until the account has been there.
      customer_id text COLLATE "C" UNIQUE,
      pay_as_you_go boolean NOT NULL DEFAULT false,
      -- Images above the limit that a period may have; NULL: any number.
      pay_as_you_go_cap integer CHECK (pay_as_you_go_cap > 0),
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    );

    -- What Stripe has told of subscriptions, those that have ended among them.
    CREATE TABLE subscriptions (
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      id text COLLATE "C" NOT NULL UNIQUE,
      plan text COLLATE "C" NOT NULL CHECK (plan IN ('free', 'pro', 'business', 'dev')),
      status text COLLATE "C" NOT NULL CHECK (status IN
        ('incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'canceled', 'unpaid', 'paused')),
      period_start timestamptz NOT NULL,
      period_end timestamptz NOT NULL CHECK (period_start < period_end),
      cancel_at_period_end boolean NOT NULL DEFAULT false,
      past_due_since timestamptz,
      -- As of when this is its state.
      synced_at timestamptz NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (account_id, id)
    );

    -- One unit a row: an image that was asked for. It is reserved, and then settled or refunded.
    CREATE TABLE ledger (
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      id text COLLATE "C" NOT NULL,
      image_id text COLLATE "C" NOT NULL,
      project_id text COLLATE "C",
      -- The period of its reservation, whenever it ends.
      period_start timestamptz NOT NULL,
      state text COLLATE "C" NOT NULL DEFAULT 'reserved' CHECK (state IN ('reserved', 'settled', 'refunded')),
      -- Above the limit of the plan: paid by itself.
      overage boolean NOT NULL,
      reserved_at timestamptz NOT NULL,
      ended_at timestamptz,
      -- The state of the image that it ended with.
      reason text COLLATE "C",
      PRIMARY KEY (account_id, id),
      FOREIGN KEY (account_id, image_id) REFERENCES images (account_id, id),
      CHECK ((state = 'reserved') = (ended_at IS NULL)),
      CHECK ((state = 'reserved') = (reason IS NULL))
    );
    -- An image is paid at most once, however often it is tried.
    CREATE UNIQUE INDEX ledger_by_image ON ledger (account_id, image_id) WHERE state <> 'refunded';
    CREATE INDEX ledger_open ON ledger (account_id, period_start, overage, id) WHERE state = 'reserved';

    -- Sums of the ledger: what is reserved or settled. Kept beside it, so that a quota is one row to look at.
    CREATE TABLE usage_periods (
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      period_start timestamptz NOT NULL,
      period_end timestamptz NOT NULL CHECK (period_start < period_end),
      units integer NOT NULL DEFAULT 0,
      overage integer NOT NULL DEFAULT 0,
      -- The limits at which it was told that most, or all, of it is used.
      warned_limit integer,
      exhausted_limit integer,
      PRIMARY KEY (account_id, period_start),
      CHECK (overage >= 0 AND overage <= units)
    ) WITH (fillfactor = 50);
    CREATE INDEX usage_periods_by_end ON usage_periods (account_id, period_end);

    -- The same by the day of the reservation, in UTC, and by project; '' is none.
    CREATE TABLE usage_days (
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      period_start timestamptz NOT NULL,
      day date NOT NULL,
      project_id text COLLATE "C" NOT NULL,
      units integer NOT NULL DEFAULT 0,
      overage integer NOT NULL DEFAULT 0,
      PRIMARY KEY (account_id, period_start, day, project_id),
      CHECK (overage >= 0 AND overage <= units)
    ) WITH (fillfactor = 50);
    CREATE INDEX usage_days_list ON usage_days (account_id, period_start, day DESC, project_id DESC) WHERE units > 0;
  `);
  for (const table of TABLES) {
    await knex.raw(`
      ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
      ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
      CREATE POLICY owner_all ON ${table} TO stager_owner USING (true) WITH CHECK (true);
      CREATE POLICY api_own ON ${table} TO stager_api
        USING (account_id = current_setting('stager.account', true))
        WITH CHECK (account_id = current_setting('stager.account', true))`);
  }
  for (const table of OF_WORKERS) {
    await knex.raw(`CREATE POLICY worker_all ON ${table} TO stager_worker USING (true) WITH CHECK (true)`);
  }
  await knex.raw(`
    -- Whatever is wrong with the API, it gives nobody a plan: subscriptions are written by those who asked Stripe.
    GRANT SELECT ON billing_accounts, subscriptions, ledger, usage_periods, usage_days TO stager_api;
    GRANT INSERT ON billing_accounts, ledger, usage_periods, usage_days TO stager_api;
    GRANT UPDATE (customer_id, pay_as_you_go, pay_as_you_go_cap, updated_at) ON billing_accounts TO stager_api;
    GRANT UPDATE (period_end, units, overage, warned_limit, exhausted_limit) ON usage_periods TO stager_api;
    GRANT UPDATE (units, overage) ON usage_days TO stager_api;
    GRANT SELECT, INSERT, UPDATE ON billing_accounts, subscriptions TO stager_worker;
    GRANT SELECT ON ledger TO stager_worker;

    -- Some events are about the account, not about one of its images.
    ALTER TABLE events ALTER COLUMN image_id DROP NOT NULL;
    ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
    ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check
      CHECK (kind IN ('job', 'events', 'remove_object', 'meter')) NOT VALID;
    ALTER TABLE outbox VALIDATE CONSTRAINT outbox_kind_check;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    DELETE FROM outbox WHERE kind = 'meter';
    ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
    ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check CHECK (kind IN ('job', 'events', 'remove_object'));
    DELETE FROM events WHERE image_id IS NULL;
    ALTER TABLE events ALTER COLUMN image_id SET NOT NULL;
    DROP TABLE usage_days, usage_periods, ledger, subscriptions, billing_accounts`);
}

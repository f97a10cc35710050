import type { Knex } from 'knex';

const TABLES = ['browser_sessions', 'checkout_tickets'];

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    CREATE TABLE browser_sessions (
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      id text COLLATE "C" NOT NULL,
      -- SHA-256 of the cookie.
      secret_hash text COLLATE "C" NOT NULL UNIQUE,
      principal text COLLATE "C" NOT NULL,
      scopes text[] NOT NULL,
      -- Tokens of the issuer and the person's name, encrypted with a key that only the cookie completes.
      sealed text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      used_at timestamptz NOT NULL DEFAULT now(),
      confirmed_until timestamptz NOT NULL,
      ends_at timestamptz NOT NULL,
      -- Somebody is at the issuer with its refresh token, which works once.
      renewing_until timestamptz,
      PRIMARY KEY (account_id, id)
    ) WITH (fillfactor = 70);
    CREATE INDEX browser_sessions_by_end ON browser_sessions (ends_at);

    -- Links to the checkout page. They say what is to be bought for whom, and never who comes with them.
    CREATE TABLE checkout_tickets (
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      id text COLLATE "C" NOT NULL,
      plan text COLLATE "C" NOT NULL,
      created_by text COLLATE "C" NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      used_at timestamptz,
      used_by text COLLATE "C",
      PRIMARY KEY (account_id, id),
      CHECK ((used_at IS NULL) = (used_by IS NULL))
    );
    CREATE INDEX checkout_tickets_by_end ON checkout_tickets (expires_at);
  `);
  for (const table of TABLES) {
    await knex.raw(`
      ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
      ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
      CREATE POLICY owner_all ON ${table} TO stager_owner USING (true) WITH CHECK (true);
      CREATE POLICY api_own ON ${table} TO stager_api
        USING (account_id = current_setting('stager.account', true))
        WITH CHECK (account_id = current_setting('stager.account', true));
      CREATE POLICY worker_all ON ${table} TO stager_worker USING (true) WITH CHECK (true)`);
  }
  await knex.raw(`
    GRANT SELECT, INSERT, DELETE ON browser_sessions TO stager_api;
    GRANT UPDATE (scopes, sealed, used_at, confirmed_until, renewing_until) ON browser_sessions TO stager_api;
    GRANT SELECT, INSERT ON checkout_tickets TO stager_api;
    GRANT UPDATE (used_at, used_by) ON checkout_tickets TO stager_api;
    -- Workers remove what has ended; no tokens are theirs to read.
    GRANT SELECT (ctid, ends_at), DELETE ON browser_sessions TO stager_worker;
    GRANT SELECT (ctid, expires_at), DELETE ON checkout_tickets TO stager_worker;

    CREATE FUNCTION find_browser_session(wanted text) RETURNS SETOF browser_sessions
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
      SELECT s.* FROM public.browser_sessions s WHERE s.secret_hash = wanted
    $$;
    REVOKE ALL ON FUNCTION find_browser_session FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION find_browser_session TO stager_api;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    DROP FUNCTION find_browser_session;
    DROP TABLE checkout_tickets, browser_sessions`);
}

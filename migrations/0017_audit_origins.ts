import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    -- Where acts came from: apart from the audit log, since it speaks of people and can be erased.
    CREATE TABLE audit_origins (
      audit_id bigint PRIMARY KEY REFERENCES audit (id),
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      ip text NOT NULL,
      at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX audit_origins_by_age ON audit_origins (at);
    ALTER TABLE audit_origins ENABLE ROW LEVEL SECURITY;
    ALTER TABLE audit_origins FORCE ROW LEVEL SECURITY;
    CREATE POLICY owner_all ON audit_origins TO stager_owner USING (true) WITH CHECK (true);
    CREATE POLICY api_own ON audit_origins TO stager_api
      USING (account_id = current_setting('stager.account', true))
      WITH CHECK (account_id = current_setting('stager.account', true));
    CREATE POLICY worker_all ON audit_origins TO stager_worker USING (true) WITH CHECK (true);
    CREATE POLICY admin_all ON audit_origins TO stager_admin USING (true) WITH CHECK (true);
    GRANT INSERT ON audit_origins TO stager_api;
    GRANT SELECT, DELETE ON audit_origins TO stager_worker;
    GRANT SELECT, INSERT, DELETE ON audit_origins TO stager_admin;
    -- Entry and origin are written by one statement, which takes their number first.
    GRANT USAGE ON SEQUENCE audit_id_seq TO stager_api, stager_admin;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    REVOKE USAGE ON SEQUENCE audit_id_seq FROM stager_api, stager_admin;
    DROP TABLE audit_origins;
  `);
}

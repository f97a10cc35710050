import type { Knex } from 'knex';

// Copy to NNNN_what.ts with the next free number. `up` and `down` run inside one transaction each. A step that
// cannot (CREATE INDEX CONCURRENTLY) says `export const transaction = false` and holds one statement of that
// kind, after `SET lock_timeout` without LOCAL. A step that was applied anywhere is never changed: add another.

export async function up(knex: Knex): Promise<void> {
  // Waiting for a table lock blocks everybody who comes behind; give up early, the runner tries again.
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    CREATE TABLE things (
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      id text COLLATE "C" NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (account_id, id)
    );
    -- The second wall: without a policy, nobody sees a row. Backfills run as the owner, which needs one, too.
    ALTER TABLE things ENABLE ROW LEVEL SECURITY;
    ALTER TABLE things FORCE ROW LEVEL SECURITY;
    CREATE POLICY owner_all ON things TO stager_owner USING (true) WITH CHECK (true);
    CREATE POLICY api_own ON things TO stager_api
      USING (account_id = current_setting('stager.account', true))
      WITH CHECK (account_id = current_setting('stager.account', true));
    GRANT SELECT, INSERT ON things TO stager_api;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw('DROP TABLE things');
}

import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    CREATE TABLE idempotency_keys (
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      operation text COLLATE "C" NOT NULL,
      key text COLLATE "C" NOT NULL,
      body_hash text COLLATE "C" NOT NULL,
      status smallint NOT NULL,
      -- json, not jsonb: an answer is replayed as it was given.
      response json,
      expires_at timestamptz NOT NULL,
      PRIMARY KEY (account_id, operation, key)
    );
    CREATE INDEX idempotency_keys_expired ON idempotency_keys (expires_at);

    GRANT SELECT, INSERT ON idempotency_keys TO stager_api;
    GRANT UPDATE (body_hash, status, response, expires_at) ON idempotency_keys TO stager_api;
    GRANT SELECT, DELETE ON idempotency_keys TO stager_worker;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw('DROP TABLE idempotency_keys');
}

import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    CREATE TABLE audit (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      principal text NOT NULL,
      action text NOT NULL,
      object_id text COLLATE "C",
      request_id text,
      at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX audit_by_account ON audit (account_id, id);

    -- What is written stays: nobody but the owner of the table can change or remove a row.
    GRANT SELECT, INSERT ON audit TO stager_api, stager_worker;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw('DROP TABLE audit');
}

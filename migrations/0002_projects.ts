import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    CREATE TABLE projects (
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      id text COLLATE "C" NOT NULL,
      name text NOT NULL CHECK (name <> ''),
      -- The name with its case folded by the application, so that equality does not depend on the locale of
      -- the database: lower() leaves É alone under the locale C.
      name_key text COLLATE "C" NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      deleted_at timestamptz,
      PRIMARY KEY (account_id, id)
    );
    CREATE UNIQUE INDEX projects_name ON projects (account_id, name_key) WHERE deleted_at IS NULL;
    CREATE INDEX projects_list ON projects (account_id, id DESC) WHERE deleted_at IS NULL;

    GRANT SELECT, INSERT ON projects TO stager_api;
    GRANT UPDATE (name, name_key, updated_at, deleted_at) ON projects TO stager_api;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw('DROP TABLE projects');
}

import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    CREATE TABLE outbox (
      id bigint GENERATED ALWAYS AS IDENTITY,
      kind text COLLATE "C" NOT NULL CHECK (kind IN ('job', 'events', 'remove_object')),
      item json NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      -- The kind first and no index on the id alone: with one, the planner may walk through all that piled up of
      -- one kind to find another.
      PRIMARY KEY (kind, id)
    );

    -- The relay runs in both; to lock a row needs the right to update some column.
    GRANT SELECT, INSERT, DELETE, UPDATE (item) ON outbox TO stager_api, stager_worker;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw('DROP TABLE outbox');
}

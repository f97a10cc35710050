import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    -- Last number given and last number pruned, per account. Whoever appends holds the row until the commit, so
    -- numbers become visible in order. The free space keeps every update on its own page.
    CREATE TABLE event_heads (
      account_id text COLLATE "C" PRIMARY KEY REFERENCES accounts (id),
      seq bigint NOT NULL DEFAULT 0 CHECK (seq >= 0),
      pruned_to bigint NOT NULL DEFAULT 0,
      CHECK (pruned_to BETWEEN 0 AND seq)
    ) WITH (fillfactor = 20);

    CREATE TABLE events (
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      seq bigint NOT NULL CHECK (seq > 0),
      type text NOT NULL,
      image_id text COLLATE "C" NOT NULL,
      project_id text COLLATE "C",
      data json NOT NULL,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (account_id, seq)
    );
    CREATE INDEX events_by_image ON events (account_id, image_id, seq);
    CREATE INDEX events_by_project ON events (account_id, project_id, seq) WHERE project_id IS NOT NULL;
    CREATE INDEX events_by_age ON events (at);

    GRANT SELECT, INSERT ON event_heads, events TO stager_api;
    GRANT UPDATE (seq) ON event_heads TO stager_api;
    GRANT SELECT, INSERT, DELETE ON events TO stager_worker;
    GRANT SELECT, UPDATE (seq, pruned_to) ON event_heads TO stager_worker;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw('DROP TABLE events, event_heads');
}

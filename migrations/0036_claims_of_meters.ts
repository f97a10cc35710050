import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    -- A claim must not be planned along it: it would read all that is due, and sort it.
    DROP INDEX meter_events_oldest;
    CREATE INDEX meter_events_waiting ON meter_events ((CASE WHEN state = 'due' THEN delivered_at END))
     WHERE (CASE WHEN state = 'due' THEN delivered_at END) IS NOT NULL`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    DROP INDEX meter_events_waiting;
    CREATE INDEX meter_events_oldest ON meter_events (delivered_at) WHERE state = 'due'`);
}

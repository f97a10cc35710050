import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  // json, not jsonb: kept as the client sent it.
  await knex.raw('ALTER TABLE images ADD COLUMN layout json');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw('ALTER TABLE images DROP COLUMN layout');
}

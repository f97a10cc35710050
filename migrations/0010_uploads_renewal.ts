import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  // A repeated request for upload links gives the uploads a new term.
  await knex.raw('GRANT UPDATE (expires_at) ON uploads TO stager_api');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw('REVOKE UPDATE (expires_at) ON uploads FROM stager_api');
}

import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  // What an account may make is decided on all of it, for operators as for the account itself.
  await knex.raw('GRANT SELECT (next_plan) ON subscriptions TO stager_admin');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw('REVOKE SELECT (next_plan) ON subscriptions FROM stager_admin');
}

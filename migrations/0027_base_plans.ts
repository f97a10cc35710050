import type { Knex } from 'knex';

/** Operators choose the plan that an account has without paying. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw('GRANT UPDATE (plan) ON accounts TO stager_admin');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw('REVOKE UPDATE (plan) ON accounts FROM stager_admin');
}

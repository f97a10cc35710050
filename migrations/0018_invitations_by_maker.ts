import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    CREATE INDEX invitations_by_maker ON invitations (account_id, invited_by)
      WHERE accepted_by IS NULL AND revoked_at IS NULL`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw('DROP INDEX invitations_by_maker');
}

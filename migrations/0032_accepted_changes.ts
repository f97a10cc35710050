import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    -- What was done to subscriptions, the newest first: it is shown until Stripe tells of it.
    CREATE INDEX stripe_writes_changes ON stripe_writes (account_id, id)
      WHERE kind IN ('cancel', 'resume', 'change_plan') AND state = 'done'`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw('DROP INDEX stripe_writes_changes');
}

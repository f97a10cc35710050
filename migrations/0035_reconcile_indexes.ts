import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    -- Reconciliation walks along what is reserved, asks whether the removal of an object was ordered, and finds whose a
    -- project is; who deletes an account asks whether operators belong to it.
    CREATE INDEX ledger_reserved ON ledger (account_id, id) WHERE state = 'reserved';
    CREATE INDEX outbox_removals ON outbox ((item ->> 'key')) WHERE kind = 'remove_object';
    CREATE INDEX projects_by_id ON projects (id);
    CREATE INDEX members_operators ON members (account_id) WHERE role = 'admin'`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw('DROP INDEX members_operators, projects_by_id, outbox_removals, ledger_reserved');
}

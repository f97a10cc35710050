import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    CREATE INDEX accounts_suspended ON accounts (id) WHERE suspended_at IS NOT NULL;
    CREATE INDEX members_clients ON members (account_id, id DESC) WHERE principal LIKE '%@clients';
    -- One for each way to ask.
    CREATE INDEX audit_by_principal ON audit (principal, id);
    CREATE INDEX audit_by_object ON audit (object_id, id);
    CREATE INDEX audit_by_action ON audit (action, id);
    CREATE INDEX audit_by_time ON audit (at);

    GRANT SELECT ON accounts, members, contacts, tokens, audit, idempotency_keys TO stager_admin;
    GRANT UPDATE (suspended_at) ON accounts TO stager_admin;
    GRANT INSERT, DELETE, UPDATE (role) ON members TO stager_admin;
    GRANT DELETE ON contacts TO stager_admin;
    GRANT UPDATE (revoked_at) ON tokens TO stager_admin;
    GRANT INSERT ON audit, idempotency_keys TO stager_admin;
    GRANT UPDATE (body_hash, status, response, expires_at) ON idempotency_keys TO stager_admin;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    REVOKE ALL ON accounts, members, contacts, tokens, audit, idempotency_keys FROM stager_admin;
    DROP INDEX audit_by_time, audit_by_action, audit_by_object, audit_by_principal, members_clients,
      accounts_suspended;
  `);
}

import type { Knex } from 'knex';

/** Tables whose rows belong to an account, and the column that says to which. */
const OWNED: Readonly<Record<string, string>> = {
  accounts: 'id',
  account_turns: 'account_id',
  audit: 'account_id',
  contacts: 'account_id',
  event_heads: 'account_id',
  events: 'account_id',
  idempotency_keys: 'account_id',
  image_outputs: 'account_id',
  images: 'account_id',
  invitations: 'account_id',
  jobs: 'account_id',
  members: 'account_id',
  originals: 'account_id',
  projects: 'account_id',
  tokens: 'account_id',
  uploads: 'account_id',
};
const TABLES = [...Object.keys(OWNED), 'outbox'];

/** What works over all accounts, and on which tables. */
const OVER_ALL: Readonly<Record<string, readonly string[]>> = {
  // Backfills of later steps, and the look-ups below; the owner is no role of a process.
  stager_owner: TABLES,
  stager_worker: [
    'accounts',
    'account_turns',
    'event_heads',
    'events',
    'idempotency_keys',
    'image_outputs',
    'images',
    'jobs',
    'originals',
    'outbox',
    'uploads',
  ],
  stager_relay: ['outbox'],
  stager_admin: ['accounts', 'audit', 'contacts', 'idempotency_keys', 'members', 'tokens'],
};

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  for (const table of TABLES) {
    await knex.raw(`
      ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
      ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
  }
  for (const [table, column] of Object.entries(OWNED)) {
    // Without the setting, or behind the transaction that it was made in, it is no account.
    const own = `${column} = current_setting('stager.account', true)`;
    await knex.raw(`CREATE POLICY api_own ON ${table} TO stager_api USING (${own}) WITH CHECK (${own})`);
  }
  for (const [role, tables] of Object.entries(OVER_ALL)) {
    for (const table of tables) {
      await knex.raw(`CREATE POLICY ${policyOf(role)} ON ${table} TO ${role} USING (true) WITH CHECK (true)`);
    }
  }
  await knex.raw(`
    -- Requests only add to the outbox; the relay takes out.
    CREATE POLICY api_add ON outbox FOR INSERT TO stager_api WITH CHECK (true);
    REVOKE SELECT, DELETE ON outbox FROM stager_api;
    REVOKE UPDATE (item) ON outbox FROM stager_api;
    GRANT SELECT, DELETE, UPDATE (item) ON outbox TO stager_relay;
    -- They write the audit log and do not read it.
    REVOKE SELECT ON audit FROM stager_api, stager_worker;
    CREATE POLICY worker_add ON audit FOR INSERT TO stager_worker WITH CHECK (true);

    -- Look-ups from which the account is learned. Each answers for one key that its caller must know.
    CREATE FUNCTION find_membership(wanted text)
    RETURNS TABLE (id text, name text, plan text, suspended_at timestamptz, role text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
      SELECT a.id, a.name, a.plan, a.suspended_at, m.role
        FROM public.members m JOIN public.accounts a ON a.id = m.account_id WHERE m.principal = wanted
    $$;
    CREATE FUNCTION find_token(wanted text) RETURNS SETOF public.tokens
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
      SELECT t.* FROM public.tokens t
        JOIN public.members m ON m.principal = t.principal AND m.account_id = t.account_id
       WHERE t.secret_hash = wanted AND t.revoked_at IS NULL
    $$;
    CREATE FUNCTION find_invitation(wanted text) RETURNS SETOF public.invitations
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
      SELECT i.* FROM public.invitations i WHERE i.secret_hash = wanted
    $$;
    REVOKE ALL ON FUNCTION find_membership, find_token, find_invitation FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION find_membership TO stager_api, stager_admin;
    GRANT EXECUTE ON FUNCTION find_token, find_invitation TO stager_api;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    DROP FUNCTION find_membership, find_token, find_invitation;
    DROP POLICY worker_add ON audit;
    GRANT SELECT ON audit TO stager_api, stager_worker;
    REVOKE ALL ON outbox FROM stager_relay;
    GRANT SELECT, DELETE, UPDATE (item) ON outbox TO stager_api;
    DROP POLICY api_add ON outbox`);
  for (const [role, tables] of Object.entries(OVER_ALL)) {
    for (const table of tables) await knex.raw(`DROP POLICY ${policyOf(role)} ON ${table}`);
  }
  for (const table of Object.keys(OWNED)) await knex.raw(`DROP POLICY api_own ON ${table}`);
  for (const table of TABLES) {
    await knex.raw(`
      ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY;
      ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`);
  }
}

/** `stager_worker` has `worker_all`. */
function policyOf(role: string): string {
  return `${role.replace('stager_', '')}_all`;
}

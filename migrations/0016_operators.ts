import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    -- The first admin is made on the host, with an account where there is none.
    GRANT INSERT ON accounts, event_heads TO stager_admin;
    GRANT SELECT ON event_heads TO stager_admin;
    CREATE POLICY admin_all ON event_heads TO stager_admin USING (true) WITH CHECK (true);

    -- Whatever is wrong with the API, it makes nobody an admin.
    CREATE POLICY api_adds_no_admin ON members AS RESTRICTIVE FOR INSERT TO stager_api WITH CHECK (role <> 'admin');
    CREATE POLICY api_makes_no_admin ON members AS RESTRICTIVE FOR UPDATE TO stager_api
      USING (true) WITH CHECK (role <> 'admin');
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    DROP POLICY api_makes_no_admin ON members;
    DROP POLICY api_adds_no_admin ON members;
    DROP POLICY admin_all ON event_heads;
    REVOKE SELECT, INSERT ON event_heads FROM stager_admin;
    REVOKE INSERT ON accounts FROM stager_admin;
  `);
}

import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    -- How payments are, for operators: nothing of whom they are about.
    GRANT SELECT (state, delivered_at) ON meter_events TO stager_admin;
    CREATE POLICY admin_looks ON meter_events FOR SELECT TO stager_admin USING (true);
    GRANT SELECT (started_at, ended_at, compared, drift) ON stripe_checks TO stager_admin;
    CREATE POLICY admin_looks ON stripe_checks FOR SELECT TO stager_admin USING (true);
    CREATE INDEX meter_events_oldest ON meter_events (delivered_at) WHERE state = 'due';
    CREATE INDEX meter_events_parked ON meter_events (account_id, entry_id) WHERE state = 'parked';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    DROP INDEX meter_events_parked, meter_events_oldest;
    DROP POLICY admin_looks ON stripe_checks;
    DROP POLICY admin_looks ON meter_events;
    REVOKE SELECT (started_at, ended_at, compared, drift) ON stripe_checks FROM stager_admin;
    REVOKE SELECT (state, delivered_at) ON meter_events FROM stager_admin`);
}

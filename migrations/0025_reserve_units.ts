import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    -- Takes units of a period, unless others have taken what the grant was decided on; answers with their number. A
    -- function, as its statements are planned once a connection: they are part of every image that is made.
    -- The period comes first, then its day: the order of all who change both.
    CREATE FUNCTION reserve_units(
      owner text, starts timestamptz, ends timestamptz, at timestamptz, project text, entries json, more integer,
      above integer, seen_units integer, seen_overage integer, below integer, warned integer, exhausted integer)
    RETURNS integer LANGUAGE plpgsql
    AS $$
    DECLARE
      written integer;
    BEGIN
      INSERT INTO usage_periods AS u
        (account_id, period_start, period_end, units, overage, warned_limit, exhausted_limit)
      VALUES (owner, starts, ends, more, above, warned, exhausted)
          ON CONFLICT (account_id, period_start) DO UPDATE
         SET period_end = excluded.period_end, units = u.units + excluded.units,
             overage = u.overage + excluded.overage,
             warned_limit = coalesce(excluded.warned_limit, u.warned_limit),
             exhausted_limit = coalesce(excluded.exhausted_limit, u.exhausted_limit)
       WHERE (u.units = seen_units AND u.overage = seen_overage) OR u.units - u.overage + more < below;
      IF NOT FOUND THEN RETURN 0; END IF;
      INSERT INTO usage_days AS u (account_id, period_start, day, project_id, units, overage)
      VALUES (owner, starts, (at AT TIME ZONE 'UTC')::date, coalesce(project, ''), more, above)
          ON CONFLICT (account_id, period_start, day, project_id) DO UPDATE
         SET units = u.units + excluded.units, overage = u.overage + excluded.overage;
      INSERT INTO ledger (account_id, id, image_id, project_id, period_start, overage, reserved_at)
      SELECT owner, e.id, e."imageId", project, starts, e.overage, at
        FROM json_to_recordset(entries) AS e (id text, "imageId" text, overage boolean);
      GET DIAGNOSTICS written = ROW_COUNT;
      RETURN written;
    END $$;
    REVOKE ALL ON FUNCTION reserve_units FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION reserve_units TO stager_api;

    -- It follows from that of its image, and costs a look at every insert.
    ALTER TABLE ledger DROP CONSTRAINT ledger_account_id_fkey;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    ALTER TABLE ledger ADD CONSTRAINT ledger_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts (id);
    DROP FUNCTION reserve_units`);
}

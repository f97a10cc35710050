import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    -- Functions, as their statements are planned once a connection: they are part of every image that is made. Those of
    -- the release before use reserve_units yet.

    -- All that decides what an account may make; NULL without such an account. Periods that ended before are left out.
    CREATE FUNCTION account_standing(owner text, oldest_end timestamptz) RETURNS json LANGUAGE plpgsql STABLE
    AS $$
    BEGIN
      RETURN (
        SELECT json_build_object(
                 'basePlan', a.plan,
                 'payAsYouGo', (
                   SELECT json_build_object('enabled', pay_as_you_go, 'cap', pay_as_you_go_cap)
                     FROM billing_accounts WHERE account_id = owner),
                 'subscriptions', (
                   SELECT json_agg(json_build_object(
                            'id', id, 'plan', plan, 'status', status, 'periodStart', period_start,
                            'periodEnd', period_end, 'cancelAtPeriodEnd', cancel_at_period_end,
                            'pastDueSince', past_due_since, 'graceEndsAt', grace_ends_at, 'nextPlan', next_plan))
                     FROM subscriptions WHERE account_id = owner AND status IN ('trialing', 'active', 'past_due')),
                 'usage', (
                   SELECT json_agg(json_build_object(
                            'periodStart', period_start, 'units', units, 'overage', overage,
                            'warnedLimit', warned_limit, 'exhaustedLimit', exhausted_limit))
                     FROM usage_periods WHERE account_id = owner AND period_end > oldest_end))
          FROM accounts a WHERE a.id = owner);
    END $$;

    -- The rows of units that are taken, for which nobody waits. They count when they are summed up.
    CREATE FUNCTION enter_units(owner text, starts timestamptz, at timestamptz, project text, entries json)
    RETURNS void LANGUAGE plpgsql
    AS $$
    BEGIN
      INSERT INTO ledger (account_id, id, image_id, project_id, period_start, overage, reserved_at)
      SELECT owner, e.id, e."imageId", project, starts, e.overage, at
        FROM json_to_recordset(entries) AS e (id text, "imageId" text, overage boolean);
    END $$;

    -- Adds them to the sums, unless others have taken what the grant was decided on: then the transaction fails, as at
    -- any other conflict. The period comes first, then its day: the order of all who change both.
    CREATE FUNCTION sum_units(
      owner text, starts timestamptz, ends timestamptz, at timestamptz, project text, more integer, above integer,
      seen_units integer, seen_overage integer, below integer, warned integer, exhausted integer)
    RETURNS void LANGUAGE plpgsql
    AS $$
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
      IF NOT FOUND THEN
        RAISE EXCEPTION 'others have reserved units of % meanwhile', owner USING ERRCODE = 'serialization_failure';
      END IF;
      INSERT INTO usage_days AS u (account_id, period_start, day, project_id, units, overage)
      VALUES (owner, starts, (at AT TIME ZONE 'UTC')::date, coalesce(project, ''), more, above)
          ON CONFLICT (account_id, period_start, day, project_id) DO UPDATE
         SET units = u.units + excluded.units, overage = u.overage + excluded.overage;
    END $$;

    REVOKE ALL ON FUNCTION account_standing, enter_units, sum_units FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION account_standing TO stager_api, stager_admin;
    GRANT EXECUTE ON FUNCTION enter_units, sum_units TO stager_api;

    -- The primary key, read backwards, lists the same. With units in the condition of an index, no sum of a day could be
    -- changed in place; so a day that has none left is removed instead.
    DROP INDEX usage_days_list;
    -- Whoever calls it holds the period.
    CREATE OR REPLACE FUNCTION count_units(unit ledger, more integer, above integer) RETURNS void
    LANGUAGE plpgsql SET search_path = public, pg_temp
    AS $$
    DECLARE
      of_day date := (unit.reserved_at AT TIME ZONE 'UTC')::date;
      of_project text := coalesce(unit.project_id, '');
      left_over integer;
    BEGIN
      UPDATE usage_periods SET units = units + more, overage = overage + above
       WHERE account_id = unit.account_id AND period_start = unit.period_start;
      UPDATE usage_days SET units = units + more, overage = overage + above
       WHERE account_id = unit.account_id AND period_start = unit.period_start
         AND day = of_day AND project_id = of_project
      RETURNING units INTO left_over;
      IF NOT FOUND AND more > 0 THEN
        INSERT INTO usage_days (account_id, period_start, day, project_id, units, overage)
        VALUES (unit.account_id, unit.period_start, of_day, of_project, more, above);
      ELSIF left_over = 0 THEN
        DELETE FROM usage_days
         WHERE account_id = unit.account_id AND period_start = unit.period_start
           AND day = of_day AND project_id = of_project;
      END IF;
    END $$;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    CREATE INDEX usage_days_list ON usage_days (account_id, period_start, day DESC, project_id DESC) WHERE units > 0;
    DROP FUNCTION sum_units, enter_units, account_standing;
    CREATE OR REPLACE FUNCTION count_units(unit ledger, more integer, above integer) RETURNS void
    LANGUAGE plpgsql SET search_path = public, pg_temp
    AS $$
    BEGIN
      UPDATE usage_periods SET units = units + more, overage = overage + above
       WHERE account_id = unit.account_id AND period_start = unit.period_start;
      UPDATE usage_days SET units = units + more, overage = overage + above
       WHERE account_id = unit.account_id AND period_start = unit.period_start
         AND day = (unit.reserved_at AT TIME ZONE 'UTC')::date AND project_id = coalesce(unit.project_id, '');
    END $$`);
}

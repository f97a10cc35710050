import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    DROP FUNCTION catch_up_unit;
    -- An image that has ended holds what its end says: one settled unit when it is ready, else none of the plan. Workers
    -- may do this and nothing else to the ledger. What is made up for is never above the plan: nobody was asked.
    CREATE FUNCTION catch_up_unit(owner text, image text, fresh text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE
      ended images%ROWTYPE;
      starts timestamptz;
      unit ledger%ROWTYPE;
    BEGIN
      SELECT * INTO ended FROM images
       WHERE account_id = owner AND id = image AND state IN ('ready', 'error', 'canceled');
      IF NOT FOUND THEN RETURN; END IF;
      IF ended.state <> 'ready' THEN
        PERFORM refund_unit(owner, image, ended.state);
        RETURN;
      END IF;
      UPDATE ledger SET state = 'settled', ended_at = now(), reason = ended.state
       WHERE account_id = owner AND image_id = image AND state = 'reserved' AND NOT overage;
      IF FOUND THEN RETURN; END IF;
      PERFORM settle_overage(owner, image, ended.state);
      PERFORM 1 FROM ledger WHERE account_id = owner AND image_id = image AND state <> 'refunded';
      IF FOUND THEN RETURN; END IF;

      -- It was given back, or never taken.
      SELECT * INTO unit FROM ledger WHERE account_id = owner AND image_id = image ORDER BY id DESC LIMIT 1;
      SELECT coalesce(unit.period_start, max(period_start)) INTO starts
        FROM usage_periods WHERE account_id = owner AND period_start <= ended.created_at;
      IF starts IS NULL THEN RETURN; END IF;
      PERFORM 1 FROM usage_periods WHERE account_id = owner AND period_start = starts FOR UPDATE;
      IF unit.id IS NULL THEN
        INSERT INTO usage_days (account_id, period_start, day, project_id)
        VALUES (owner, starts, (ended.created_at AT TIME ZONE 'UTC')::date, coalesce(ended.project_id, ''))
            ON CONFLICT DO NOTHING;
        INSERT INTO ledger
          (account_id, id, image_id, project_id, period_start, overage, reserved_at, state, ended_at, reason)
        VALUES (owner, fresh, image, ended.project_id, starts, false, ended.created_at, 'settled', now(), ended.state)
        RETURNING * INTO unit;
      ELSE
        UPDATE ledger SET state = 'settled', overage = false, ended_at = now(), reason = ended.state
         WHERE account_id = owner AND id = unit.id
        RETURNING * INTO unit;
      END IF;
      PERFORM count_units(unit, 1, 0);
    END $$;
    REVOKE ALL ON FUNCTION catch_up_unit FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION catch_up_unit TO stager_worker;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    DROP FUNCTION catch_up_unit;
    CREATE FUNCTION catch_up_unit(owner text, image text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE
      ended text;
    BEGIN
      SELECT state INTO ended FROM images
       WHERE account_id = owner AND id = image AND state IN ('ready', 'error', 'canceled');
      IF ended IS NULL THEN RETURN; END IF;
      IF ended <> 'ready' THEN
        PERFORM refund_unit(owner, image, ended);
        RETURN;
      END IF;
      UPDATE ledger SET state = 'settled', ended_at = now(), reason = ended
       WHERE account_id = owner AND image_id = image AND state = 'reserved' AND NOT overage;
      IF NOT FOUND THEN PERFORM settle_overage(owner, image, ended); END IF;
    END $$;
    REVOKE ALL ON FUNCTION catch_up_unit FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION catch_up_unit TO stager_worker`);
}

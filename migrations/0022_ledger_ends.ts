import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    -- Only the end of an image changes its unit, in the same transaction. A trigger, so that nobody who ends one, of
    -- whatever release, can forget it; it runs as the owner, so that nobody else needs the right to.
    CREATE FUNCTION end_unit() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    BEGIN
      IF NEW.state = 'ready' THEN
        -- Nearly all units: nothing is summed up anew, and nobody is waited for.
        UPDATE ledger SET state = 'settled', ended_at = now(), reason = NEW.state
         WHERE account_id = NEW.account_id AND image_id = NEW.id AND state = 'reserved' AND NOT overage;
        IF NOT FOUND THEN PERFORM settle_overage(NEW.account_id, NEW.id, NEW.state); END IF;
      ELSE
        PERFORM refund_unit(NEW.account_id, NEW.id, NEW.state);
      END IF;
      RETURN NULL;
    END $$;

    -- Above the limit. Whoever changes what is above it holds the period: those wait for each other.
    CREATE FUNCTION settle_overage(owner text, image text, ending text) RETURNS void
    LANGUAGE plpgsql SET search_path = public, pg_temp
    AS $$
    DECLARE
      unit ledger%ROWTYPE;
      other ledger%ROWTYPE;
    BEGIN
      SELECT * INTO unit FROM ledger WHERE account_id = owner AND image_id = image AND state = 'reserved';
      IF NOT FOUND THEN RETURN; END IF;
      PERFORM 1 FROM usage_periods WHERE account_id = owner AND period_start = unit.period_start FOR UPDATE;
      -- It may have come into the plan meanwhile.
      SELECT * INTO unit FROM ledger
       WHERE account_id = owner AND image_id = image AND state = 'reserved' FOR UPDATE;
      IF NOT FOUND THEN RETURN; END IF;
      IF unit.overage THEN
        -- Whoever is ready first is in the plan: a unit of the plan that is not finished, and may fail yet, changes
        -- places with it. So a failure never leaves somebody paying for what the plan had room for.
        UPDATE ledger SET overage = true
         WHERE account_id = owner AND id = (
               SELECT id FROM ledger
                WHERE account_id = owner AND period_start = unit.period_start AND state = 'reserved' AND NOT overage
                ORDER BY id LIMIT 1 FOR UPDATE)
        RETURNING * INTO other;
        IF FOUND THEN
          unit.overage := false;
          PERFORM count_units(unit, 0, -1);
          PERFORM count_units(other, 0, 1);
        END IF;
      END IF;
      UPDATE ledger SET state = 'settled', ended_at = now(), reason = ending, overage = unit.overage
       WHERE account_id = owner AND id = unit.id;
      IF unit.overage THEN
        INSERT INTO outbox (kind, item)
        VALUES ('meter', json_build_object('kind', 'meter', 'entryId', unit.id, 'accountId', owner));
      END IF;
    END $$;

    CREATE FUNCTION refund_unit(owner text, image text, ending text) RETURNS void
    LANGUAGE plpgsql SET search_path = public, pg_temp
    AS $$
    DECLARE
      unit ledger%ROWTYPE;
      other ledger%ROWTYPE;
    BEGIN
      SELECT * INTO unit FROM ledger WHERE account_id = owner AND image_id = image AND state = 'reserved';
      IF NOT FOUND THEN RETURN; END IF;
      PERFORM 1 FROM usage_periods WHERE account_id = owner AND period_start = unit.period_start FOR UPDATE;
      UPDATE ledger SET state = 'refunded', ended_at = now(), reason = ending
       WHERE account_id = owner AND image_id = image AND state = 'reserved'
      RETURNING * INTO unit;
      IF NOT FOUND THEN RETURN; END IF;
      PERFORM count_units(unit, -1, -unit.overage::integer);
      IF NOT unit.overage THEN
        -- The plan has room again: for the oldest that is above it and not finished.
        UPDATE ledger SET overage = false
         WHERE account_id = owner AND id = (
               SELECT id FROM ledger
                WHERE account_id = owner AND period_start = unit.period_start AND state = 'reserved' AND overage
                ORDER BY id LIMIT 1 FOR UPDATE)
        RETURNING * INTO other;
        IF FOUND THEN PERFORM count_units(other, 0, -1); END IF;
      END IF;
    END $$;

    -- Adds to the sums of a unit's period and day.
    CREATE FUNCTION count_units(unit ledger, more integer, above integer) RETURNS void
    LANGUAGE plpgsql SET search_path = public, pg_temp
    AS $$
    BEGIN
      UPDATE usage_periods SET units = units + more, overage = overage + above
       WHERE account_id = unit.account_id AND period_start = unit.period_start;
      UPDATE usage_days SET units = units + more, overage = overage + above
       WHERE account_id = unit.account_id AND period_start = unit.period_start
         AND day = (unit.reserved_at AT TIME ZONE 'UTC')::date AND project_id = coalesce(unit.project_id, '');
    END $$;

    REVOKE ALL ON FUNCTION end_unit, settle_overage, refund_unit, count_units FROM PUBLIC;
    CREATE TRIGGER images_ended AFTER UPDATE OF state ON images
      FOR EACH ROW WHEN (NEW.state <> OLD.state AND NEW.state IN ('ready', 'error', 'canceled'))
      EXECUTE FUNCTION end_unit();
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    DROP TRIGGER images_ended ON images;
    DROP FUNCTION end_unit, settle_overage, refund_unit, count_units`);
}

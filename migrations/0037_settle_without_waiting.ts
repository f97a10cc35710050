import type { Knex } from 'knex';

/**
 * Whoever settles a unit of the plan holds it without the sums, and may come for them with the next image of the same
 * transaction: to wait for that unit with the sums in hand would be a deadlock. One that is held is ready in this very
 * moment, and changes places with nobody.
 */
const UNLESS_HELD = 'FOR UPDATE SKIP LOCKED';
const WAITING = 'FOR UPDATE';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(settleOverage(UNLESS_HELD));
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(settleOverage(WAITING));
}

function settleOverage(hold: string): string {
  return `
    CREATE OR REPLACE FUNCTION settle_overage(owner text, image text, ending text) RETURNS void
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
                ORDER BY id LIMIT 1 ${hold})
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
    END $$`;
}

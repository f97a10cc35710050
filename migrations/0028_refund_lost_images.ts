import type { Knex } from 'knex';

/** Whether the unit of an image that has ended without it is given back. */
const OPEN = `state = 'reserved'`;
/**
 * Also one that was ready and is lost, or was made again and failed. What was above the plan has been reported to Stripe
 * by then: it stays paid, and making the image again takes no other.
 */
const OPEN_OR_IN_PLAN = `state <> 'refunded' AND (state = 'reserved' OR NOT overage)`;

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(refundUnit(OPEN_OR_IN_PLAN));
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(refundUnit(OPEN));
}

function refundUnit(which: string): string {
  return `
    CREATE OR REPLACE FUNCTION refund_unit(owner text, image text, ending text) RETURNS void
    LANGUAGE plpgsql SET search_path = public, pg_temp
    AS $$
    DECLARE
      unit ledger%ROWTYPE;
      other ledger%ROWTYPE;
    BEGIN
      SELECT * INTO unit FROM ledger WHERE account_id = owner AND image_id = image AND ${which};
      IF NOT FOUND THEN RETURN; END IF;
      PERFORM 1 FROM usage_periods WHERE account_id = owner AND period_start = unit.period_start FOR UPDATE;
      UPDATE ledger SET state = 'refunded', ended_at = now(), reason = ending
       WHERE account_id = owner AND image_id = image AND ${which}
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
    END $$`;
}

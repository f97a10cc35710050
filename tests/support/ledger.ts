import pg from 'pg';

/** A unit, as the ledger has it. */
export interface LedgerRow {
  readonly id: string;
  readonly imageId: string;
  readonly state: 'reserved' | 'settled' | 'refunded';
  readonly overage: boolean;
  readonly reason: string | null;
  readonly periodStart: Date;
}

/** @param url of a role that sees every account */
export async function readLedger(url: string, account: string): Promise<LedgerRow[]> {
  return ask(
    url,
    `SELECT id, image_id AS "imageId", state, overage, reason, period_start AS "periodStart" FROM ledger
      WHERE account_id = $1 ORDER BY id`,
    [account],
  );
}

/** What of an account's books does not add up; empty when all does. */
export async function findFaults(url: string, account: string): Promise<object[]> {
  return ask(
    url,
    `WITH unit AS (
       SELECT *, (reserved_at AT TIME ZONE 'UTC')::date AS day, coalesce(project_id, '') AS project
         FROM ledger WHERE account_id = $1),
     counted AS (SELECT * FROM unit WHERE state <> 'refunded'),
     faults AS (
       SELECT 'period' AS fault, period_start::text AS what, u.units AS has, u.overage AS above, c.units AS is, c.overage AS of
         FROM (SELECT * FROM usage_periods WHERE account_id = $1) u
         FULL JOIN (SELECT period_start, count(*) AS units, count(*) FILTER (WHERE overage) AS overage
                      FROM counted GROUP BY 1) c USING (period_start)
        WHERE (coalesce(u.units, 0), coalesce(u.overage, 0)) <> (coalesce(c.units, 0), coalesce(c.overage, 0))
       UNION ALL
       SELECT 'day', concat_ws(' ', period_start, day, project), u.units, u.overage, c.units, c.overage
         FROM (SELECT *, project_id AS project FROM usage_days WHERE account_id = $1) u
         FULL JOIN (SELECT period_start, day, project, count(*) AS units, count(*) FILTER (WHERE overage) AS overage
                      FROM counted GROUP BY 1, 2, 3) c USING (period_start, day, project)
        WHERE (coalesce(u.units, 0), coalesce(u.overage, 0)) <> (coalesce(c.units, 0), coalesce(c.overage, 0))
       UNION ALL
       -- An image that waits or is in work holds one open unit, one that is ready has paid one, any other none.
       SELECT 'image ' || i.state, i.id, count(*) FILTER (WHERE u.state = 'reserved'), NULL,
              count(*) FILTER (WHERE u.state = 'settled'), NULL
         FROM images i LEFT JOIN unit u ON u.image_id = i.id
        WHERE i.account_id = $1
        GROUP BY i.id, i.state
       HAVING (count(*) FILTER (WHERE u.state = 'reserved'), count(*) FILTER (WHERE u.state = 'settled'))
           <> (CASE WHEN i.state IN ('queued', 'processing') THEN 1 ELSE 0 END, CASE WHEN i.state = 'ready' THEN 1 ELSE 0 END)
       UNION ALL
       SELECT 'meter', coalesce(u.id, o.id), NULL, NULL, NULL, NULL
         FROM (SELECT id FROM unit WHERE state = 'settled' AND overage) u
         FULL JOIN (SELECT item ->> 'entryId' AS id FROM outbox
                     WHERE kind = 'meter' AND item ->> 'accountId' = $1) o USING (id)
        WHERE u.id IS NULL OR o.id IS NULL)
     SELECT * FROM faults`,
    [account],
  );
}

async function ask<R extends object>(url: string, text: string, values: unknown[]): Promise<R[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<R>(text, values)).rows;
  } finally {
    await client.end();
  }
}

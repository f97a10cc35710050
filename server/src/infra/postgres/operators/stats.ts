import type { ImageState } from '../../../contract/index.ts';
import type { PlanSum, StatsTx, StorageSum } from '../../../ports/index.ts';
import { codeOf, QUERY_CANCELED } from '../errors.ts';
import { first, type Sql, type Statement, sql } from '../sql.ts';
import { PRIORITIES } from '../turns.ts';

/** A figure over all accounts is given up after so long: nobody waits, and the database has other things to do. */
const PATIENCE_MS = 3_000;

/** Sums are read from indexes alone, and each is counted by itself. */
export function statsOn(db: Sql, patienceMs = PATIENCE_MS): StatsTx {
  const inTime = <R>(statement: Statement) => rowsInTime<R>(db, statement, patienceMs);
  return {
    async accounts() {
      const rows = await inTime<{ total: number; suspended: number }>(sql`
        SELECT (SELECT count(*)::integer FROM accounts) AS total,
               (SELECT count(*)::integer FROM accounts WHERE suspended_at IS NOT NULL) AS suspended`);
      return rows?.[0];
    },

    async images() {
      const rows = await inTime<StateCount>(countImages(sql``));
      return rows && toCounts(rows);
    },

    async oldestDue() {
      const rows = await inTime<{ at: Date | null }>(sql`
        SELECT min(due.run_at) AS at FROM account_turns t
          JOIN accounts a ON a.id = t.account_id AND a.suspended_at IS NULL
         CROSS JOIN LATERAL (
               SELECT j.run_at FROM ${PRIORITIES}
                CROSS JOIN LATERAL (
                      SELECT run_at FROM jobs
                       WHERE account_id = a.id AND state = 'queued' AND priority = p.priority
                       ORDER BY run_at, id ${first(1)}) j) due
         WHERE t.next_at IS NOT NULL AND due.run_at <= now()`);
      return rows?.[0];
    },

    async ended(fromJobId) {
      const rows = await inTime<{ done: number; dead: number }>(sql`
        SELECT count(*) FILTER (WHERE state = 'done')::integer AS done,
               count(*) FILTER (WHERE state = 'dead')::integer AS dead FROM jobs WHERE id >= ${fromJobId}`);
      return rows?.[0];
    },

    async storage() {
      const rows = await inTime<Sums>(sumStorage(sql``));
      return rows?.[0] && toStorage(rows[0]);
    },

    plans: () => inTime<PlanSum>(SUM_PLANS),

    async imagesOf(accountId) {
      return toCounts(await db.rows<StateCount>(countImages(sql`AND account_id = ${accountId}`)));
    },

    async storageOf(accountId) {
      const [sums] = await db.rows<Sums>(sumStorage(sql`AND account_id = ${accountId}`));
      if (!sums) throw new Error('sums have no row');
      return toStorage(sums);
    },
  };
}

/** Undefined when it took longer; the transaction goes on. */
async function rowsInTime<R>(db: Sql, statement: Statement, ms: number): Promise<R[] | undefined> {
  try {
    return await db.nested(async (inner) => {
      await inner.rows(sql`SELECT set_config('statement_timeout', ${String(ms)}, true)`);
      return inner.rows<R>(statement);
    });
  } catch (error) {
    if (codeOf(error) === QUERY_CANCELED) return undefined;
    throw error;
  }
}

interface StateCount {
  readonly state: ImageState;
  readonly count: number;
}

function countImages(where: Statement): Statement {
  return sql`
    SELECT state, count(*)::integer AS count FROM images WHERE deleted_at IS NULL ${where} GROUP BY state`;
}

function toCounts(rows: readonly StateCount[]): ReadonlyMap<ImageState, number> {
  return new Map(rows.map(({ state, count }) => [state, count]));
}

/** Sums of bigint come as text. */
type Sums = Readonly<Record<'originals' | 'originalBytes' | 'outputs' | 'outputBytes', string>>;

function sumStorage(where: Statement): Statement {
  return sql`
    SELECT * FROM
      (SELECT count(*) AS originals, coalesce(sum(size), 0) AS "originalBytes" FROM originals WHERE TRUE ${where}) o,
      (SELECT count(*) AS outputs, coalesce(sum(size), 0) AS "outputBytes" FROM image_outputs WHERE TRUE ${where}) p`;
}

function toStorage({ originals, originalBytes, outputs, outputBytes }: Sums): StorageSum {
  return {
    originals: { objects: Number(originals), bytes: Number(originalBytes) },
    outputs: { objects: Number(outputs), bytes: Number(outputBytes) },
  };
}

const SUM_PLANS = sql`
  SELECT s.plan, count(*) FILTER (WHERE s.status <> 'trialing')::integer AS paying,
         coalesce(sum(u.overage), 0)::integer AS overage
    FROM subscriptions s
    LEFT JOIN usage_periods u ON u.account_id = s.account_id AND u.period_start = s.period_start
   WHERE s.status IN ('trialing', 'active', 'past_due') GROUP BY s.plan`;

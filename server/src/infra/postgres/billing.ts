import type {
  BillingTx,
  NewReservation,
  PayAsYouGo,
  PeriodUsage,
  StandingRow,
  SubscriptionRow,
} from '../../ports/index.ts';
import { first, type Sql, type Statement, sql, together } from './sql.ts';

/** Of the columns that count units. */
const MAX_INTEGER = 2 ** 31 - 1;
/** By so much the end of a period may be later than was written with its last unit: a month. */
const MOVED_MS = 31 * 24 * 60 * 60 * 1000;

export function billingOn(db: Sql): BillingTx {
  return {
    async standing(owner, at) {
      const [found] = await db.rows<FoundStanding>(standingOf(owner, at));
      return found?.standing ? toStanding(found.standing) : undefined;
    },

    async lockStanding(owner, at) {
      // Statements of their own: one that has waited for a lock still reads other rows as they were before. The place in
      // the line comes before the sums, as everybody takes them.
      const [, , , [found]] = await together([
        db.rows(sql`SELECT 1 FROM accounts WHERE id = ${owner} FOR NO KEY UPDATE`),
        db.rows(sql`SELECT 1 FROM account_turns WHERE account_id = ${owner} FOR UPDATE`),
        db.rows(sql`SELECT 1 FROM usage_periods WHERE ${present(owner, at)} FOR UPDATE`),
        db.rows<FoundStanding>(standingOf(owner, at)),
      ]);
      return found?.standing ? toStanding(found.standing) : undefined;
    },

    async setPayAsYouGo(owner, { enabled, cap }) {
      await db.run(sql`
        INSERT INTO billing_accounts AS b (account_id, pay_as_you_go, pay_as_you_go_cap)
        VALUES (${owner}, ${enabled}, ${cap})
            ON CONFLICT (account_id) DO UPDATE
           SET pay_as_you_go = excluded.pay_as_you_go, pay_as_you_go_cap = excluded.pay_as_you_go_cap,
               updated_at = now()`);
    },

    async isPaid(owner, imageId) {
      const rows = await db.rows(
        sql`SELECT 1 FROM ledger WHERE account_id = ${owner} AND image_id = ${imageId} AND state = 'settled'`,
      );
      return rows.length > 0;
    },

    async countReserved(owner, periodStart, limit) {
      const [found] = await db.rows<{ count: number }>(sql`
        SELECT count(*)::integer AS count FROM (
          SELECT 1 FROM ledger
           WHERE account_id = ${owner} AND period_start = ${periodStart} AND state = 'reserved' ${first(limit)}) open`);
      return found?.count ?? 0;
    },

    async periodAt(owner, at) {
      // Periods are months, and two of them overlap at most.
      const begun = await db.rows<{ start: Date; end: Date }>(sql`
        SELECT period_start AS start, period_end AS end FROM usage_periods
         WHERE account_id = ${owner} AND period_start <= ${at} ORDER BY period_start DESC ${first(3)}`);
      return begun.find(({ end }) => end > at)?.start;
    },

    async listUsage(owner, periodStart, { limit, after }) {
      const behind =
        after === null ? sql`` : sql`AND (day, project_id) < (${after.day}::date, ${after.projectId ?? ''})`;
      return db.rows(sql`
        SELECT u.day::text AS day, nullif(u.project_id, '') AS "projectId", u.units, u.overage FROM usage_days u
         WHERE account_id = ${owner} AND period_start = ${periodStart} AND units > 0 ${behind}
         ORDER BY u.day DESC, u.project_id DESC ${first(limit)}`);
    },
  };
}

/** Moments are text within JSON. */
type Stored<T> = { readonly [K in keyof T]: T[K] extends Date | null ? string | Extract<T[K], null> : T[K] };

interface StoredStanding {
  readonly basePlan: string;
  readonly payAsYouGo: PayAsYouGo | null;
  readonly subscriptions: readonly Stored<SubscriptionRow>[] | null;
  readonly usage: readonly Stored<PeriodUsage>[] | null;
}

interface FoundStanding {
  /** Null: there is no such account. */
  readonly standing: StoredStanding | null;
}

/**
 * Periods that may be the present one. Also some that seem to be over: the end of one that began before its renewal was
 * heard of is a guess, and Stripe may move an end.
 */
function present(owner: string, at: Date): Statement {
  return sql`account_id = ${owner} AND period_end > ${oldestEnd(at)}`;
}

function oldestEnd(at: Date): Date {
  return new Date(at.getTime() - MOVED_MS);
}

/** One statement, so that all of it is of one moment. */
function standingOf(owner: string, at: Date): Statement {
  return sql`SELECT account_standing(${owner}, ${oldestEnd(at)}) AS standing`;
}

/** The rows of the ledger, for which nobody waits. */
export function entryStatement(owner: string, { period, at, projectId, entries }: NewReservation): Statement {
  return sql`SELECT enter_units(${owner}, ${period.start}, ${at}, ${projectId}, ${JSON.stringify(entries)})`;
}

/** Fails as a conflict where others have reserved what the grant was decided on. */
export function sumsStatement(
  owner: string,
  { period, seen, below, at, projectId, entries, warnedLimit, exhaustedLimit }: NewReservation,
): Statement {
  const overage = entries.filter((entry) => entry.overage).length;
  return sql`
    SELECT sum_units(
      ${owner}, ${period.start}, ${period.end}, ${at}, ${projectId}, ${entries.length}, ${overage}, ${seen.units},
      ${seen.overage}, ${Number.isFinite(below) ? below : MAX_INTEGER}, ${warnedLimit}, ${exhaustedLimit})`;
}

function toStanding({ basePlan, payAsYouGo, subscriptions, usage }: StoredStanding): StandingRow {
  return {
    basePlan,
    payAsYouGo: payAsYouGo ?? { enabled: false, cap: null },
    subscriptions: (subscriptions ?? []).map((row) => ({
      ...row,
      periodStart: new Date(row.periodStart),
      periodEnd: new Date(row.periodEnd),
      pastDueSince: row.pastDueSince === null ? null : new Date(row.pastDueSince),
      graceEndsAt: row.graceEndsAt === null ? null : new Date(row.graceEndsAt),
    })),
    usage: (usage ?? []).map((row) => ({ ...row, periodStart: new Date(row.periodStart) })),
  };
}

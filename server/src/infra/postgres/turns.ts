import { namingTheBusy } from './patience.ts';
import { first, type Sql, type Statement, sql, together } from './sql.ts';

/** Every priority that a job can have, in the order in which they run. */
export const PRIORITIES = sql`(VALUES (0), (1), (2)) AS p (priority)`;

/** So often a suspended account is looked at again, so that its work goes on soon after the suspension is lifted. */
const SUSPENDED_SECONDS = 5;

/**
 * The head of the line: accounts with work that is due, the one that was served longest ago first. It is read
 * without locks: at the worst several who claim at the same moment serve the same account once each.
 */
export function headOfLine(limit: number, leaveOut: readonly string[]): Statement {
  // Not now(): what others did since this transaction began is to be seen.
  return sql`
    SELECT t.account_id FROM account_turns t
     WHERE t.next_at <= statement_timestamp() AND t.account_id <> ALL(${leaveOut}::text[])
     ORDER BY t.next_at, t.account_id ${first(limit)}`;
}

/**
 * Sends accounts to the end of the line, or out of it when nothing of theirs is queued. One of them at a time, in
 * order, and before their event heads, as everybody does who queues a job; in one round trip.
 * @param turns of each account, whether something of it was taken
 */
export async function endTurns(tx: Sql, turns: ReadonlyMap<string, boolean>): Promise<void> {
  const inOrder = [...turns].sort(([a], [b]) => (a < b ? -1 : 1));
  await together(
    inOrder.map(([accountId, served]) =>
      namingTheBusy([accountId], () => tx.run(endTurn(accountId, served))),
    ),
  );
}

function endTurn(accountId: string, served: boolean): Statement {
  // `seen` stays as it was when the statement began, `t` is the newest: when the two differ, somebody has queued
  // a job since, which `next` does not know of.
  const stamp = served ? sql`served_at = statement_timestamp(),` : sql``;
  return sql`
    UPDATE account_turns t
       SET ${stamp} next_at = CASE WHEN t.queued = seen.queued THEN ${nextTurn(accountId)}
                                   ELSE statement_timestamp() END
      FROM account_turns seen WHERE t.account_id = ${accountId} AND seen.account_id = ${accountId}`;
}

function nextTurn(accountId: string): Statement {
  return sql`(
    SELECT CASE WHEN a.suspended_at IS NULL THEN greatest(statement_timestamp(), due.run_at)
                ELSE greatest(statement_timestamp() + ${SUSPENDED_SECONDS} * interval '1 s', due.run_at) END
      FROM accounts a
     CROSS JOIN LATERAL (
           SELECT min(j.run_at) AS run_at FROM ${PRIORITIES}
            CROSS JOIN LATERAL (
                  SELECT run_at FROM jobs
                   WHERE account_id = a.id AND state = 'queued' AND priority = p.priority
                   ORDER BY run_at, id ${first(1)}) j) due
     WHERE a.id = ${accountId} AND due.run_at IS NOT NULL)`;
}

/** Waits for the places of accounts, in order, so that whoever queues jobs of several meets nobody halfway. */
export async function lockTurns(tx: Sql, accountIds: Iterable<string>): Promise<void> {
  for (const accountId of [...new Set(accountIds)].sort()) {
    await namingTheBusy([accountId], () =>
      tx.run(sql`SELECT 1 FROM account_turns WHERE account_id = ${accountId} FOR UPDATE`),
    );
  }
}

/** When the line moves next, in milliseconds from now. */
export function firstTurn(): Statement {
  return sql`
    SELECT extract(epoch FROM next_at - clock_timestamp())::float8 * 1000 AS ms FROM account_turns
     WHERE next_at IS NOT NULL ORDER BY next_at, account_id ${first(1)}`;
}

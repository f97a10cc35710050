import type { EventRow, NewEvent, OutboxItem, Tx } from '../../ports/index.ts';
import { addToOutbox } from './outbox.ts';
import { first, type Sql, type Statement, sql } from './sql.ts';

export function eventsOn(db: Sql): Tx['events'] {
  return {
    append: (owner, events) => appendEvents(db, [{ accountId: owner, events }]),

    async range(owner) {
      const [head] = await db.rows<{ seq: string; pruned: string }>(sql`
        SELECT seq, pruned_to AS pruned FROM event_heads WHERE account_id = ${owner}`);
      if (!head || head.seq === '0') return { oldest: 0, head: 0 };
      return { oldest: Number(head.pruned) + 1, head: Number(head.seq) };
    },

    async read(owner, { projectId, imageId }, afterSeq, upToSeq, limit) {
      const project = projectId === undefined ? sql`` : sql`AND project_id = ${projectId}`;
      const image = imageId === undefined ? sql`` : sql`AND image_id = ${imageId}`;
      const rows = await db.rows<{ seq: string; data: unknown }>(sql`
        SELECT seq, data FROM events
         WHERE account_id = ${owner} AND seq > ${afterSeq} AND seq <= ${upToSeq} ${project} ${image}
         ORDER BY seq ${first(limit)}`);
      return rows.map(({ seq, data }): EventRow => ({ seq: Number(seq), data }));
    },
  };
}

/** What an account is told of, in order. */
export interface News {
  readonly accountId: string;
  readonly events: readonly NewEvent[];
}

/**
 * Takes the accounts' heads for the rest of the transaction, so it comes late. Whoever holds one waits for nothing
 * but the next: that is what keeps the writers of an account free of deadlocks.
 * @param news in the order of the accounts
 * @param outbox goes with them, in the same round trip
 */
export async function appendEvents(
  db: Sql,
  news: readonly News[],
  outbox: readonly OutboxItem[] = [],
): Promise<void> {
  if (news.every(({ events }) => events.length === 0)) return;
  const told = outbox.length === 0 ? sql`` : sql`told AS (${addToOutbox(outbox)}),`;
  await db.run(eventsStatement(news, told));
}

/**
 * Fails where an account has no head: its events would have no number.
 * @param before further parts of the statement, each with a comma behind it
 */
export function eventsStatement(news: readonly News[], before: Statement = sql``): Statement {
  return sql`
    WITH ${before} ${takeNumbers(news)}
    INSERT INTO events (account_id, seq, type, image_id, project_id, data)
    SELECT account_id, head.before + e.place, e.event ->> 'type', e.event ->> 'imageId',
           e.event ->> 'projectId', e.event -> 'data'
      FROM news LEFT JOIN head USING (account_id)
     CROSS JOIN LATERAL json_array_elements(news.events) WITH ORDINALITY AS e (event, place)`;
}

/** A statement's parts named `news` and `head`, the latter with the number before the first event of each account. */
function takeNumbers(news: readonly News[]): Statement {
  const accounts = news.map(({ accountId }) => accountId);
  const counts = news.map(({ events }) => events.length);
  const lists = news.map(({ events }) => JSON.stringify(events));
  return sql`
    news AS (
      SELECT n.account_id, n.count, n.events::json AS events
        FROM unnest(${accounts}::text[], ${counts}::bigint[], ${lists}::text[]) AS n (account_id, count, events)),
    held AS MATERIALIZED (
      SELECT news.account_id, news.count FROM news CROSS JOIN LATERAL (
             SELECT 1 FROM event_heads WHERE account_id = news.account_id FOR UPDATE) head),
    head AS (
      UPDATE event_heads h SET seq = h.seq + held.count FROM held WHERE h.account_id = held.account_id
      RETURNING h.account_id, h.seq - held.count AS before)`;
}

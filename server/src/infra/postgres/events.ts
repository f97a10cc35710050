import type { EventRow, NewEvent, OutboxItem, Tx } from '../../ports/index.ts';
import { addToOutbox } from './outbox.ts';
import { first, type Sql, type Statement, sql } from './sql.ts';

export function eventsOn(db: Sql): Tx['events'] {
  return {
    append: (owner, events) => appendEvents(db, owner, events),

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

/**
 * Takes the account's head for the rest of the transaction, so it comes late. Whoever holds it waits for
 * nothing else: that is what keeps the writers of an account free of deadlocks.
 * @param outbox goes with them, in the same round trip
 */
export async function appendEvents(
  db: Sql,
  owner: string,
  events: readonly NewEvent[],
  outbox: readonly OutboxItem[] = [],
): Promise<void> {
  if (events.length === 0) return;
  const told = outbox.length === 0 ? sql`` : sql`told AS (${addToOutbox(outbox)}),`;
  const written = await db.run(sql`
    WITH ${told} ${takeNumbers(owner, events.length)}
    INSERT INTO events (account_id, seq, type, image_id, project_id, data)
    SELECT head.account_id, head.seq - ${events.length} + e.place, e.event ->> 'type', e.event ->> 'imageId',
           e.event ->> 'projectId', e.event -> 'data'
      FROM head
     CROSS JOIN json_array_elements(${JSON.stringify(events)}::json) WITH ORDINALITY AS e (event, place)`);
  if (written !== events.length) throw new Error(`there is no account ${owner} to write events for`);
}

/** A statement's part named `head`, with the last of the numbers taken. */
function takeNumbers(owner: string, count: number): Statement {
  return sql`head AS (
    UPDATE event_heads SET seq = seq + ${count} WHERE account_id = ${owner} RETURNING account_id, seq)`;
}

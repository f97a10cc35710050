import type { OutboxItem, Tx } from '../../ports/index.ts';
import type { Database } from './database.ts';
import { first, type Sql, type Statement, sql, together } from './sql.ts';

export function outboxOn(db: Sql): Tx['outbox'] {
  return {
    async add(items) {
      if (items.length > 0) await db.run(addToOutbox(items));
    },
  };
}

export function addToOutbox(items: readonly OutboxItem[]): Statement {
  return sql`
    INSERT INTO outbox (kind, item)
    SELECT i.item ->> 'kind', i.item
      FROM json_array_elements(${JSON.stringify(items)}::json) WITH ORDINALITY AS i (item, place)`;
}

/** So long it may take to hand on what was taken; nobody waits for those rows. Milliseconds. */
const HANDING_ON_MS = 60_000;

/**
 * At least once: the rows are gone when the transaction commits, which it does behind `handle`. They are taken
 * kind by kind, so that a kind whose handling fails, and piles up, does not stand in the way of the others.
 */
export function drainOutbox(
  db: Database,
  kinds: readonly OutboxItem['kind'][],
  limit: number,
  handle: (items: OutboxItem[]) => Promise<void>,
): Promise<number> {
  const drain = async (tx: Sql) => {
    const rows = await tx.rows<{ place: string; item: OutboxItem }>(sql`
      SELECT o.place, o.item FROM unnest(${kinds}::text[]) AS wanted (kind)
       CROSS JOIN LATERAL (
             SELECT ctid AS place, item FROM outbox WHERE kind = wanted.kind
              ORDER BY id ${first(limit)} FOR UPDATE SKIP LOCKED) o
       LIMIT ${limit}`);
    if (rows.length === 0) return 0;
    // A row that is locked stays in its place.
    const places = rows.map(({ place }) => place);
    await together([
      handle(rows.map(({ item }) => item)),
      tx.run(sql`DELETE FROM outbox WHERE ctid = ANY (${places}::tid[])`),
    ]);
    return rows.length;
  };
  return db.transaction(drain, { readsFirst: true, idleMs: HANDING_ON_MS });
}

import type { OriginalRow, Tx } from '../../ports/index.ts';
import { type Sql, sql } from './sql.ts';

/** As the database has it: bigint comes as text. */
type Stored = Omit<OriginalRow, 'size'> & { size: string };

const COLUMNS = sql`id, sha256, size, content_type AS "contentType", width, height,
  object_key AS "objectKey", created_at AS "createdAt"`;

export function originalsOn(db: Sql): Tx['originals'] {
  async function findBySha256(owner: string, hashes: readonly string[]): Promise<OriginalRow[]> {
    const rows = await db.rows<Stored>(sql`
      SELECT ${COLUMNS} FROM originals
       WHERE account_id = ${owner} AND sha256 = ANY(${hashes}::text[]) AND lost_at IS NULL`);
    return rows.map(toOriginal);
  }

  return {
    findBySha256,

    async getMany(owner, ids) {
      const rows = await db.rows<Stored>(sql`
        SELECT ${COLUMNS} FROM originals WHERE account_id = ${owner} AND id = ANY(${ids}::text[])`);
      return rows.map(toOriginal);
    },

    async upsert(owner, originals) {
      if (originals.length === 0) return [];
      // In the order of the hashes: calls that make the same rows wait for each other, and never in a ring.
      const sorted = originals.toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
      const made = await db.rows<Stored>(sql`
        INSERT INTO originals (account_id, id, sha256, size, content_type, width, height, object_key)
        SELECT ${owner}, o.id, o.sha256, o.size, o."contentType", o.width, o.height, o."objectKey"
          FROM json_to_recordset(${JSON.stringify(sorted)}::json) AS o
               (id text, sha256 text, size bigint, "contentType" text, width integer, height integer,
                "objectKey" text)
        ON CONFLICT (account_id, sha256) DO NOTHING
        RETURNING ${COLUMNS}`);
      const rows = new Map(made.map((row) => [row.sha256, toOriginal(row)]));
      const others = sorted.flatMap(({ sha256 }) => (rows.has(sha256) ? [] : [sha256]));
      // One whose bytes were lost has them again.
      if (others.length > 0) {
        await db.run(sql`
          UPDATE originals SET lost_at = NULL
           WHERE account_id = ${owner} AND sha256 = ANY(${others}::text[]) AND lost_at IS NOT NULL`);
      }
      // A statement of its own: the row of a twin that has just committed is visible to new snapshots only.
      const found = others.length > 0 ? await findBySha256(owner, others) : [];
      for (const row of found) rows.set(row.sha256, row);
      return originals.map(({ sha256 }) => {
        const row = rows.get(sha256);
        if (!row) throw new Error(`original ${sha256} of ${owner} was neither made nor found`);
        return row;
      });
    },
  };
}

function toOriginal(row: Stored): OriginalRow {
  return { ...row, size: Number(row.size) };
}

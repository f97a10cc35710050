import type { OriginalRow, Tx } from '../../ports/index.ts';
import { type Sql, sql } from './sql.ts';

/** As the database has it: bigint comes as text. */
type Stored = Omit<OriginalRow, 'size'> & { size: string };

const COLUMNS = sql`id, sha256, size, content_type AS "contentType", width, height,
  object_key AS "objectKey", created_at AS "createdAt"`;

export function originalsOn(db: Sql): Tx['originals'] {
  async function findBySha256(owner: string, hashes: readonly string[]): Promise<OriginalRow[]> {
    const rows = await db.rows<Stored>(sql`
      SELECT ${COLUMNS} FROM originals WHERE account_id = ${owner} AND sha256 = ANY(${hashes}::text[])`);
    return rows.map(toOriginal);
  }

  return {
    findBySha256,

    async getMany(owner, ids) {
      const rows = await db.rows<Stored>(sql`
        SELECT ${COLUMNS} FROM originals WHERE account_id = ${owner} AND id = ANY(${ids}::text[])`);
      return rows.map(toOriginal);
    },

    async upsert(owner, { id, sha256, size, contentType, width, height, objectKey }) {
      const [made] = await db.rows<Stored>(sql`
        INSERT INTO originals (account_id, id, sha256, size, content_type, width, height, object_key)
        VALUES (${owner}, ${id}, ${sha256}, ${size}, ${contentType}, ${width}, ${height}, ${objectKey})
        ON CONFLICT (account_id, sha256) DO NOTHING
        RETURNING ${COLUMNS}`);
      // A statement of its own: the row of a twin that has just committed is visible to new snapshots only.
      const row = made ? toOriginal(made) : (await findBySha256(owner, [sha256]))[0];
      if (!row) throw new Error(`original ${sha256} of ${owner} was neither made nor found`);
      return row;
    },
  };
}

function toOriginal(row: Stored): OriginalRow {
  return { ...row, size: Number(row.size) };
}

import type { Tx, UploadRow } from '../../ports/index.ts';
import { type Sql, sql, storable } from './sql.ts';

export function uploadsOn(db: Sql): Tx['uploads'] {
  return {
    async create(owner, uploads) {
      if (uploads.length === 0) return;
      await db.run(sql`
        INSERT INTO uploads (account_id, id, sha256, size, content_type, object_key, expires_at)
        SELECT ${owner}, u.id, u.sha256, u.size, u."contentType", u."objectKey", u."expiresAt"
          FROM json_to_recordset(${JSON.stringify(uploads)}::json) AS u
               (id text, sha256 text, size bigint, "contentType" text, "objectKey" text, "expiresAt" timestamptz)`);
    },

    async getMany(owner, ids) {
      const rows = await db.rows<Omit<UploadRow, 'size'> & { size: string }>(sql`
        SELECT id, sha256, size, content_type AS "contentType", object_key AS "objectKey", state,
               original_id AS "originalId", error_code AS "errorCode", error_message AS "errorMessage",
               expires_at AS "expiresAt"
          FROM uploads
         WHERE account_id = ${owner} AND id = ANY(${ids}::text[])`);
      return rows.map((row) => ({ ...row, size: Number(row.size) }));
    },

    async extend(owner, ids, expiresAt) {
      const rows = await db.rows<{ id: string }>(sql`
        UPDATE uploads SET expires_at = greatest(expires_at, ${expiresAt}) WHERE id IN (${locked(owner, ids)})
        RETURNING id`);
      return rows.map(({ id }) => id);
    },

    async markReady(owner, marks) {
      if (marks.length === 0) return;
      const ids = marks.map(({ id }) => id);
      await db.run(sql`
        WITH pending AS MATERIALIZED (${locked(owner, ids)})
        UPDATE uploads u SET state = 'ready', original_id = m."originalId"
          FROM pending JOIN json_to_recordset(${JSON.stringify(marks)}::json) AS m (id text, "originalId" text)
               USING (id)
         WHERE u.id = pending.id`);
    },

    async markRejected(owner, id, code, message) {
      await db.run(sql`
        UPDATE uploads SET state = 'rejected', error_code = ${code}, error_message = ${storable(message)}
         WHERE account_id = ${owner} AND id = ${id} AND state = 'pending'`);
    },
  };
}

/** Those that are pending, locked in one order by everybody: two calls with the same uploads wait for each other. */
function locked(owner: string, ids: readonly string[]) {
  return sql`
    SELECT id FROM uploads
     WHERE account_id = ${owner} AND id = ANY(${[...ids].sort()}::text[]) AND state = 'pending'
     ORDER BY id FOR UPDATE`;
}

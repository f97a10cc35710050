import type { Tx } from '../../ports/index.ts';
import { type Sql, sql } from './sql.ts';

export function auditOn(db: Sql): Tx['audit'] {
  return {
    async add(owner, entries) {
      if (entries.length === 0) return;
      await db.run(sql`
        INSERT INTO audit
          (account_id, principal, role, credential_kind, credential_id, action, object_id, detail, request_id)
        SELECT ${owner}, e.principal, e.role, e.credential ->> 'kind', e.credential ->> 'id', e.action,
               e."objectId", e.detail, e."requestId"
          FROM json_to_recordset(${JSON.stringify(entries)}::json) AS e
               (principal text, role text, credential json, action text, "objectId" text, detail text,
                "requestId" text)`);
    },
  };
}

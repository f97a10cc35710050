import type { Tx } from '../../ports/index.ts';
import { type Sql, sql } from './sql.ts';

export function auditOn(db: Sql): Tx['audit'] {
  return {
    async add(owner, entries) {
      if (entries.length === 0) return;
      await db.run(sql`
        INSERT INTO audit (account_id, principal, action, object_id, request_id)
        SELECT ${owner}, e.principal, e.action, e."objectId", e."requestId"
          FROM json_to_recordset(${JSON.stringify(entries)}::json) AS e
               (principal text, action text, "objectId" text, "requestId" text)`);
    },
  };
}

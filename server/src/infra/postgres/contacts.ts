import type { ContactsTx } from '../../ports/index.ts';
import { type Sql, sql } from './sql.ts';

export function contactsOn(db: Sql): ContactsTx {
  return {
    async set(owner, subjectId, email) {
      await db.run(sql`
        INSERT INTO contacts (account_id, subject_id, email) VALUES (${owner}, ${subjectId}, ${email})`);
    },

    async move(owner, fromId, toId) {
      await db.run(sql`
        UPDATE contacts SET subject_id = ${toId} WHERE account_id = ${owner} AND subject_id = ${fromId}`);
    },

    async erase(owner, subjectId) {
      await db.run(sql`DELETE FROM contacts WHERE account_id = ${owner} AND subject_id = ${subjectId}`);
    },
  };
}

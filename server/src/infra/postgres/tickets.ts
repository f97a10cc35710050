import type { TicketRow, TicketsTx } from '../../ports/index.ts';
import { type Sql, sql } from './sql.ts';

export function ticketsOn(db: Sql): TicketsTx {
  return {
    async create(owner, { id, plan, createdBy, expiresAt }) {
      await db.run(sql`
        INSERT INTO checkout_tickets (account_id, id, plan, created_by, expires_at)
        VALUES (${owner}, ${id}, ${plan}, ${createdBy}, ${expiresAt})`);
    },

    async get(owner, id) {
      const [row] = await db.rows<TicketRow>(sql`
        SELECT id, plan, created_at AS "createdAt", expires_at AS "expiresAt", used_at AS "usedAt",
               used_by AS "usedBy"
          FROM checkout_tickets WHERE account_id = ${owner} AND id = ${id}`);
      return row;
    },

    async use(owner, id, principal, at) {
      const changed = await db.run(sql`
        UPDATE checkout_tickets SET used_at = ${at}, used_by = ${principal}
         WHERE account_id = ${owner} AND id = ${id} AND used_at IS NULL AND expires_at > ${at}`);
      return changed > 0;
    },
  };
}

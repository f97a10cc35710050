import type { Role } from '../../contract/index.ts';
import type { AccountRow, Tx } from '../../ports/index.ts';
import { type Sql, sql } from './sql.ts';

export function accountsOn(db: Sql): Tx['accounts'] {
  return {
    async findByPrincipal(principal) {
      const [found] = await db.rows<AccountRow & { role: Role }>(sql`
        SELECT a.id, a.name, a.plan, a.suspended_at AS "suspendedAt", m.role
          FROM members m
          JOIN accounts a ON a.id = m.account_id
         WHERE m.principal = ${principal}`);
      if (!found) return undefined;
      const { role, ...account } = found;
      return { account, role };
    },

    async create({ id, name, plan }) {
      await db.run(sql`
        WITH account AS (INSERT INTO accounts (id, name, plan) VALUES (${id}, ${name}, ${plan}) RETURNING id)
        INSERT INTO event_heads (account_id) SELECT id FROM account`);
    },

    async addMember(accountId, principal, role) {
      await db.run(sql`
        INSERT INTO members (account_id, principal, role) VALUES (${accountId}, ${principal}, ${role})`);
    },

    async lock(owner) {
      // Weaker than FOR UPDATE: rows that refer to the account can be added meanwhile.
      await db.rows(sql`SELECT 1 FROM accounts WHERE id = ${owner} FOR NO KEY UPDATE`);
    },
  };
}

import type { Role } from '../../contract/index.ts';
import type { AccountRow, Tx } from '../../ports/index.ts';
import { first, type Sql, sql } from './sql.ts';

export function accountsOn(db: Sql): Tx['accounts'] {
  return {
    async findByPrincipal(principal) {
      const [found] = await db.rows<AccountRow & { role: Role }>(sql`
        SELECT id, name, plan, suspended_at AS "suspendedAt", role FROM find_membership(${principal})`);
      if (!found) return undefined;
      const { role, ...account } = found;
      return { account, role };
    },

    async get(owner) {
      const [found] = await db.rows<AccountRow>(sql`
        SELECT id, name, plan, suspended_at AS "suspendedAt" FROM accounts WHERE id = ${owner}`);
      return found;
    },

    async create(owner, { name, plan }) {
      await db.run(sql`
        WITH account AS (INSERT INTO accounts (id, name, plan) VALUES (${owner}, ${name}, ${plan}) RETURNING id)
        INSERT INTO event_heads (account_id) SELECT id FROM account`);
    },

    async lock(owner) {
      // Weaker than FOR UPDATE: rows that refer to the account can be added meanwhile.
      await db.rows(sql`SELECT 1 FROM accounts WHERE id = ${owner} FOR NO KEY UPDATE`);
    },

    async lockAlone(owner) {
      await db.rows(sql`SELECT 1 FROM accounts WHERE id = ${owner} FOR UPDATE`);
    },

    async isEmpty(owner) {
      // The order keeps the planner on the index when it expects to meet a row soon anyway.
      const rows = await db.rows(sql`
        (SELECT 1 FROM originals WHERE account_id = ${owner} ORDER BY id ${first(1)})
        UNION ALL
        (SELECT 1 FROM images WHERE account_id = ${owner} AND deleted_at IS NULL ORDER BY id DESC ${first(1)})
        UNION ALL
        (SELECT 1 FROM projects WHERE account_id = ${owner} AND deleted_at IS NULL ORDER BY id DESC ${first(1)})`);
      return rows.length === 0;
    },
  };
}

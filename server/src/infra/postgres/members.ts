import type { MemberRow, MembersTx } from '../../ports/index.ts';
import { behind, toPage } from './pages.ts';
import { first, type Sql, sql } from './sql.ts';

const COLUMNS = sql`
  m.id, m.principal, m.role, m.name, m.created_at AS "createdAt",
  (SELECT c.email FROM contacts c WHERE c.account_id = m.account_id AND c.subject_id = m.id) AS email`;

export function membersOn(db: Sql): MembersTx {
  return {
    async add(owner, { id, principal, role, name = null }) {
      const added = await db.run(sql`
        INSERT INTO members (account_id, id, principal, role, name)
        VALUES (${owner}, ${id}, ${principal}, ${role}, ${name})
        ON CONFLICT (principal) DO NOTHING`);
      return added > 0;
    },

    async list(owner, page) {
      const rows = await db.rows<MemberRow>(sql`
        SELECT ${COLUMNS} FROM members m
         WHERE m.account_id = ${owner} ${behind(page, sql`m.id`)}
         ORDER BY m.id DESC ${first(page.limit + 1)}`);
      return toPage(rows, page.limit);
    },

    async get(owner, id) {
      const [row] = await db.rows<MemberRow>(sql`
        SELECT ${COLUMNS} FROM members m WHERE m.account_id = ${owner} AND m.id = ${id}`);
      return row;
    },

    async getByPrincipal(owner, principal) {
      const [row] = await db.rows<MemberRow>(sql`
        SELECT ${COLUMNS} FROM members m WHERE m.account_id = ${owner} AND m.principal = ${principal}`);
      return row;
    },

    async setRole(owner, id, role) {
      await db.run(sql`UPDATE members SET role = ${role} WHERE account_id = ${owner} AND id = ${id}`);
    },

    async remove(owner, id) {
      await db.run(sql`DELETE FROM members WHERE account_id = ${owner} AND id = ${id}`);
    },

    async hasOtherOwner(owner, id) {
      const rows = await db.rows(sql`
        SELECT 1 FROM members
         WHERE account_id = ${owner} AND id <> ${id} AND role IN ('owner', 'admin')
         ORDER BY id ${first(1)}`);
      return rows.length > 0;
    },

    async hasOthers(owner, id) {
      const rows = await db.rows(sql`
        SELECT 1 FROM members WHERE account_id = ${owner} AND id <> ${id} ORDER BY id DESC ${first(1)}`);
      return rows.length > 0;
    },
  };
}

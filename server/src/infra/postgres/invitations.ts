import type { InvitationRow, InvitationsTx } from '../../ports/index.ts';
import { behind, toPage } from './pages.ts';
import { first, type Sql, sql } from './sql.ts';

const COLUMNS = sql`
  i.id, i.account_id AS "accountId", i.role, i.invited_by AS "invitedBy", i.created_at AS "createdAt",
  i.expires_at AS "expiresAt", i.accepted_by AS "acceptedBy", i.revoked_at AS "revokedAt",
  (SELECT c.email FROM contacts c WHERE c.account_id = i.account_id AND c.subject_id = i.id) AS email`;

const OPEN = sql`accepted_by IS NULL AND revoked_at IS NULL AND expires_at > now()`;

export function invitationsOn(db: Sql): InvitationsTx {
  return {
    async create(owner, { id, secretHash, role, invitedBy, expiresAt }) {
      await db.run(sql`
        INSERT INTO invitations (account_id, id, secret_hash, role, invited_by, expires_at)
        VALUES (${owner}, ${id}, ${secretHash}, ${role}, ${invitedBy}, ${expiresAt})`);
    },

    async list(owner, page) {
      const rows = await db.rows<InvitationRow>(sql`
        SELECT ${COLUMNS} FROM invitations i
         WHERE i.account_id = ${owner} ${behind(page, sql`i.id`)}
         ORDER BY i.id DESC ${first(page.limit + 1)}`);
      return toPage(rows, page.limit);
    },

    async get(owner, id) {
      const [row] = await db.rows<InvitationRow>(sql`
        SELECT ${COLUMNS} FROM invitations i WHERE i.account_id = ${owner} AND i.id = ${id}`);
      return row;
    },

    async countOpen(owner, limit) {
      const rows = await db.rows(sql`
        SELECT 1 FROM invitations WHERE account_id = ${owner} AND ${OPEN} ORDER BY expires_at ${first(limit)}`);
      return rows.length;
    },

    async revoke(owner, id) {
      const changed = await db.run(sql`
        UPDATE invitations SET revoked_at = now() WHERE account_id = ${owner} AND id = ${id} AND ${OPEN}`);
      return changed > 0;
    },

    async revokeAllBy(owner, principal) {
      const rows = await db.rows<{ id: string }>(sql`
        UPDATE invitations SET revoked_at = now()
         WHERE account_id = ${owner} AND invited_by = ${principal} AND ${OPEN}
        RETURNING id`);
      return rows.map(({ id }) => id);
    },

    async accept(owner, id, principal) {
      const changed = await db.run(sql`
        UPDATE invitations SET accepted_by = ${principal}
         WHERE account_id = ${owner} AND id = ${id} AND ${OPEN}`);
      return changed > 0;
    },

    async findBySecret(secretHash) {
      const [row] = await db.rows<InvitationRow>(sql`
        SELECT ${COLUMNS} FROM find_invitation(${secretHash}) i`);
      return row;
    },
  };
}

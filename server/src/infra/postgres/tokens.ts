import type { TokenRow, TokensTx, UsableToken } from '../../ports/index.ts';
import { behind, toPage } from './pages.ts';
import { first, type Sql, sql } from './sql.ts';

const COLUMNS = sql`
  t.id, t.name, t.principal, t.scopes, t.created_at AS "createdAt", t.expires_at AS "expiresAt",
  t.last_used_at AS "lastUsedAt", t.revoked_at AS "revokedAt"`;

export function tokensOn(db: Sql): TokensTx {
  async function revokeWhere(owner: string, which: ReturnType<typeof sql>): Promise<string[]> {
    const rows = await db.rows<{ id: string }>(sql`
      UPDATE tokens SET revoked_at = now() WHERE account_id = ${owner} AND ${which} AND revoked_at IS NULL
      RETURNING id`);
    return rows.map(({ id }) => id);
  }

  return {
    async create(owner, { id, name, principal, scopes, secretHash, expiresAt }) {
      await db.run(sql`
        INSERT INTO tokens (account_id, id, name, principal, scopes, secret_hash, expires_at)
        VALUES (${owner}, ${id}, ${name}, ${principal}, ${scopes}, ${secretHash}, ${expiresAt})`);
    },

    async list(owner, principal, page) {
      const whose = principal === null ? sql`` : sql`AND t.principal = ${principal}`;
      const rows = await db.rows<TokenRow>(sql`
        SELECT ${COLUMNS} FROM tokens t
         WHERE t.account_id = ${owner} ${whose} ${behind(page, sql`t.id`)}
         ORDER BY t.id DESC ${first(page.limit + 1)}`);
      return toPage(rows, page.limit);
    },

    async get(owner, id) {
      const [row] = await db.rows<TokenRow>(sql`
        SELECT ${COLUMNS} FROM tokens t WHERE t.account_id = ${owner} AND t.id = ${id}`);
      return row;
    },

    async countLive(owner, principal, limit) {
      const rows = await db.rows(sql`
        SELECT 1 FROM tokens
         WHERE account_id = ${owner} AND principal = ${principal} AND revoked_at IS NULL AND expires_at > now()
         ORDER BY expires_at ${first(limit)}`);
      return rows.length;
    },

    revoke: (owner, ids) => revokeWhere(owner, sql`id = ANY(${ids}::text[])`),

    revokeAllOf: (owner, principal) => revokeWhere(owner, sql`principal = ${principal}`),

    async touch(owner, id, at) {
      await db.run(sql`
        UPDATE tokens SET last_used_at = ${at}
         WHERE account_id = ${owner} AND id = ${id} AND (last_used_at IS NULL OR last_used_at <= ${at}::timestamptz - interval '1 minute')`);
    },

    async findBySecret(secretHash) {
      const [row] = await db.rows<UsableToken>(sql`
        SELECT ${COLUMNS}, t.account_id AS "accountId"
          FROM find_token(${secretHash}) t`);
      return row;
    },
  };
}

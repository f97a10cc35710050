import type { BrowserSessionRow, BrowserSessionsTx } from '../../ports/index.ts';
import { type Sql, sql } from './sql.ts';

const COLUMNS = sql`
  s.id, s.account_id AS "accountId", s.principal, s.scopes, s.sealed, s.created_at AS "createdAt",
  s.used_at AS "usedAt", s.confirmed_until AS "confirmedUntil", s.ends_at AS "endsAt"`;

export function browserSessionsOn(db: Sql): BrowserSessionsTx {
  return {
    async create(owner, { id, secretHash, principal, scopes, sealed, confirmedUntil, endsAt }) {
      await db.run(sql`
        INSERT INTO browser_sessions
          (account_id, id, secret_hash, principal, scopes, sealed, confirmed_until, ends_at)
        VALUES (${owner}, ${id}, ${secretHash}, ${principal}, ${scopes}, ${sealed}, ${confirmedUntil}, ${endsAt})`);
    },

    async findBySecret(secretHash) {
      const [row] = await db.rows<BrowserSessionRow>(sql`
        SELECT ${COLUMNS} FROM find_browser_session(${secretHash}) s`);
      return row;
    },

    async touch(owner, id, at) {
      await db.run(sql`
        UPDATE browser_sessions SET used_at = ${at}
         WHERE account_id = ${owner} AND id = ${id} AND used_at <= ${at}::timestamptz - interval '1 minute'`);
    },

    async claimRenewal(owner, id, seen, at, until) {
      const changed = await db.run(sql`
        UPDATE browser_sessions SET renewing_until = ${until}
         WHERE account_id = ${owner} AND id = ${id} AND confirmed_until = ${seen}
           AND (renewing_until IS NULL OR renewing_until <= ${at})`);
      return changed > 0;
    },

    async reseal(owner, id, sealed) {
      await db.run(
        sql`UPDATE browser_sessions SET sealed = ${sealed} WHERE account_id = ${owner} AND id = ${id}`,
      );
    },

    async renew(owner, id, { scopes, sealed, confirmedUntil }) {
      await db.run(sql`
        UPDATE browser_sessions
           SET scopes = ${scopes}, sealed = ${sealed}, confirmed_until = ${confirmedUntil}, renewing_until = NULL
         WHERE account_id = ${owner} AND id = ${id}`);
    },

    async remove(owner, id) {
      await db.run(sql`DELETE FROM browser_sessions WHERE account_id = ${owner} AND id = ${id}`);
    },
  };
}

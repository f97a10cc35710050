import { hash } from 'node:crypto';
import type { IdempotencyRecord, Tx } from '../../ports/index.ts';
import { type Sql, sql } from './sql.ts';

export function idempotencyOn(db: Sql): Tx['idempotency'] {
  return {
    async tryLock(owner, operation, key) {
      const [answer] = await db.rows<{ locked: boolean }>(sql`
        SELECT pg_try_advisory_xact_lock(${lockNumber(owner, operation, key)}::bigint) AS locked`);
      return answer?.locked === true;
    },

    async get(owner, operation, key) {
      const [record] = await db.rows<IdempotencyRecord>(sql`
        SELECT body_hash AS "bodyHash", status, response FROM idempotency_keys
         WHERE account_id = ${owner} AND operation = ${operation} AND key = ${key} AND expires_at > now()`);
      return record;
    },

    async put(owner, operation, key, { bodyHash, status, response }) {
      const stored = response === null || response === undefined ? null : JSON.stringify(response);
      await db.run(sql`
        INSERT INTO idempotency_keys AS k
          (account_id, operation, key, body_hash, status, response, expires_at)
        VALUES (${owner}, ${operation}, ${key}, ${bodyHash}, ${status}, ${stored}::json,
                now() + interval '24 hours')
        ON CONFLICT (account_id, operation, key) DO UPDATE
           SET body_hash = excluded.body_hash, status = excluded.status, response = excluded.response,
               expires_at = excluded.expires_at
         WHERE k.expires_at <= now()`);
    },

    async revise(owner, operation, key, response) {
      await db.run(sql`
        UPDATE idempotency_keys SET response = ${JSON.stringify(response)}::json
         WHERE account_id = ${owner} AND operation = ${operation} AND key = ${key}`);
    },
  };
}

/** 64 bits of a hash: two keys that share them, once in 2^64, wait for each other and do nothing worse. */
function lockNumber(owner: string, operation: string, key: string): string {
  const digest = hash('sha256', JSON.stringify([owner, operation, key]), 'buffer');
  return digest.readBigInt64BE(0).toString();
}

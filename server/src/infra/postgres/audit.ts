import type { NewAudit, Tx } from '../../ports/index.ts';
import { type Sql, type Statement, sql } from './sql.ts';

const COLUMNS = sql`account_id, principal, role, credential_kind, credential_id, action, object_id, detail, request_id`;

export function auditOn(db: Sql): Tx['audit'] {
  return {
    async add(owner, entries) {
      if (entries.length === 0) return;
      await db.run(
        entries.some(({ ip }) => ip != null) ? withOrigins(owner, entries) : plain(owner, entries),
      );
    },
  };
}

function plain(owner: string, entries: readonly NewAudit[]): Statement {
  return sql`INSERT INTO audit (${COLUMNS}) SELECT ${valuesOf(owner)} FROM ${rowsOf(entries)}`;
}

/** The number comes first, since this role may not read what it has written. */
function withOrigins(owner: string, entries: readonly NewAudit[]): Statement {
  return sql`
    WITH e AS MATERIALIZED (SELECT nextval('audit_id_seq') AS id, e.* FROM ${rowsOf(entries)}),
    written AS (
      INSERT INTO audit (id, ${COLUMNS}) OVERRIDING SYSTEM VALUE SELECT e.id, ${valuesOf(owner)} FROM e)
    INSERT INTO audit_origins (audit_id, account_id, ip) SELECT id, ${owner}, ip FROM e WHERE ip IS NOT NULL`;
}

function valuesOf(owner: string): Statement {
  return sql`
    ${owner}, e.principal, e.role, e.credential ->> 'kind', e.credential ->> 'id', e.action, e."objectId", e.detail,
    e."requestId"`;
}

function rowsOf(entries: readonly NewAudit[]): Statement {
  return sql`json_to_recordset(${JSON.stringify(entries)}::json) AS e
    (principal text, role text, credential json, action text, "objectId" text, detail text, "requestId" text, ip text)`;
}

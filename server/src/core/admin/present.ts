import type { Account, AuditEntry, Client } from '../../contract/index.ts';
import type { AdminAccountRow, AuditRow, ClientRow } from '../../ports/index.ts';
import { clientIdOf } from '../accounts/principals.ts';

export function presentAccount({ id, name, plan, suspendedAt, createdAt }: AdminAccountRow): Account {
  return {
    id,
    name,
    plan,
    suspendedAt: suspendedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}

export function presentClient(accountId: string, { id, principal, name, createdAt }: ClientRow): Client {
  return { id, clientId: clientIdOf(principal), name, accountId, createdAt: createdAt.toISOString() };
}

export function presentAudit(row: AuditRow): AuditEntry {
  return { ...row, at: row.at.toISOString() };
}

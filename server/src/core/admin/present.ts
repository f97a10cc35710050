import type { Account, AuditEntry, Client, DeadLetter, Job } from '../../contract/index.ts';
import type { AdminAccountRow, AuditRow, ClientRow, DeadJob, JobRow } from '../../ports/index.ts';
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

export function presentJob(row: JobRow): Job {
  return {
    ...row,
    runAt: row.runAt.toISOString(),
    leaseUntil: row.leaseUntil?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export function presentDeadLetter({ id, diedAt, ...row }: DeadJob): DeadLetter {
  return { jobId: id, ...row, diedAt: diedAt.toISOString() };
}

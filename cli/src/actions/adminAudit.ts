import { Admin, type AuditEntry, type ListAuditQuery } from '@stager/sdk';
import type { Context } from '../context.ts';
import { clean } from '../io/clean.ts';
import type { Rendered } from '../io/io.ts';
import { DEFAULT_LIMIT, pageSize, renderList, takeUpTo } from './list.ts';

type AuditOptions = Omit<ListAuditQuery, 'cursor'>;

export async function listAudit(
  context: Context,
  { limit = DEFAULT_LIMIT, ...query }: AuditOptions,
): Promise<Rendered> {
  const admin = new Admin(await context.stager());
  const entries = admin.audit({ ...query, limit: pageSize(limit) }, { signal: context.signal });
  return renderList({
    ...(await takeUpTo(entries, limit)),
    limit,
    none: 'Nothing was done that fits.',
    columns: ({ style }) => [
      { title: 'AT (UTC)', paint: style.dim },
      { title: 'WHO', flexible: true },
      { title: 'ACTION' },
      { title: 'OBJECT', flexible: true },
      { title: 'DETAIL', flexible: true },
    ],
    row: (entry) => [
      entry.at.slice(0, 19).replace('T', ' '),
      clean(who(entry)),
      clean(entry.action),
      clean(entry.objectId ?? ''),
      clean(entry.detail ?? ''),
    ],
  });
}

/** A machine is told by its principal; for a person it matters whether a token stood in. */
function who({ principal, credential }: AuditEntry): string {
  return credential?.kind === 'token' ? `${principal} by token` : principal;
}

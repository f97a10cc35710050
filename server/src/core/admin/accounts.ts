import type { AdminAccountRow } from '../../ports/index.ts';
import { audit } from '../context.ts';
import { DomainError } from '../errors.ts';
import { type AdminAct, actOn } from './context.ts';

export async function getAccount({ tx }: AdminAct, id: string): Promise<AdminAccountRow> {
  const account = await tx.accounts.get(id);
  if (!account) throw noAccount(id);
  return account;
}

export function noAccount(id: string): DomainError {
  return new DomainError('not_found', `There is no account ${id}.`);
}

export async function suspendAccount(act: AdminAct, id: string, reason: string): Promise<AdminAccountRow> {
  await getAccount(act, id);
  if (id === act.caller.accountId) {
    throw new DomainError('invalid_state', 'This is your own account: you could not undo it.');
  }
  if (await act.tx.accounts.setSuspended(id, true)) {
    await audit(actOn(act, id), 'account.suspend', [id], reason);
  }
  return getAccount(act, id);
}

export async function resumeAccount(act: AdminAct, id: string): Promise<AdminAccountRow> {
  await getAccount(act, id);
  const deletion = await act.tx.deletions.latest(id);
  if (deletion && !deletion.canceledAt) {
    throw new DomainError(
      'invalid_state',
      `It is being deleted, from ${deletion.dueAt.toISOString()} on. Until then: stager admin accounts keep ${id}.`,
    );
  }
  if (await act.tx.accounts.setSuspended(id, false)) await audit(actOn(act, id), 'account.resume', [id]);
  return getAccount(act, id);
}

import type { PlanId } from '../../contract/index.ts';
import type { AdminTx, NewAudit } from '../../ports/index.ts';
import { isMachine } from '../accounts/principals.ts';
import { DomainError } from '../errors.ts';
import { newId } from '../ids.ts';

/** What is done on the host, where whoever has the database may do everything. */
export interface HostAct {
  readonly tx: AdminTx;
  /** `host:` and the name of the system's user. */
  readonly principal: string;
}

/**
 * Makes somebody an operator of the installation; answers with the account. Who belongs to none gets one by that name.
 * @throws DomainError `no_account` without a name for it, `invalid_state` for a machine client
 */
export async function grantAdmin(act: HostAct, principal: string, accountName?: string): Promise<string> {
  if (isMachine(principal)) {
    throw new DomainError('invalid_state', 'Admins are people: a machine client stays a member.');
  }
  const { tx } = act;
  const found = await tx.accounts.findByPrincipal(principal);
  const accountId = found?.account.id ?? (await createAccount(act, principal, accountName));
  const member = await tx.members.getByPrincipal(accountId, principal);
  if (!member) throw new Error(`${principal} is no member of ${accountId}`);
  if (member.role === 'admin') return accountId;
  await tx.members.setRole(accountId, member.id, 'admin');
  await record(act, accountId, 'member.change_role', member.id, 'admin');
  return accountId;
}

/** Back to an owner of the account. @throws DomainError `not_found` for who is no admin */
export async function revokeAdmin(act: HostAct, principal: string): Promise<string> {
  const { tx } = act;
  const found = await tx.accounts.findByPrincipal(principal);
  const member = found && (await tx.members.getByPrincipal(found.account.id, principal));
  if (!found || member?.role !== 'admin') throw new DomainError('not_found', `${principal} is no admin.`);
  await tx.members.setRole(found.account.id, member.id, 'owner');
  await record(act, found.account.id, 'member.change_role', member.id, 'owner');
  return found.account.id;
}

/**
 * The plan that somebody's account is on while it pays for none. Answers with the account.
 * @throws DomainError `not_found` for who belongs to none
 */
export async function setBasePlan(act: HostAct, principal: string, plan: PlanId): Promise<string> {
  const { tx } = act;
  const found = await tx.accounts.findByPrincipal(principal);
  if (!found) throw new DomainError('not_found', `${principal} belongs to no account.`);
  const { id, plan: before } = found.account;
  if (before === plan) return id;
  await tx.accounts.setPlan(id, plan);
  await record(act, id, 'billing.base_plan', id, `${before} to ${plan}`);
  return id;
}

/** Where somebody's acts came from is forgotten; the acts stay. Answers with how many were touched. */
export async function eraseOrigins(act: HostAct, principal: string): Promise<number> {
  const erased = await act.tx.log.eraseOrigins(principal);
  for (const { accountId } of erased) {
    await record(act, accountId, 'audit.erase_origins', accountId, principal);
  }
  return erased.reduce((sum, { count }) => sum + count, 0);
}

async function createAccount(act: HostAct, principal: string, name: string | undefined): Promise<string> {
  if (name === undefined) {
    throw new DomainError(
      'no_account',
      `${principal} belongs to no account. Name one to be made: --account NAME.`,
    );
  }
  const accountId = newId('acc');
  await act.tx.accounts.create(accountId, { name, plan: 'free' });
  if (!(await act.tx.members.add(accountId, { id: newId('mem'), principal, role: 'owner' }))) {
    throw new DomainError('already_member', `${principal} has just got an account. Do it again.`);
  }
  await record(act, accountId, 'account.create', accountId, null);
  return accountId;
}

function record(
  { tx, principal }: HostAct,
  accountId: string,
  action: string,
  objectId: string,
  detail: string | null,
): Promise<void> {
  const entry: NewAudit = {
    principal,
    role: null,
    credential: null,
    action,
    objectId,
    detail,
    requestId: null,
  };
  return tx.audit.add(accountId, [entry]);
}

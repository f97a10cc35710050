import { type GivenRole, hasRole, type Role } from '../../contract/index.ts';
import type { Caller, MemberRow, Tx } from '../../ports/index.ts';
import { type Act, audit, type Signed } from '../context.ts';
import { DomainError, notFound } from '../errors.ts';
import { isMachine } from './principals.ts';

export async function changeRole(act: Act, id: string, role: GivenRole): Promise<MemberRow> {
  const member = await findForChange(act, id);
  if (isMachine(member.principal)) {
    throw new DomainError('invalid_state', 'A machine client is always a member: it cannot own an account.');
  }
  if (member.role === role) return member;
  if (role === 'member') await refuseLastOwner(act, member);
  await act.tx.members.setRole(act.caller.accountId, id, role);
  await audit(act, 'member.change_role', [id], role);
  if (role === 'member') await endInvitationsOf(act, member.principal, 'member.change_role');
  return { ...member, role };
}

export async function removeMember(act: Act, id: string): Promise<void> {
  const member = await findForChange(act, id);
  await refuseLastOwner(act, member);
  await dropPerson(act, member, 'member.remove');
}

export async function leaveAccount(act: Act): Promise<void> {
  const { accountId } = act.caller;
  await act.tx.accounts.lock(accountId);
  const member = await requireStill(act, 'member');
  await refuseLastOwner(act, member);
  await dropPerson(act, member, 'member.leave');
}

/** Ends a membership, and the ways back that its holder may have kept. */
export async function dropPerson(act: Act, member: MemberRow, action: string): Promise<void> {
  await dropMember(act, member, action);
  await endInvitationsOf(act, member.principal, action);
}

/** An invitation is worth what its maker may do: who owned the account could otherwise come back as an owner. */
async function endInvitationsOf(act: Act, principal: string, action: string): Promise<void> {
  const { tx, caller } = act;
  const ended = await tx.invitations.revokeAllBy(caller.accountId, principal);
  for (const id of ended) await tx.contacts.erase(caller.accountId, id);
  await audit(act, 'invitation.revoke', ended, action);
}

/** Ends a membership and its tokens. */
export async function dropMember(
  act: Signed & { readonly tx: Pick<Tx, 'audit' | 'contacts' | 'members' | 'tokens'> },
  { id, principal }: Pick<MemberRow, 'id' | 'principal'>,
  action: string,
): Promise<void> {
  const { tx, caller } = act;
  const ended = await tx.tokens.revokeAllOf(caller.accountId, principal);
  await tx.members.remove(caller.accountId, id);
  await tx.contacts.erase(caller.accountId, id);
  await audit(act, action, [id], principal);
  await audit(act, 'token.revoke', ended, action);
}

/** Changes of members wait for each other, so that two owners cannot each be the other's last. */
async function findForChange(act: Act, id: string): Promise<MemberRow> {
  const { tx, caller } = act;
  await tx.accounts.lock(caller.accountId);
  const self = await requireStill(act, 'owner');
  const member = await tx.members.get(caller.accountId, id);
  if (!member) throw notFound('member', id);
  if (!hasRole(self.role, member.role)) throw roleRequired(member.role);
  return member;
}

/**
 * What the request was let in by may be seconds old. Whoever gives rights away, or takes them, must have theirs in this
 * very transaction: what somebody makes in the seconds behind their removal would outlast it.
 * @throws DomainError `no_account`, `role_required`
 */
export async function requireStill(
  { tx, caller }: { readonly tx: Pick<Tx, 'members'>; readonly caller: Caller },
  role: Role,
): Promise<MemberRow> {
  const self = await tx.members.getByPrincipal(caller.accountId, caller.principal);
  if (!self) throw new DomainError('no_account', 'You belong to this account no more.');
  if (!hasRole(self.role, role)) throw roleRequired(role);
  return self;
}

async function refuseLastOwner(act: Act, member: MemberRow): Promise<void> {
  if (!hasRole(member.role, 'owner')) return;
  if (await act.tx.members.hasOtherOwner(act.caller.accountId, member.id)) return;
  throw new DomainError(
    'last_owner',
    'This is the only owner, and an account needs one. Make another member an owner first.',
  );
}

export function roleRequired(role: Role): DomainError {
  return new DomainError(
    'role_required',
    `This needs the role ${role} in the account. Ask ${role === 'admin' ? 'an operator of the installation' : 'an owner'}.`,
    { role },
  );
}

import type { GivenRole, InvitationInput } from '../../contract/index.ts';
import type { AccountRow, InvitationRow, MemberRow, MembershipRow, Tx } from '../../ports/index.ts';
import { type Act, audit } from '../context.ts';
import { DomainError, notFound, suspended } from '../errors.ts';
import { newId } from '../ids.ts';
import { dropPerson, requireStill } from './members.ts';
import { isMachine } from './principals.ts';
import { isWellFormed, newSecret, secretHash } from './secrets.ts';

const PREFIX = 'stgi_';
/** Open invitations of an account. */
const OPEN_MAX = 100;
const DAY_MS = 24 * 60 * 60 * 1000;

export async function createInvitation(
  act: Act,
  input: InvitationInput,
): Promise<{ invitation: InvitationRow; secret: string }> {
  const { tx, caller, now } = act;
  const owner = caller.accountId;
  await tx.accounts.lock(owner);
  await requireStill(act, 'owner');
  if ((await tx.invitations.countOpen(owner, OPEN_MAX)) >= OPEN_MAX) {
    throw new DomainError('limit_reached', `${OPEN_MAX} invitations are open. Revoke some first.`);
  }
  const id = newId('inv');
  const secret = newSecret(PREFIX);
  await tx.invitations.create(owner, {
    id,
    secretHash: secretHash(secret),
    role: input.role,
    invitedBy: caller.principal,
    expiresAt: new Date(now.getTime() + input.expiresInDays * DAY_MS),
  });
  if (input.email !== undefined) await tx.contacts.set(owner, id, input.email);
  await audit(act, 'invitation.create', [id], input.role);
  return { invitation: await getInvitation(tx, owner, id), secret };
}

export async function revokeInvitation(act: Act, id: string): Promise<void> {
  const { tx, caller, now } = act;
  const invitation = await getInvitation(tx, caller.accountId, id);
  if (!(await tx.invitations.revoke(caller.accountId, id))) {
    throw new DomainError(
      'invalid_state',
      `Invitation ${id} is ${stateOf(invitation, now)} and cannot be revoked.`,
    );
  }
  await tx.contacts.erase(caller.accountId, id);
  await audit(act, 'invitation.revoke', [id]);
}

/** Where the secret of an invitation leads. */
export interface InvitedTo {
  readonly accountId: string;
  readonly role: GivenRole;
  readonly account: AccountRow;
  readonly invitation: InvitationRow;
}

/** @throws DomainError `not_found`, also for what cannot be a secret of ours; `account_suspended` */
export async function enterByInvitation(tx: Tx, secret: string): Promise<InvitedTo> {
  const invitation = isWellFormed(PREFIX, secret)
    ? await tx.invitations.findBySecret(secretHash(secret))
    : undefined;
  if (!invitation) {
    throw new DomainError(
      'not_found',
      'There is no such invitation. Check that the secret was copied whole.',
    );
  }
  const { accountId, role } = invitation;
  const account = await tx.accounts.get(accountId);
  if (!account) throw notFound('account', accountId);
  if (account.suspendedAt) throw suspended(accountId);
  return { accountId, role, account, invitation };
}

/** `act.caller` is the principal as the member that it becomes. */
export async function acceptInvitation(act: Act, invitation: InvitationRow): Promise<MemberRow> {
  const { tx, caller } = act;
  const { accountId, principal, role } = caller;
  if (isMachine(principal)) {
    throw new DomainError('invalid_state', 'Machine clients are registered by an operator, not invited.');
  }
  refuseUnlessOpen(invitation, act.now);
  const former = await findFormer(act);
  await lockBoth(act, former);
  if (former) await leaveFormer(act, former);
  if (!(await tx.invitations.accept(accountId, invitation.id, principal))) {
    throw new DomainError('invalid_state', 'The invitation was just used or revoked. Ask for another one.');
  }
  const id = newId('mem');
  if (!(await tx.members.add(accountId, { id, principal, role }))) {
    throw new DomainError('already_member', 'You joined an account in this very moment: stager whoami.');
  }
  await tx.contacts.move(accountId, invitation.id, id);
  await audit(act, 'invitation.accept', [invitation.id], role);
  await audit(act, 'member.add', [id], principal);
  const member = await tx.members.get(accountId, id);
  if (!member) throw new Error(`member ${id} is gone`);
  return member;
}

async function findFormer({ tx, caller }: Act): Promise<MembershipRow | undefined> {
  const former = await tx.accounts.findByPrincipal(caller.principal);
  if (former?.account.id !== caller.accountId) return former;
  throw new DomainError('already_member', `You belong to the account “${former.account.name}” already.`);
}

/** In the order of their ids: two who each go where the other comes from wait in no ring. */
async function lockBoth({ tx, caller }: Act, former: MembershipRow | undefined): Promise<void> {
  const wishes: [string, (id: string) => Promise<void>][] = [[caller.accountId, tx.accounts.lock]];
  if (former) wishes.push([former.account.id, tx.accounts.lockAlone]);
  for (const [id, lock] of wishes.sort(([a], [b]) => (a < b ? -1 : 1))) await lock(id);
}

/** Out of the account that an open sign-up made, for instance; never away from anything that somebody would miss. */
async function leaveFormer(act: Act, former: MembershipRow): Promise<void> {
  const { tx, caller } = act;
  const { id: accountId, name } = former.account;
  const there: Act = { ...act, caller: { ...caller, accountId, role: former.role } };
  const empty = await tx.accounts.isEmpty(accountId);
  const member = await tx.members.getByPrincipal(accountId, caller.principal);
  if (!empty || !member || (await tx.members.hasOthers(accountId, member.id))) {
    throw new DomainError(
      'already_member',
      `You belong to the account “${name}”, which has other members, projects or photos. Leave it first, or accept ` +
        'the invitation as somebody else.',
    );
  }
  await dropPerson(there, member, 'member.move');
}

function refuseUnlessOpen(invitation: InvitationRow, now: Date): void {
  const state = stateOf(invitation, now);
  if (state === 'open') return;
  throw new DomainError('invalid_state', `The invitation is ${state}. Ask for another one.`);
}

async function getInvitation(tx: Tx, owner: string, id: string): Promise<InvitationRow> {
  const invitation = await tx.invitations.get(owner, id);
  if (!invitation) throw notFound('invitation', id);
  return invitation;
}

export function stateOf(invitation: InvitationRow, now: Date): 'open' | 'accepted' | 'revoked' | 'expired' {
  if (invitation.acceptedBy !== null) return 'accepted';
  if (invitation.revokedAt !== null) return 'revoked';
  return invitation.expiresAt <= now ? 'expired' : 'open';
}

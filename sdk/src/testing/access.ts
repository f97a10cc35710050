import { type OperationName, operations } from '../generated/operations.ts';
import type { Invitation, InvitationInput, Me, Member, Token, TokenInput } from '../generated/types.ts';
import type { Handlers } from './handlers.ts';
import { FAKE_ACCOUNT, OWNER } from './owner.ts';
import { page } from './paging.ts';
import { FakeProblem } from './problems.ts';
import type { FakeState } from './state.ts';

/** Who asks: the owner of the one account there is, by a login or by one of the tokens that the fake has made. */
export interface FakeCaller {
  readonly scopes: readonly string[];
  readonly credential: Me['credential'];
  readonly expiresAt: string | null;
}

/** Every scope that an operation asks for. */
export const FAKE_SCOPES: readonly string[] = [
  ...new Set(Object.values(operations).flatMap(({ scope }) => (scope === null ? [] : [scope]))),
].sort();

const LOGIN: FakeCaller = {
  scopes: FAKE_SCOPES,
  credential: { kind: 'login', id: 'stager-cli' },
  expiresAt: null,
};

export const NOBODY: FakeCaller = { scopes: [], credential: LOGIN.credential, expiresAt: null };

/** @throws FakeProblem when the token is one of the fake's own and has ended, or may not do this */
export function callerOf(state: FakeState, secret: string, name: OperationName): FakeCaller {
  const id = state.secrets.get(secret);
  const token = id === undefined ? undefined : state.tokens.get(id);
  if (!token) return LOGIN;
  if (token.state !== 'live') throw new FakeProblem('unauthenticated', `The token is ${token.state}.`);
  const { scope } = operations[name];
  // The list of a token is narrower than what operations ask for, which is no reason to compare by its type.
  const scopes: readonly string[] = token.scopes;
  if (scope !== null && !scopes.includes(scope)) {
    throw new FakeProblem('insufficient_scope', `This needs the scope ${scope}.`, { scope });
  }
  return { scopes, credential: { kind: 'token', id: token.id }, expiresAt: token.expiresAt };
}

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

/** Members, invitations and personal access tokens. */
export const accessHandlers: Handlers = {
  listTokens: ({ state }, { query }) => page([...state.tokens.values()], query),
  createToken({ state }, { body }) {
    // The route table says so; the fake believes its callers, as a compiler has checked them.
    const { name, scopes, expiresInDays = 90 } = body as TokenInput;
    const token: Token = {
      id: state.id('tok'),
      name,
      principal: OWNER.principal,
      scopes,
      state: 'live',
      createdAt: new Date().toISOString(),
      expiresAt: inDays(expiresInDays),
      lastUsedAt: null,
    };
    state.tokens.set(token.id, token);
    return { token, ...secretOf(state, 'stgp_', token.id) };
  },
  revokeToken({ state }, { params }) {
    const token = find(state.tokens, 'token', params['tokenId']);
    state.tokens.set(token.id, { ...token, state: 'revoked' });
    return undefined;
  },
  listMembers: ({ state }, { query }) => page([...state.members.values()], query),
  updateMember({ state }, { params, body }) {
    const member = find(state.members, 'member', params['memberId']);
    const { role } = body as { role: Member['role'] };
    if (role === 'member') keepAnOwner(state, member);
    const changed = { ...member, role };
    state.members.set(member.id, changed);
    return changed;
  },
  removeMember({ state }, { params }) {
    const member = find(state.members, 'member', params['memberId']);
    keepAnOwner(state, member);
    state.members.delete(member.id);
    return undefined;
  },
  leaveAccount({ state }) {
    const own = [...state.members.values()].find(({ principal }) => principal === OWNER.principal);
    if (!own) throw new FakeProblem('no_account', 'You belong to this account no more.');
    keepAnOwner(state, own);
    state.members.delete(own.id);
    return undefined;
  },
  listInvitations: ({ state }, { query }) => page([...state.invitations.values()], query),
  createInvitation({ state }, { body }) {
    const { role = 'member', email = null, expiresInDays = 7 } = body as InvitationInput;
    const invitation: Invitation = {
      id: state.id('inv'),
      role,
      email,
      state: 'open',
      invitedBy: OWNER.principal,
      createdAt: new Date().toISOString(),
      expiresAt: inDays(expiresInDays),
    };
    state.invitations.set(invitation.id, invitation);
    return { invitation, ...secretOf(state, 'stgi_', invitation.id) };
  },
  revokeInvitation({ state }, { params }) {
    const invitation = find(state.invitations, 'invitation', params['invitationId']);
    if (invitation.state !== 'open') throw notOpen(invitation);
    state.invitations.set(invitation.id, { ...invitation, state: 'revoked' });
    return undefined;
  },
  acceptInvitation({ state }, { body }) {
    const { secret } = body as { secret: string };
    const invitation = find(state.invitations, 'invitation', state.secrets.get(secret));
    if (invitation.state !== 'open') throw notOpen(invitation);
    state.invitations.set(invitation.id, { ...invitation, state: 'accepted' });
    const { role, email } = invitation;
    const id = state.id('mem');
    const createdAt = new Date().toISOString();
    const member: Member = {
      id,
      principal: `auth0|${id}`,
      kind: 'person',
      role,
      email,
      name: null,
      createdAt,
    };
    state.members.set(id, member);
    return { account: { id: FAKE_ACCOUNT.id, name: FAKE_ACCOUNT.name }, member };
  },
};

function secretOf(state: FakeState, prefix: string, id: string) {
  const secret = `${prefix}${id.slice(4).padStart(39, '0')}`;
  state.secrets.set(secret, id);
  return { secret, secretStatus: 'shown' as const };
}

function keepAnOwner(state: FakeState, member: Member): void {
  const others = [...state.members.values()].filter(({ id, role }) => id !== member.id && role !== 'member');
  if (member.role === 'member' || others.length > 0) return;
  throw new FakeProblem('last_owner', 'This is the only owner. Make another member an owner first.');
}

function notOpen({ state }: Invitation): FakeProblem {
  return new FakeProblem('invalid_state', `The invitation is ${state}.`);
}

function find<T>(all: ReadonlyMap<string, T>, what: string, id: string | undefined): T {
  const found = all.get(id ?? '');
  if (!found) throw new FakeProblem('not_found', `There is no such ${what}.`);
  return found;
}

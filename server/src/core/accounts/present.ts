import { type Invitation, type Member, type Token, TokenScope } from '../../contract/index.ts';
import type { InvitationRow, MemberRow, TokenRow } from '../../ports/index.ts';
import { stateOf } from './invitations.ts';
import { isMachine } from './principals.ts';

export function presentMember(row: MemberRow): Member {
  return {
    id: row.id,
    principal: row.principal,
    kind: isMachine(row.principal) ? 'machine' : 'person',
    role: row.role,
    email: row.email,
    name: row.name,
    createdAt: row.createdAt.toISOString(),
  };
}

export function presentInvitation(row: InvitationRow, now: Date): Invitation {
  return {
    id: row.id,
    role: row.role,
    email: row.email,
    state: stateOf(row, now),
    invitedBy: row.invitedBy,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  };
}

export function presentToken(row: TokenRow, now: Date): Token {
  const ended = row.expiresAt <= now ? 'expired' : 'live';
  return {
    id: row.id,
    name: row.name,
    principal: row.principal,
    // What a later version has taken out of the list is not shown, as it is not granted either.
    scopes: TokenScope.options.filter((scope) => row.scopes.includes(scope)),
    state: row.revokedAt ? 'revoked' : ended,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}

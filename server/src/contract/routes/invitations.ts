import { defineRoute } from '../route.ts';
import { PageQuery } from '../schemas/common.ts';
import {
  CreatedInvitation,
  InvitationAcceptance,
  InvitationInput,
  InvitationPage,
  InvitationParams,
  Membership,
} from '../schemas/members.ts';

export const createInvitation = defineRoute({
  name: 'createInvitation',
  method: 'POST',
  path: '/v1/invitations',
  tag: 'Members',
  summary: 'Invite somebody into the account',
  description:
    'The answer holds a secret, once. Whoever presents it while it is open becomes a member: pass it on privately.',
  scope: 'members:write',
  role: 'owner',
  rate: 'write',
  body: InvitationInput,
  success: { status: 201, schema: CreatedInvitation, description: 'The invitation and its secret' },
  errors: ['limit_reached'],
  idempotent: 'once',
});

export const listInvitations = defineRoute({
  name: 'listInvitations',
  method: 'GET',
  path: '/v1/invitations',
  tag: 'Members',
  summary: 'List invitations, newest first',
  scope: 'members:read',
  role: 'owner',
  rate: 'read',
  query: PageQuery,
  success: { status: 200, schema: InvitationPage, description: 'A page of invitations' },
  errors: ['cursor_invalid'],
});

export const revokeInvitation = defineRoute({
  name: 'revokeInvitation',
  method: 'DELETE',
  path: '/v1/invitations/:invitationId',
  tag: 'Members',
  summary: 'Revoke an invitation that is open',
  scope: 'members:write',
  role: 'owner',
  rate: 'write',
  params: InvitationParams,
  success: { status: 204, schema: null, description: 'Revoked' },
  errors: ['not_found', 'invalid_state'],
});

export const acceptInvitation = defineRoute({
  name: 'acceptInvitation',
  method: 'POST',
  path: '/v1/invitations/accept',
  tag: 'Members',
  summary: 'Join the account that an invitation is for',
  description:
    'Whoever belongs to an account already joins another one only as the sole member of the former, while that is empty.',
  scope: 'account:write',
  role: null,
  rate: 'write',
  body: InvitationAcceptance,
  success: { status: 200, schema: Membership, description: 'The account and the new member' },
  errors: ['not_found', 'already_member', 'invalid_state'],
  idempotent: 'store',
});

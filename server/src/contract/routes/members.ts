import { defineRoute } from '../route.ts';
import { PageQuery } from '../schemas/common.ts';
import { Member, MemberChange, MemberPage, MemberParams } from '../schemas/members.ts';

export const listMembers = defineRoute({
  name: 'listMembers',
  method: 'GET',
  path: '/v1/members',
  tag: 'Members',
  summary: 'List people and machine clients of the account, newest first',
  scope: 'members:read',
  role: 'member',
  rate: 'read',
  query: PageQuery,
  success: { status: 200, schema: MemberPage, description: 'A page of members' },
  errors: ['cursor_invalid'],
});

export const updateMember = defineRoute({
  name: 'updateMember',
  method: 'PATCH',
  path: '/v1/members/:memberId',
  tag: 'Members',
  summary: 'Change the role of a member',
  description: 'An account keeps at least one owner. The role of an admin can be taken by an admin only.',
  scope: 'members:write',
  role: 'owner',
  rate: 'write',
  params: MemberParams,
  body: MemberChange,
  success: { status: 200, schema: Member, description: 'The member' },
  errors: ['not_found', 'last_owner', 'invalid_state'],
});

export const removeMember = defineRoute({
  name: 'removeMember',
  method: 'DELETE',
  path: '/v1/members/:memberId',
  tag: 'Members',
  summary: 'Remove a member from the account',
  description: 'Its personal access tokens end with it. What it made stays with the account.',
  scope: 'members:write',
  role: 'owner',
  rate: 'write',
  params: MemberParams,
  success: { status: 204, schema: null, description: 'Gone' },
  errors: ['not_found', 'last_owner'],
});

export const leaveAccount = defineRoute({
  name: 'leaveAccount',
  method: 'DELETE',
  path: '/v1/me/membership',
  tag: 'Members',
  summary: 'Leave the account',
  description: 'Refused with `last_owner` to the only owner: make somebody else one first.',
  scope: 'account:write',
  role: 'member',
  rate: 'write',
  success: { status: 204, schema: null, description: 'Left' },
  errors: ['last_owner'],
});

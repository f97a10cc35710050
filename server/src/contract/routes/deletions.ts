import { defineRoute } from '../route.ts';
import { AccountParams } from '../schemas/admin.ts';
import { PageQuery } from '../schemas/common.ts';
import { Deletion, DeletionInput, DeletionPage } from '../schemas/deletions.ts';

export const deleteAccount = defineRoute({
  name: 'deleteAccount',
  method: 'POST',
  path: '/v1/admin/accounts/:accountId/deletion',
  tag: 'Admin',
  summary: 'Delete an account with all its rows and objects',
  description:
    'It is suspended at once. A worker removes everything behind the grace; what it has removed, and that nothing is ' +
    'left, can be read afterwards as the proof. Refused while a subscription is running.',
  scope: 'admin:write',
  role: 'admin',
  rate: 'write',
  params: AccountParams,
  body: DeletionInput,
  success: { status: 200, schema: Deletion, description: 'The deletion, ordered' },
  errors: ['not_found', 'invalid_state'],
  idempotent: 'store',
});

export const listAccountDeletions = defineRoute({
  name: 'listAccountDeletions',
  method: 'GET',
  path: '/v1/admin/deletions',
  tag: 'Admin',
  summary: 'List deletions of accounts, newest first',
  description: 'All that were ever ordered: due, under way, done and cancelled.',
  scope: 'admin:read',
  role: 'admin',
  rate: 'read',
  query: PageQuery,
  success: { status: 200, schema: DeletionPage, description: 'A page of deletions' },
  errors: ['cursor_invalid'],
});

export const getAccountDeletion = defineRoute({
  name: 'getAccountDeletion',
  method: 'GET',
  path: '/v1/admin/accounts/:accountId/deletion',
  tag: 'Admin',
  summary: 'How far the deletion of an account is; in the end, the proof of it',
  scope: 'admin:read',
  role: 'admin',
  rate: 'read',
  params: AccountParams,
  success: { status: 200, schema: Deletion, description: 'The last one that was ordered' },
  errors: ['not_found'],
});

export const cancelAccountDeletion = defineRoute({
  name: 'cancelAccountDeletion',
  method: 'POST',
  path: '/v1/admin/accounts/:accountId/deletion/cancel',
  tag: 'Admin',
  summary: 'Keep an account whose deletion has not begun',
  description: 'It stays suspended until it is resumed.',
  scope: 'admin:write',
  role: 'admin',
  rate: 'write',
  params: AccountParams,
  success: { status: 200, schema: Deletion, description: 'The deletion, canceled' },
  errors: ['not_found', 'invalid_state'],
  idempotent: 'store',
});

import { defineRoute } from '../route.ts';
import {
  Account,
  AccountListQuery,
  AccountPage,
  AccountParams,
  AuditPage,
  AuditQuery,
  Client,
  ClientInput,
  ClientPage,
  ClientParams,
  Suspension,
} from '../schemas/admin.ts';
import { PageQuery } from '../schemas/common.ts';

export const listAccounts = defineRoute({
  name: 'listAccounts',
  method: 'GET',
  path: '/v1/admin/accounts',
  tag: 'Admin',
  summary: 'List accounts of the installation, newest first',
  scope: 'admin:read',
  role: 'admin',
  rate: 'read',
  query: AccountListQuery,
  success: { status: 200, schema: AccountPage, description: 'A page of accounts' },
  errors: ['cursor_invalid'],
});

export const getAccount = defineRoute({
  name: 'getAccount',
  method: 'GET',
  path: '/v1/admin/accounts/:accountId',
  tag: 'Admin',
  summary: 'Read an account',
  scope: 'admin:read',
  role: 'admin',
  rate: 'read',
  params: AccountParams,
  success: { status: 200, schema: Account, description: 'The account' },
  errors: ['not_found'],
});

export const suspendAccount = defineRoute({
  name: 'suspendAccount',
  method: 'POST',
  path: '/v1/admin/accounts/:accountId/suspend',
  tag: 'Admin',
  summary: 'Suspend an account',
  description:
    'Within seconds its members are answered `account_suspended`, its event streams end and its jobs stop. Links to ' +
    'photos that were handed out before work until they expire.',
  scope: 'admin:write',
  role: 'admin',
  rate: 'write',
  params: AccountParams,
  body: Suspension,
  success: { status: 200, schema: Account, description: 'The account, suspended' },
  errors: ['not_found', 'invalid_state'],
  idempotent: 'store',
});

export const resumeAccount = defineRoute({
  name: 'resumeAccount',
  method: 'POST',
  path: '/v1/admin/accounts/:accountId/resume',
  tag: 'Admin',
  summary: 'End the suspension of an account',
  scope: 'admin:write',
  role: 'admin',
  rate: 'write',
  params: AccountParams,
  success: { status: 200, schema: Account, description: 'The account, active' },
  errors: ['not_found', 'invalid_state'],
  idempotent: 'store',
});

export const listClients = defineRoute({
  name: 'listClients',
  method: 'GET',
  path: '/v1/admin/accounts/:accountId/clients',
  tag: 'Admin',
  summary: 'List machine clients of an account, newest first',
  scope: 'admin:read',
  role: 'admin',
  rate: 'read',
  params: AccountParams,
  query: PageQuery,
  success: { status: 200, schema: ClientPage, description: 'A page of clients' },
  errors: ['cursor_invalid', 'not_found'],
});

export const registerClient = defineRoute({
  name: 'registerClient',
  method: 'POST',
  path: '/v1/admin/accounts/:accountId/clients',
  tag: 'Admin',
  summary: 'Let a machine client of the issuer act for an account',
  description: 'A client acts for one account. Its tokens come from the issuer, by client credentials.',
  scope: 'admin:write',
  role: 'admin',
  rate: 'write',
  params: AccountParams,
  body: ClientInput,
  success: { status: 201, schema: Client, description: 'The client' },
  errors: ['not_found', 'already_member'],
  idempotent: 'store',
});

export const removeClient = defineRoute({
  name: 'removeClient',
  method: 'DELETE',
  path: '/v1/admin/accounts/:accountId/clients/:clientId',
  tag: 'Admin',
  summary: 'Take an account away from a machine client',
  scope: 'admin:write',
  role: 'admin',
  rate: 'write',
  params: ClientParams,
  success: { status: 204, schema: null, description: 'Gone' },
  errors: ['not_found'],
});

export const listAudit = defineRoute({
  name: 'listAudit',
  method: 'GET',
  path: '/v1/admin/audit',
  tag: 'Admin',
  summary: 'List what was done, newest first',
  scope: 'admin:read',
  role: 'admin',
  rate: 'read',
  query: AuditQuery,
  success: { status: 200, schema: AuditPage, description: 'A page of acts' },
  errors: ['cursor_invalid'],
});

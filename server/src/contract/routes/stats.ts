import { defineRoute } from '../route.ts';
import { AccountParams } from '../schemas/admin.ts';
import { AccountUsage, Stats } from '../schemas/stats.ts';

export const getStats = defineRoute({
  name: 'getStats',
  method: 'GET',
  path: '/v1/admin/stats',
  tag: 'Admin',
  summary: 'How the installation is: accounts, images by state, the queue, failures, storage, spend',
  description:
    'Counted from our own records at each call. What cannot be counted within seconds is null, and named in `skipped`.',
  scope: 'admin:read',
  role: 'admin',
  rate: 'read',
  success: { status: 200, schema: Stats, description: 'The figures' },
  errors: [],
});

export const getAccountUsage = defineRoute({
  name: 'getAccountUsage',
  method: 'GET',
  path: '/v1/admin/accounts/:accountId/usage',
  tag: 'Admin',
  summary: 'What an account has used: its plan, images by state, storage, cost',
  scope: 'admin:read',
  role: 'admin',
  rate: 'read',
  params: AccountParams,
  success: { status: 200, schema: AccountUsage, description: 'The figures' },
  errors: ['not_found'],
});

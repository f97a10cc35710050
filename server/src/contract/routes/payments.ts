import { defineRoute } from '../route.ts';
import { PaymentsState } from '../schemas/payments.ts';

export const getPayments = defineRoute({
  name: 'getPayments',
  method: 'GET',
  path: '/v1/admin/payments',
  tag: 'Admin',
  summary: 'How payments are: the key, webhooks, reports of images above a limit, the last comparison',
  description: 'Asks Stripe whether it answers to the key of this process.',
  scope: 'admin:read',
  role: 'admin',
  rate: 'read',
  success: { status: 200, schema: PaymentsState, description: 'How they are' },
  errors: [],
});

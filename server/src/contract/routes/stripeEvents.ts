import { defineRoute } from '../route.ts';
import { Suspension } from '../schemas/admin.ts';
import {
  StripeEventPage,
  StripeEventParams,
  StripeEventQuery,
  StripeEventRecord,
} from '../schemas/stripeEvents.ts';

export const listStripeEvents = defineRoute({
  name: 'listStripeEvents',
  method: 'GET',
  path: '/v1/admin/stripe-events',
  tag: 'Admin',
  summary: 'List events of Stripe that are in one state, newest first',
  scope: 'admin:read',
  role: 'admin',
  rate: 'read',
  query: StripeEventQuery,
  success: { status: 200, schema: StripeEventPage, description: 'A page of events' },
  errors: ['cursor_invalid'],
});

export const retryStripeEvent = defineRoute({
  name: 'retryStripeEvent',
  method: 'POST',
  path: '/v1/admin/stripe-events/:eventId/retry',
  tag: 'Admin',
  summary: 'Have an event of Stripe handled again',
  description: 'It has all its attempts again. What was handled is not handled again: `invalid_state`.',
  scope: 'admin:write',
  role: 'admin',
  rate: 'write',
  params: StripeEventParams,
  success: { status: 200, schema: StripeEventRecord, description: 'The event, received' },
  errors: ['not_found', 'invalid_state'],
  idempotent: 'store',
});

export const ignoreStripeEvent = defineRoute({
  name: 'ignoreStripeEvent',
  method: 'POST',
  path: '/v1/admin/stripe-events/:eventId/ignore',
  tag: 'Admin',
  summary: 'Let an event of Stripe be',
  scope: 'admin:write',
  role: 'admin',
  rate: 'write',
  params: StripeEventParams,
  body: Suspension,
  success: { status: 200, schema: StripeEventRecord, description: 'The event, ignored' },
  errors: ['not_found', 'invalid_state'],
  idempotent: 'store',
});

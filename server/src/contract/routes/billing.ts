import { defineRoute } from '../route.ts';
import {
  Billing,
  BillingChange,
  CheckoutInput,
  CheckoutLink,
  InvoicePage,
  PlanList,
  PortalSession,
  UsagePage,
  UsageQuery,
} from '../schemas/billing.ts';
import { PageQuery } from '../schemas/common.ts';

export const getPlans = defineRoute({
  name: 'getPlans',
  method: 'GET',
  path: '/v1/billing/plans',
  tag: 'Billing',
  summary: 'Plans of this installation, their prices and limits',
  scope: null,
  role: null,
  rate: 'public',
  success: { status: 200, schema: PlanList, description: 'The plans' },
  errors: [],
});

export const getBilling = defineRoute({
  name: 'getBilling',
  method: 'GET',
  path: '/v1/billing',
  tag: 'Billing',
  summary: 'The plan in force, its period, and what is left of it',
  scope: 'billing:read',
  role: 'member',
  rate: 'read',
  success: { status: 200, schema: Billing, description: 'Plan and usage' },
  errors: [],
});

export const updateBilling = defineRoute({
  name: 'updateBilling',
  method: 'PATCH',
  path: '/v1/billing',
  tag: 'Billing',
  summary: 'Switch pay-as-you-go on or off',
  description:
    'Images above the limit of the plan are then made and paid one by one, up to the cap. Refused with ' +
    '`invalid_state` where the plan in force does not offer it.',
  scope: 'billing:write',
  role: 'owner',
  rate: 'write',
  body: BillingChange,
  success: { status: 200, schema: Billing, description: 'Plan and usage' },
  errors: ['invalid_state'],
});

export const getBillingUsage = defineRoute({
  name: 'getBillingUsage',
  method: 'GET',
  path: '/v1/billing/usage',
  tag: 'Billing',
  summary: 'Images of a period by day and project',
  scope: 'billing:read',
  role: 'member',
  rate: 'read',
  query: UsageQuery,
  success: { status: 200, schema: UsagePage, description: 'A page of days and projects' },
  errors: ['cursor_invalid'],
});

export const listInvoices = defineRoute({
  name: 'listInvoices',
  method: 'GET',
  path: '/v1/billing/invoices',
  tag: 'Billing',
  summary: 'List invoices, newest first',
  scope: 'billing:read',
  role: 'member',
  rate: 'read',
  query: PageQuery,
  success: { status: 200, schema: InvoicePage, description: 'A page of invoices' },
  errors: ['cursor_invalid', 'billing_unavailable', 'invalid_state'],
});

export const createPortalSession = defineRoute({
  name: 'createPortalSession',
  method: 'POST',
  path: '/v1/billing/portal',
  tag: 'Billing',
  summary: 'Open the page to change cards, and to see and pay invoices',
  description: 'The page is of Stripe. An account that has never bought a plan is answered `invalid_state`.',
  scope: 'billing:write',
  role: 'owner',
  rate: 'write',
  success: { status: 201, schema: PortalSession, description: 'Where the page is' },
  errors: ['billing_unavailable', 'invalid_state'],
  idempotent: 'recompute',
});

export const createCheckoutLink = defineRoute({
  name: 'createCheckoutLink',
  method: 'POST',
  path: '/v1/billing/checkout',
  tag: 'Billing',
  summary: 'Link to the page where a plan is bought',
  description:
    'The link says which plan is meant for which account, and lets nobody in: whoever opens it logs in as an owner of ' +
    'the account. Opening it changes nothing. It ends with its first use or after half an hour.',
  scope: 'billing:write',
  role: 'owner',
  rate: 'write',
  body: CheckoutInput,
  success: { status: 201, schema: CheckoutLink, description: 'The link' },
  errors: ['billing_unavailable'],
  idempotent: 'recompute',
});

/**
 * Every endpoint of Stripe that we call, with what is sent beside ids. A test holds the adapter to it. All are form
 * encoded, of the pinned API version, and each POST has an `Idempotency-Key`.
 *
 * - `customers` POST: name, email, metadata[stager_account]
 * - `prices` GET: lookup_keys[], active=true, limit
 * - `checkout/sessions` POST: mode=subscription, customer, client_reference_id, line_items[] (the price of the plan with
 *   quantity 1, the metered price without), success_url, cancel_url, metadata and subscription_data[metadata] (stager_account)
 * - `billing_portal/sessions` POST: customer, return_url
 * - `subscriptions` GET: customer, status=all, limit, starting_after, expand[]=data.schedule, data.latest_invoice
 * - `subscriptions/:id` GET: POST: cancel_at_period_end, or items[] (id, price) with
 *   proration_behavior=always_invoice, payment_behavior=error_if_incomplete
 * - `subscription_schedules` POST: from_subscription; then `/:id` POST: end_behavior=release, proration_behavior=none,
 *   phases[] (items[], start_date, end_date of the present one; items[] of the next, one month); `/:id/release` POST
 * - `invoices` GET: customer, or subscription and status=open; limit, starting_after
 * - `billing/meter_events` POST: event_name, identifier, timestamp, payload[stripe_customer_id], payload[value]
 *
 * A price tells its plan by metadata[stager_plan], else by its lookup key.
 *
 * The rest is what `npm run admin -- stripe-setup` calls.
 */
export const ENDPOINTS = [
  'POST /v1/customers',
  'GET /v1/customers/:id',
  'GET /v1/prices',
  'POST /v1/checkout/sessions',
  'GET /v1/checkout/sessions/:id',
  'POST /v1/checkout/sessions/:id/expire',
  'POST /v1/billing_portal/sessions',
  'GET /v1/subscriptions',
  'GET /v1/subscriptions/:id',
  'POST /v1/subscriptions/:id',
  'POST /v1/subscription_schedules',
  'GET /v1/subscription_schedules/:id',
  'POST /v1/subscription_schedules/:id',
  'POST /v1/subscription_schedules/:id/release',
  'GET /v1/invoices',
  'GET /v1/charges/:id',
  'POST /v1/billing/meter_events',
  'GET /v1/products/:id',
  'POST /v1/products',
  'POST /v1/products/:id',
  'POST /v1/prices',
  'GET /v1/billing/meters',
  'POST /v1/billing/meters',
  'GET /v1/billing_portal/configurations',
  'POST /v1/billing_portal/configurations',
  'POST /v1/billing_portal/configurations/:id',
  'GET /v1/webhook_endpoints',
  'POST /v1/webhook_endpoints',
  'POST /v1/webhook_endpoints/:id',
] as const;

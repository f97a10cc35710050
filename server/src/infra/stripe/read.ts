import type Stripe from 'stripe';
import type {
  CheckoutSession,
  InvoiceStatus,
  PaidPlan,
  StripeInvoice,
  StripeSubscription,
  StripeSubscriptionStatus,
} from '../../ports/index.ts';
import { ACCOUNT_LABEL, planOf } from './catalogue.ts';

const STATUSES: readonly StripeSubscriptionStatus[] = [
  'incomplete',
  'incomplete_expired',
  'trialing',
  'active',
  'past_due',
  'canceled',
  'unpaid',
  'paused',
];
const INVOICE_STATUSES: readonly InvoiceStatus[] = ['open', 'paid', 'uncollectible', 'void'];

const CHECKOUT_STATUSES: readonly CheckoutSession['status'][] = ['open', 'complete', 'expired'];

export type PlanOfPrice = (priceId: string) => Promise<PaidPlan | null>;

/** Expects `schedule` and `latest_invoice` to be expanded. */
export async function toSubscription(
  subscription: Stripe.Subscription,
  planOfPrice: PlanOfPrice,
): Promise<StripeSubscription> {
  const { id, customer, status, items, cancel_at_period_end: ends, cancel_at: endAt, created } = subscription;
  // The period stands at the items, which begin and end together.
  const item = planItem(subscription) ?? items.data[0];
  if (!item) throw new Error(`subscription ${id} has no items`);
  return {
    id,
    customerId: idOf(customer),
    plan: planOf(item.price),
    status: known(STATUSES, status),
    periodStart: toDate(item.current_period_start),
    periodEnd: toDate(item.current_period_end),
    cancelAtPeriodEnd: ends || endAt === item.current_period_end,
    pastDueSince: pastDueSince(subscription),
    nextPlan: await nextPlan(subscription, item.current_period_end, planOfPrice),
    createdAt: toDate(created),
  };
}

/** The item with the price of the plan; the other is that of images above its limit. */
export function planItem({ items }: Stripe.Subscription): Stripe.SubscriptionItem | undefined {
  return items.data.find(({ price }) => planOf(price) !== null);
}

export function meteredItem({ items }: Stripe.Subscription): Stripe.SubscriptionItem | undefined {
  return items.data.find(({ price }) => price.recurring?.usage_type === 'metered');
}

/** Stripe does not say since when; the invoice that was not paid does. */
function pastDueSince({ status, latest_invoice: invoice }: Stripe.Subscription): Date | null {
  if (status !== 'past_due' && status !== 'unpaid') return null;
  if (!invoice || typeof invoice === 'string') return null;
  return openSince(invoice);
}

export function openSince({ status_transitions: { finalized_at: at }, created }: Stripe.Invoice): Date {
  return toDate(at ?? created);
}

/** The plan of the phase behind the present period, when a schedule changes it there. */
async function nextPlan(
  { schedule }: Stripe.Subscription,
  periodEnd: number,
  planOfPrice: PlanOfPrice,
): Promise<PaidPlan | null> {
  if (!schedule || typeof schedule === 'string' || schedule.status !== 'active') return null;
  const next = schedule.phases.find(({ start_date: start }) => start >= periodEnd);
  for (const { price } of next?.items ?? []) {
    const plan = await planOfPrice(idOf(price));
    if (plan) return plan;
  }
  return null;
}

export function toCheckout({
  id,
  status,
  url,
  expires_at: end,
  customer,
  metadata,
}: Stripe.Checkout.Session): CheckoutSession {
  return {
    id,
    // Null of sessions of other modes than ours.
    status: status === null ? 'expired' : known(CHECKOUT_STATUSES, status),
    url: status === 'open' ? url : null,
    expiresAt: toDate(end),
    customerId: customer && idOf(customer),
    accountId: metadata?.[ACCOUNT_LABEL] ?? null,
  };
}

/** `undefined` of drafts, which are nobody's business yet. */
export function toInvoice(invoice: Stripe.Invoice): StripeInvoice | undefined {
  const { status } = invoice;
  const shown = INVOICE_STATUSES.find((one) => one === status);
  if (!shown) return undefined;
  return {
    id: invoice.id,
    number: invoice.number,
    status: shown,
    total: invoice.total,
    amountDue: invoice.amount_due,
    currency: invoice.currency,
    createdAt: toDate(invoice.created),
    periodStart: toDate(invoice.period_start),
    periodEnd: toDate(invoice.period_end),
    url: invoice.hosted_invoice_url ?? null,
    pdfUrl: invoice.invoice_pdf ?? null,
  };
}

export function idOf(reference: string | { readonly id: string }): string {
  return typeof reference === 'string' ? reference : reference.id;
}

/** Seconds since the epoch. */
function toDate(seconds: number): Date {
  return new Date(seconds * 1000);
}

/** The pinned version has no others; a server that answers otherwise is not the one we know. */
function known<T extends string>(words: readonly T[], word: string): T {
  const found = words.find((one) => one === word);
  if (found === undefined) throw new Error(`unknown status ${word}`);
  return found;
}

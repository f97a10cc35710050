/** Types of events that are kept; the endpoint at Stripe is set up for these, and others are answered and forgotten. */
export const EVENT_TYPES = [
  'checkout.session.completed',
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.resumed',
  'invoice.finalized',
  'invoice.paid',
  'invoice.payment_failed',
  'customer.updated',
  'customer.deleted',
  'charge.refunded',
  'charge.dispute.created',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

export function isKept(type: string): type is EventType {
  return EVENT_TYPES.some((one) => one === type);
}

/** What an event leaves in the audit log beside what the customer's state shows. */
export function noteOf(
  type: string,
  payload: unknown,
): { action: string; objectId: string; detail: string } | null {
  switch (type) {
    case 'charge.refunded': {
      const { id, amount_refunded: amount, currency } = objectOf(payload);
      return { action: 'billing.refund', objectId: text(id), detail: money(amount, currency) };
    }
    case 'charge.dispute.created': {
      const { id, amount, currency, reason } = objectOf(payload);
      return {
        action: 'billing.dispute',
        objectId: text(id),
        detail: `${money(amount, currency)}, ${text(reason)}`,
      };
    }
    default:
      return null;
  }
}

/** The charge that an event is about, where its object names no customer. */
export function chargeOf(type: string, payload: unknown): string | null {
  if (type !== 'charge.dispute.created') return null;
  const { charge } = objectOf(payload);
  if (typeof charge === 'string') return charge;
  return typeof charge === 'object' && charge !== null && 'id' in charge ? text(charge.id) : null;
}

/** @throws when the payload is none of an event: somebody has to look at it */
function objectOf(payload: unknown): Record<string, unknown> {
  // As Stripe sends them: `data.object` is what the event is about.
  const { data } = (payload ?? {}) as { data?: { object?: Record<string, unknown> } };
  if (!data?.object) throw new Error('the event holds no object');
  return data.object;
}

function money(amount: unknown, currency: unknown): string {
  return `${text(amount)} ${text(currency)}`;
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw new Error('the event lacks a field');
}

import type Stripe from 'stripe';
import { DAY, periodEnd } from './clock.ts';
import { declined } from './errors.ts';
import { type LineWish, newCharge, newInvoice } from './objects/invoices.ts';
import { type ItemWish, newItem, newSubscription } from './objects/subscriptions.ts';
import { endSchedule, nextPhaseOf } from './schedules.ts';
import type { FakeCard } from './store.ts';
import { emit, idOf, toList, type World } from './world.ts';

/** Days between two attempts at an invoice, as Stripe's default has them; behind the last the subscription is canceled. */
const RETRY_DAYS = [3, 5, 7];

export function isOver({ status }: Stripe.Subscription): boolean {
  return status === 'canceled' || status === 'incomplete_expired';
}

export function periodOf({ items }: Stripe.Subscription): { start: number; end: number } {
  const [item] = items.data;
  if (!item) throw new Error('a subscription without items');
  return { start: item.current_period_start, end: item.current_period_end };
}

/** Begins a subscription whose first invoice is paid by this card. @throws StripeFault when it is declined */
export function subscribe(
  world: World,
  facts: { customer: Stripe.Customer; items: readonly ItemWish[]; metadata: Stripe.Metadata; card: FakeCard },
): { subscription: Stripe.Subscription; invoice: Stripe.Invoice } {
  const { customer, items, metadata, card } = facts;
  const now = world.clock.now();
  const end = periodEnd(now, now);
  const subscription = newSubscription(world, { customer: customer.id, items, metadata, end, card: card.id });
  world.store.put('subscription', subscription, customer.id);
  emit(world, 'customer.subscription.created', subscription);
  const invoice = bill(world, subscription, 'subscription_create', monthLines(subscription));
  pay(world, invoice, card);
  return {
    subscription: world.store.get('subscription', subscription.id),
    invoice: world.store.get('invoice', invoice.id),
  };
}

function isMetered({ price }: Stripe.SubscriptionItem): boolean {
  return price.recurring?.usage_type === 'metered';
}

/** What the coming month costs. What is metered costs something at its end. */
function monthLines(subscription: Stripe.Subscription): LineWish[] {
  const period = periodOf(subscription);
  return subscription.items.data
    .filter((item) => !isMetered(item))
    .map(({ price, quantity = 1 }) => ({
      description: `${quantity} × ${price.nickname ?? price.lookup_key ?? price.id} (a month)`,
      amount: (price.unit_amount ?? 0) * quantity,
      quantity,
      price,
      period,
    }));
}

/** What was metered within the period and is on no invoice yet; it is on one from now on. */
function takeUsage({ store }: World, subscription: Stripe.Subscription): LineWish[] {
  const period = periodOf(subscription);
  const item = subscription.items.data.find(isMetered);
  if (!item) return [];
  const taken = store
    .list('metered', idOf(subscription.customer))
    .filter((one) => !one.billed && one.timestamp >= period.start && one.timestamp < period.end);
  for (const one of taken) store.put('metered', { ...one, billed: true });
  const used = taken.reduce((sum, { value }) => sum + value, 0);
  if (used === 0) return [];
  const { price } = item;
  const amount = Math.round(Number(price.unit_amount_decimal ?? 0) * used);
  return [
    { description: `${used} × ${price.nickname ?? price.lookup_key}`, amount, quantity: used, price, period },
  ];
}

function bill(
  world: World,
  subscription: Stripe.Subscription,
  reason: Stripe.Invoice.BillingReason,
  lines: readonly LineWish[],
): Stripe.Invoice {
  const customer = world.store.get('customer', idOf(subscription.customer));
  const invoice = newInvoice(world, { customer, subscription, reason, lines });
  world.store.put('invoice', invoice, customer.id);
  world.store.put('subscription', { ...subscription, latest_invoice: invoice.id });
  emit(world, 'invoice.finalized', invoice);
  return invoice;
}

/** Marks an invoice as paid, and its subscription as in order. */
export function pay(world: World, invoice: Stripe.Invoice, card: FakeCard): Stripe.Invoice {
  const { store, clock } = world;
  const now = clock.now();
  const charge = newCharge(world, invoice, card);
  if (charge.amount > 0) store.put('charge', charge, card.customer);
  const paid = store.put('invoice', {
    ...invoice,
    status: 'paid',
    amount_paid: invoice.amount_due,
    amount_remaining: 0,
    attempted: true,
    attempt_count: invoice.attempt_count + 1,
    next_payment_attempt: null,
    status_transitions: { ...invoice.status_transitions, paid_at: now },
  });
  emit(world, 'invoice.paid', paid);
  const subscription = subscriptionOf(world, invoice);
  if (subscription?.status === 'past_due') changeSubscription(world, subscription, { status: 'active' });
  return paid;
}

export function subscriptionOf(
  { store }: World,
  { parent }: Stripe.Invoice,
): Stripe.Subscription | undefined {
  const reference = parent?.subscription_details?.subscription;
  return reference ? store.find('subscription', idOf(reference)) : undefined;
}

function fail(world: World, invoice: Stripe.Invoice): void {
  const { store, clock } = world;
  const days = RETRY_DAYS[invoice.attempt_count];
  const failed = store.put('invoice', {
    ...invoice,
    attempted: true,
    attempt_count: invoice.attempt_count + 1,
    next_payment_attempt: days === undefined ? null : clock.now() + days * DAY,
  });
  emit(world, 'invoice.payment_failed', failed);
  const subscription = subscriptionOf(world, invoice);
  if (!subscription || isOver(subscription)) return;
  if (days === undefined) end(world, subscription, 'payment_failed');
  else if (subscription.status !== 'past_due')
    changeSubscription(world, subscription, { status: 'past_due' });
}

/** Tries an open invoice with the card of its customer. */
export function attempt(world: World, invoice: Stripe.Invoice): void {
  const card = cardOf(world, idOf(invoice.customer ?? ''));
  if (invoice.amount_due === 0 || card?.behaviour === 'pays') pay(world, invoice, card ?? NO_CARD(invoice));
  else fail(world, invoice);
}

/** An invoice over nothing needs none. */
const NO_CARD = (invoice: Stripe.Invoice): FakeCard => ({
  id: 'pm_none',
  customer: idOf(invoice.customer ?? ''),
  last4: '0000',
  behaviour: 'pays',
});

/** The card that was given last. */
export function cardOf({ store }: World, customer: string): FakeCard | undefined {
  return store.list('card', customer)[0];
}

export function changeSubscription(
  world: World,
  subscription: Stripe.Subscription,
  change: Partial<Stripe.Subscription>,
): Stripe.Subscription {
  const previous = Object.fromEntries(
    Object.keys(change).map((key) => [key, Reflect.get(subscription, key)]),
  );
  const changed = world.store.put('subscription', { ...subscription, ...change });
  emit(world, 'customer.subscription.updated', changed, previous);
  return changed;
}

export function end(
  world: World,
  subscription: Stripe.Subscription,
  reason: Stripe.Subscription.CancellationDetails.Reason,
): Stripe.Subscription {
  const now = world.clock.now();
  if (subscription.schedule) endSchedule(world, idOf(subscription.schedule), 'canceled');
  const ended = world.store.put('subscription', {
    ...subscription,
    status: 'canceled',
    canceled_at: subscription.canceled_at ?? now,
    ended_at: now,
    schedule: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason },
  });
  emit(world, 'customer.subscription.deleted', ended);
  return ended;
}

/** What happens when a period is over. */
export function renew(world: World, subscription: Stripe.Subscription): void {
  const usage = takeUsage(world, subscription);
  if (subscription.cancel_at_period_end) {
    // What was metered is still to be paid.
    const invoice = usage.length > 0 ? bill(world, subscription, 'subscription_cycle', usage) : undefined;
    end(world, world.store.get('subscription', subscription.id), 'cancellation_requested');
    if (invoice) attempt(world, invoice);
    return;
  }
  const { end: start } = periodOf(subscription);
  const period = { start, end: periodEnd(subscription.billing_cycle_anchor, start) };
  const wishes = nextPhaseOf(world, subscription);
  const items = wishes
    ? wishes.map((wish) => newItem(world, subscription.id, wish, period))
    : subscription.items.data.map((item) => ({
        ...item,
        current_period_start: period.start,
        current_period_end: period.end,
      }));
  if (wishes && subscription.schedule) endSchedule(world, idOf(subscription.schedule), 'released');
  const renewed = changeSubscription(world, subscription, {
    items: toList(items, subscription.items.url),
    ...(wishes && { schedule: null }),
  });
  attempt(world, bill(world, renewed, 'subscription_cycle', [...monthLines(renewed), ...usage]));
}

function priceOfMetered({ items }: Stripe.Subscription): string | undefined {
  return items.data.find(isMetered)?.price.id;
}

/**
 * Exchanges prices at once, and has the difference for the rest of the period paid, with what was metered until now where
 * the price of that is exchanged as well.
 * @throws StripeFault, with nothing changed, when the card is declined
 */
export function exchangeItems(
  world: World,
  subscription: Stripe.Subscription,
  items: readonly Stripe.SubscriptionItem[],
): Stripe.Subscription {
  const period = periodOf(subscription);
  const left = Math.max(0, (period.end - world.clock.now()) / (period.end - period.start));
  const cost = (one: Stripe.SubscriptionItem) =>
    Math.round((one.price.unit_amount ?? 0) * (one.quantity ?? 1) * left);
  const line = (one: Stripe.SubscriptionItem, sign: 1 | -1): LineWish => ({
    description: `${sign < 0 ? 'Unused time on' : 'Remaining time on'} ${one.price.nickname ?? one.price.lookup_key}`,
    amount: sign * cost(one),
    quantity: one.quantity ?? 1,
    price: one.price,
    period: { start: world.clock.now(), end: period.end },
  });
  const card = cardOf(world, idOf(subscription.customer));
  if (card?.behaviour !== 'pays') throw declined();
  const goesOn = items.some((one) => isMetered(one) && priceOfMetered(subscription) === one.price.id);
  const lines = [
    ...subscription.items.data.filter((one) => !isMetered(one)).map((one) => line(one, -1)),
    ...items.filter((one) => !isMetered(one)).map((one) => line(one, 1)),
    // At the price that it had.
    ...(goesOn ? [] : takeUsage(world, subscription)),
  ];
  const changed = changeSubscription(world, subscription, {
    items: toList([...items], subscription.items.url),
    cancel_at_period_end: false,
    cancel_at: null,
    canceled_at: null,
  });
  pay(world, bill(world, changed, 'subscription_update', lines), card);
  return world.store.get('subscription', subscription.id);
}

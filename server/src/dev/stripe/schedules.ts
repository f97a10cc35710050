import type Stripe from 'stripe';
import { monthsAfter } from './clock.ts';
import type { ItemWish } from './objects/subscriptions.ts';
import { emit, idOf, type World } from './world.ts';

/** One that goes along with a subscription, and does nothing until it gets more phases. */
export function newSchedule(
  { store, clock }: World,
  subscription: Stripe.Subscription,
): Stripe.SubscriptionSchedule {
  const [item] = subscription.items.data;
  const start = item?.current_period_start ?? clock.now();
  const phase = newPhase({
    items: subscription.items.data.map(({ price, quantity }) => ({ price, quantity })),
    start,
    end: item?.current_period_end ?? monthsAfter(start, 1),
  });
  return {
    id: store.newId('schedule'),
    object: 'subscription_schedule',
    application: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
    canceled_at: null,
    completed_at: null,
    created: clock.now(),
    current_phase: { start_date: phase.start_date, end_date: phase.end_date },
    customer: idOf(subscription.customer),
    customer_account: null,
    default_settings: {
      application_fee_percent: null,
      automatic_tax: { disabled_reason: null, enabled: false, liability: null },
      billing_cycle_anchor: 'automatic',
      billing_thresholds: null,
      collection_method: 'charge_automatically',
      default_payment_method: null,
      description: null,
      invoice_settings: {
        account_tax_ids: null,
        custom_fields: null,
        days_until_due: null,
        description: null,
        footer: null,
        issuer: { type: 'self' },
      },
      on_behalf_of: null,
      transfer_data: null,
    },
    end_behavior: 'release',
    livemode: false,
    metadata: {},
    pause_schedules: [],
    phases: [phase],
    released_at: null,
    released_subscription: null,
    status: 'active',
    subscription: subscription.id,
    test_clock: null,
  };
}

export function newPhase({
  items,
  start,
  end,
}: {
  items: readonly ItemWish[];
  start: number;
  end: number;
}): Stripe.SubscriptionSchedule.Phase {
  return {
    add_invoice_items: [],
    application_fee_percent: null,
    billing_cycle_anchor: null,
    billing_thresholds: null,
    collection_method: null,
    currency: 'usd',
    default_payment_method: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    end_date: end,
    invoice_settings: null,
    items: items.map(({ price, quantity }) => ({
      billing_thresholds: null,
      discounts: [],
      metadata: {},
      plan: price.id,
      price: price.id,
      ...(quantity !== undefined && { quantity }),
      tax_rates: [],
    })),
    metadata: {},
    on_behalf_of: null,
    proration_behavior: 'none',
    start_date: start,
    transfer_data: null,
    trial_end: null,
  };
}

/** Items that take over at the end of the present period; nothing when none do. */
export function nextPhaseOf(
  { store }: World,
  { schedule, items }: Stripe.Subscription,
): ItemWish[] | undefined {
  const found = schedule ? store.find('schedule', idOf(schedule)) : undefined;
  const boundary = items.data[0]?.current_period_end ?? 0;
  const phase = found?.phases.find(({ start_date: start }) => start >= boundary);
  return phase?.items.map(({ price, quantity }) => ({
    price: store.get('price', idOf(price)),
    quantity,
  }));
}

export function endSchedule(
  world: World,
  id: string,
  how: 'released' | 'canceled',
): Stripe.SubscriptionSchedule {
  const { store, clock } = world;
  const schedule = store.get('schedule', id);
  const ended = store.put('schedule', {
    ...schedule,
    status: how,
    current_phase: null,
    ...(how === 'released'
      ? {
          released_at: clock.now(),
          released_subscription: schedule.subscription && idOf(schedule.subscription),
          subscription: null,
        }
      : { canceled_at: clock.now() }),
  });
  emit(world, `subscription_schedule.${how}`, ended);
  return ended;
}

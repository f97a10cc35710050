import type Stripe from 'stripe';
import { z } from 'zod';
import { cardOf, changeSubscription, end, exchangeItems, isOver, periodOf } from '../billing.ts';
import { monthsAfter } from '../clock.ts';
import { type Endpoint, endpoint, pageOf } from '../endpoint.ts';
import { declined, StripeFault } from '../errors.ts';
import { newItem } from '../objects/subscriptions.ts';
import { expanding, flag, int, listing, metadata, text } from '../params.ts';
import { endSchedule, newPhase, newSchedule } from '../schedules.ts';
import { emit, idOf, type World } from '../world.ts';

const STATUSES = [
  'incomplete',
  'incomplete_expired',
  'trialing',
  'active',
  'past_due',
  'canceled',
  'unpaid',
  'paused',
  'all',
  'ended',
] as const;

const change = z.strictObject({
  cancel_at_period_end: flag.optional(),
  items: z
    .array(
      z.strictObject({
        id: text.optional(),
        price: text.optional(),
        quantity: int.optional(),
        deleted: flag.optional(),
      }),
    )
    .optional(),
  proration_behavior: z.enum(['always_invoice', 'create_prorations', 'none']).optional(),
  payment_behavior: z
    .enum(['allow_incomplete', 'default_incomplete', 'error_if_incomplete', 'pending_if_incomplete'])
    .optional(),
  default_payment_method: text.optional(),
  metadata,
  ...expanding,
});

export const subscriptions: readonly Endpoint[] = [
  endpoint(
    'GET /v1/subscriptions',
    z.strictObject({ ...listing, customer: text.optional(), status: z.enum(STATUSES).optional() }),
    (world, { customer, status, expand, ...page }) => {
      const wanted = ({ status: own }: Stripe.Subscription) =>
        status === 'all' ||
        (status === undefined
          ? own !== 'canceled'
          : status === 'ended'
            ? own === 'canceled'
            : own === status);
      const found = world.store.list('subscription', customer).filter(wanted);
      const listed = pageOf('/v1/subscriptions', found, page);
      const below = (expand ?? []).map((path) => path.replace(/^data\./, ''));
      return { ...listed, data: listed.data.map((one) => expanded(world, one, below)) };
    },
  ),
  endpoint('GET /v1/subscriptions/:id', z.strictObject(expanding), (world, { expand }, id) =>
    expanded(world, world.store.get('subscription', id), expand),
  ),
  endpoint('POST /v1/subscriptions/:id', change, (world, wish, id) => {
    const subscription = open(world, id);
    if (subscription.schedule) {
      throw new StripeFault(
        400,
        'The subscription is managed by the subscription schedule, and updating its items or its end directly is not allowed.',
      );
    }
    const changed = wish.items
      ? withItems(world, subscription, wish.items, wish.proration_behavior)
      : subscription;
    const { cancel_at_period_end: ends } = wish;
    if (ends === undefined || (wish.items && ends === changed.cancel_at_period_end)) {
      return expanded(world, changed, wish.expand);
    }
    const ended = changeSubscription(world, changed, {
      cancel_at_period_end: ends,
      cancel_at: ends ? periodOf(changed).end : null,
      canceled_at: ends ? world.clock.now() : null,
    });
    return expanded(world, ended, wish.expand);
  }),
  endpoint('DELETE /v1/subscriptions/:id', z.strictObject({}), (world, _params, id) =>
    end(world, open(world, id), 'cancellation_requested'),
  ),
  endpoint(
    'POST /v1/subscription_schedules',
    z.strictObject({ from_subscription: text, ...expanding }),
    (world, { from_subscription: id }) => {
      const subscription = open(world, id);
      if (subscription.schedule) {
        throw new StripeFault(
          400,
          'You cannot migrate a subscription that is already attached to a schedule.',
          {
            param: 'from_subscription',
          },
        );
      }
      const schedule = world.store.put(
        'schedule',
        newSchedule(world, subscription),
        idOf(subscription.customer),
      );
      emit(world, 'subscription_schedule.created', schedule);
      changeSubscription(world, subscription, { schedule: schedule.id });
      return schedule;
    },
  ),
  endpoint('GET /v1/subscription_schedules/:id', z.strictObject(expanding), ({ store }, _params, id) =>
    store.get('schedule', id),
  ),
  endpoint(
    'POST /v1/subscription_schedules/:id',
    z.strictObject({
      end_behavior: z.enum(['cancel', 'release']).optional(),
      proration_behavior: z.enum(['always_invoice', 'create_prorations', 'none']).optional(),
      phases: z
        .array(
          z.strictObject({
            items: z.array(z.strictObject({ price: text, quantity: int.optional() })).min(1),
            start_date: int.optional(),
            end_date: int.optional(),
            duration: z
              .strictObject({ interval: z.enum(['month', 'year']), interval_count: int.optional() })
              .optional(),
            proration_behavior: z.enum(['always_invoice', 'create_prorations', 'none']).optional(),
          }),
        )
        .min(1)
        .optional(),
      metadata,
      ...expanding,
    }),
    (world, { phases, end_behavior: then }, id) => {
      const { store } = world;
      const schedule = store.get('schedule', id);
      if (schedule.status !== 'active') throw new StripeFault(400, `The schedule is ${schedule.status}.`);
      let at = schedule.phases[0]?.start_date ?? world.clock.now();
      const made = phases?.map((phase, index) => {
        const start = phase.start_date ?? at;
        if (start !== at && index > 0)
          throw new StripeFault(400, 'Phases must follow each other.', { param: 'phases' });
        const months = (phase.duration?.interval === 'year' ? 12 : 1) * (phase.duration?.interval_count ?? 1);
        at = phase.end_date ?? monthsAfter(start, months);
        const items = phase.items.map(({ price, quantity }, place) => ({
          price: store.get('price', price, `phases[${index}][items][${place}][price]`),
          quantity,
        }));
        return newPhase({ items, start, end: at });
      });
      const changed = store.put('schedule', {
        ...schedule,
        ...(then && { end_behavior: then }),
        ...(made && { phases: made }),
      });
      emit(world, 'subscription_schedule.updated', changed);
      return changed;
    },
  ),
  endpoint('POST /v1/subscription_schedules/:id/release', z.strictObject(expanding), (world, _params, id) => {
    const { subscription, status } = world.store.get('schedule', id);
    if (status !== 'active') throw new StripeFault(400, `The schedule is ${status} and cannot be released.`);
    const released = endSchedule(world, id, 'released');
    if (subscription)
      changeSubscription(world, world.store.get('subscription', idOf(subscription)), { schedule: null });
    return released;
  }),
];

function open({ store }: World, id: string): Stripe.Subscription {
  const subscription = store.get('subscription', id);
  if (!isOver(subscription)) return subscription;
  throw new StripeFault(404, `No such subscription: '${id}'`, { code: 'resource_missing', param: 'id' });
}

type ItemChange = NonNullable<z.output<typeof change>['items']>[number];

function withItems(
  world: World,
  subscription: Stripe.Subscription,
  wishes: readonly ItemChange[],
  proration: z.output<typeof change>['proration_behavior'],
): Stripe.Subscription {
  const { store } = world;
  const gone = new Set(wishes.filter(({ deleted }) => deleted).map(({ id }) => id));
  const kept = subscription.items.data
    .filter(({ id }) => !gone.has(id))
    .map((item) => {
      const wish = wishes.find(({ id }) => id === item.id);
      if (!wish) return item;
      const price = wish.price === undefined ? item.price : store.get('price', wish.price, 'items[price]');
      const { quantity = item.quantity } = wish;
      return { ...item, price, ...(quantity !== undefined && { quantity }) };
    });
  const fresh = wishes.flatMap((wish) => {
    if (wish.id !== undefined) {
      if (subscription.items.data.some(({ id }) => id === wish.id)) return [];
      throw new StripeFault(400, `No such subscription item: ${wish.id}`, {
        code: 'resource_missing',
        param: 'items',
      });
    }
    const price = store.get('price', wish.price ?? '', 'items[price]');
    return [newItem(world, subscription.id, { price, quantity: wish.quantity }, periodOf(subscription))];
  });
  if (proration === 'none') {
    const card = cardOf(world, idOf(subscription.customer));
    if (!card) throw declined();
    return changeSubscription(world, subscription, {
      items: { ...subscription.items, data: [...kept, ...fresh] },
    });
  }
  return exchangeItems(world, subscription, [...kept, ...fresh]);
}

/** With the objects behind ids that were asked for. */
function expanded(
  { store }: World,
  subscription: Stripe.Subscription,
  paths: readonly string[] = [],
): Stripe.Subscription {
  const { schedule, latest_invoice: invoice, customer } = subscription;
  for (const path of paths) {
    if (!['schedule', 'latest_invoice', 'customer', 'items.data.price'].includes(path)) {
      throw new StripeFault(400, `This property cannot be expanded (${path}).`, { param: 'expand' });
    }
  }
  return {
    ...subscription,
    ...(paths.includes('schedule') && { schedule: schedule && store.get('schedule', idOf(schedule)) }),
    ...(paths.includes('latest_invoice') && {
      latest_invoice: invoice && store.get('invoice', idOf(invoice)),
    }),
    ...(paths.includes('customer') && { customer: store.get('customer', idOf(customer)) }),
  };
}

import type Stripe from 'stripe';
import type { Payments } from '../../ports/index.ts';
import type { PriceBook } from './catalogue.ts';
import { idOf, meteredItem, planItem } from './read.ts';

type PlanChanges = Pick<Payments, 'setCancelAtPeriodEnd' | 'upgrade' | 'downgrade'>;

/**
 * Changes of a subscription. Each looks at its present state first, and each of its writes has a key of its own: one that
 * was interrupted goes on where it was.
 */
export function planChanges(client: () => Promise<Stripe>, prices: PriceBook): PlanChanges {
  return {
    async setCancelAtPeriodEnd(id, cancel, key) {
      const stripe = await client();
      await giveUpSchedule(stripe, await stripe.subscriptions.retrieve(id), key);
      await stripe.subscriptions.update(
        id,
        { cancel_at_period_end: cancel },
        { idempotencyKey: `${key}-cancel` },
      );
    },

    async upgrade(id, plan, key) {
      const stripe = await client();
      const { monthly, overage } = await prices.pricesOf(plan);
      const subscription = await stripe.subscriptions.retrieve(id);
      await giveUpSchedule(stripe, subscription, key);
      const metered = meteredItem(subscription);
      await stripe.subscriptions.update(
        id,
        {
          items: [
            { ...itemId(planItem(subscription)), price: monthly },
            { ...itemId(metered), price: overage },
          ],
          cancel_at_period_end: false,
          proration_behavior: 'always_invoice',
          // A card that does not pay leaves everything as it was.
          payment_behavior: 'error_if_incomplete',
        },
        { idempotencyKey: `${key}-upgrade` },
      );
    },

    async downgrade(id, plan, key) {
      const stripe = await client();
      const { monthly, overage } = await prices.pricesOf(plan);
      const { schedule, cancel_at_period_end: ends } = await stripe.subscriptions.retrieve(id);
      // Else the next phase would never begin.
      if (ends) {
        await stripe.subscriptions.update(
          id,
          { cancel_at_period_end: false },
          { idempotencyKey: `${key}-resume` },
        );
      }
      const found = schedule
        ? await stripe.subscriptionSchedules.retrieve(idOf(schedule))
        : await stripe.subscriptionSchedules.create(
            { from_subscription: id },
            { idempotencyKey: `${key}-schedule` },
          );
      const [present] = found.phases;
      if (!present) throw new Error(`schedule ${found.id} has no phases`);
      await stripe.subscriptionSchedules.update(
        found.id,
        {
          end_behavior: 'release',
          proration_behavior: 'none',
          phases: [
            {
              items: present.items.map(({ price, quantity }) => ({
                price: idOf(price),
                ...(quantity !== undefined && { quantity }),
              })),
              start_date: present.start_date,
              end_date: present.end_date,
            },
            {
              items: [{ price: monthly, quantity: 1 }, { price: overage }],
              duration: { interval: 'month', interval_count: 1 },
              // Of the plans nothing is left to share out then. Under `none`, what was metered at a price that ends would
              // not be billed.
              proration_behavior: 'create_prorations',
            },
          ],
        },
        { idempotencyKey: `${key}-phases` },
      );
    },
  };
}

/** A subscription that follows a schedule cannot be changed by itself. */
async function giveUpSchedule(stripe: Stripe, { schedule }: Stripe.Subscription, key: string): Promise<void> {
  if (!schedule) return;
  await stripe.subscriptionSchedules.release(idOf(schedule), {}, { idempotencyKey: `${key}-release` });
}

function itemId(item: Stripe.SubscriptionItem | undefined) {
  return item && { id: item.id };
}

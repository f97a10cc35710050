import { join } from 'node:path';
import type pg from 'pg';
import { offeredPlans, plansWith } from '../../server/src/core/billing/plans.ts';
import { startFakeStripe } from '../../server/src/dev/stripe/index.ts';
import { newCustomer, newSubscription } from '../../server/src/dev/stripe/objects/subscriptions.ts';

const KEY = 'sk_test_bench';
const ACCOUNT = 'acc_00000000000000000000000000';
const MONTH_SECONDS = 30 * 24 * 60 * 60;

export interface StripeOfBench {
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * The Stripe of the embedded stack with as many subscriptions that are the same here as differ. Of those that differ, a third
 * each is unknown here, is unknown there, and has another status.
 */
export async function seedStripe(client: pg.Client, folder: string, planted: number): Promise<StripeOfBench> {
  const shop = { plans: offeredPlans(plansWith()), returnUrl: 'http://127.0.0.1:1' };
  const dataFile = join(folder, 'stripe.sqlite');
  const fake = await startFakeStripe({ port: 0, dataFile, secretKey: KEY, shop, log: () => undefined });
  const { world } = fake;
  const price = world.store.list('price').find(({ lookup_key: key }) => key === 'stager_pro_monthly');
  if (!price) throw new Error('nothing is sold');
  const customer = newCustomer(world, { name: 'Elm Realty', metadata: { stager_account: ACCOUNT } });
  const end = world.clock.now() + MONTH_SECONDS;
  const known: string[] = [];
  const planted3 = Math.floor(planted / 3);
  world.store.together(() => {
    world.store.put('customer', customer);
    for (let n = 0; n < planted + (planted - planted3); n += 1) {
      const facts = {
        customer: customer.id,
        items: [{ price, quantity: 1 }],
        metadata: {},
        end,
        card: 'pm_none',
      };
      const subscription = newSubscription(world, facts);
      world.store.put('subscription', { ...subscription, status: 'active' }, customer.id);
      known.push(subscription.id);
    }
  });
  const start = end - MONTH_SECONDS;
  const unknownHere = known.splice(0, planted3);
  const differing = known.slice(0, planted - 2 * planted3);
  const unknownThere = Array.from({ length: planted3 }, (_, n) => `sub_gone_${n}`);
  await client.query('INSERT INTO billing_accounts (account_id, customer_id) VALUES ($1, $2)', [
    ACCOUNT,
    customer.id,
  ]);
  await client.query(
    `INSERT INTO subscriptions (account_id, id, plan, status, period_start, period_end, synced_at)
     SELECT $1, id, 'pro', CASE WHEN id = ANY ($3) THEN 'past_due' ELSE 'active' END, to_timestamp($4), to_timestamp($5), now()
       FROM unnest($2::text[]) id`,
    [ACCOUNT, [...known, ...unknownThere], differing, start, end],
  );
  await client.query(`INSERT INTO bench_planted SELECT 'subscription_mismatch', unnest($1::text[])`, [
    [...unknownHere, ...differing, ...unknownThere],
  ]);
  return {
    env: { STAGER_STRIPE_SECRET_KEY: KEY, STAGER_STRIPE_API_URL: fake.url },
    close: () => fake.close(),
  };
}

import { expect, test } from 'vitest';
import { offeredPlans, plansWith } from '../../core/billing/plans.ts';
import { createClient } from '../../infra/stripe/client.ts';
import { setUpStripe } from '../../infra/stripe/setup.ts';
import { KEY, startRig } from './testing.ts';

const RETURN = 'http://127.0.0.1:9/billing';
const ofPlans = (overrides: Parameters<typeof plansWith>[0]) => offeredPlans(plansWith(overrides));

test('what is sold is there from the start, once, and follows the numbers of the installation', async () => {
  const rig = await startRig({ shop: { plans: ofPlans({}), returnUrl: RETURN } });
  const prices = async () =>
    (
      await rig.stripe.prices.list({
        lookup_keys: ['stager_pro_monthly', 'stager_business_overage'],
        active: true,
      })
    ).data;
  expect(await prices()).toMatchObject([
    { lookup_key: 'stager_business_overage', unit_amount: 25, recurring: { usage_type: 'metered' } },
    { lookup_key: 'stager_pro_monthly', unit_amount: 2_900, metadata: { stager_plan: 'pro' } },
  ]);
  const before = (await prices()).map(({ id }) => id);
  await rig.restart();
  expect((await prices()).map(({ id }) => id)).toEqual(before);
  expect((await rig.stripe.billing.meters.list()).data).toHaveLength(1);
});

test('is what stripe-setup would make of an account at Stripe', async () => {
  const plans = ofPlans({});
  const { fake } = await startRig({ shop: { plans, returnUrl: RETURN } });
  const offers = plans.flatMap((plan) =>
    plan.id === 'pro' || plan.id === 'business'
      ? [{ ...plan, id: plan.id, overageCents: plan.overageCents ?? 0 }]
      : [],
  );
  const client = createClient({ secretKey: KEY, apiUrl: fake.url });
  const done = await setUpStripe(client, { offers, returnUrl: RETURN, webhookUrl: null, eventTypes: [] });
  expect(done).toEqual({ changes: [], webhookSecret: null });
});

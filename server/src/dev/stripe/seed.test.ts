import { expect, test } from 'vitest';
import { offeredPlans, plansWith } from '../../core/billing/plans.ts';
import { startRig } from './testing.ts';

const ofPlans = (overrides: Parameters<typeof plansWith>[0]) => offeredPlans(plansWith(overrides));

test('what is sold is there from the start, once, and follows the numbers of the installation', async () => {
  const rig = await startRig({ plans: ofPlans({}) });
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

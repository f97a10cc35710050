import { expect, test } from 'vitest';
import { isLarger, offeredPlans, planIdOf, plansWith } from './plans.ts';

test('the plans are those of the price list', () => {
  expect(offeredPlans(plansWith()).map(({ id, priceCents, limit }) => [id, priceCents, limit])).toEqual([
    ['free', 0, 10],
    ['pro', 2_900, 100],
    ['business', 9_900, 500],
  ]);
});

test('an installation changes single numbers, and nothing else with them', () => {
  const plans = plansWith({ pro: { limit: 150 }, business: { overageCents: null } });
  expect(plans.pro).toEqual({ ...plansWith().pro, limit: 150 });
  expect(plans.business).toEqual({ ...plansWith().business, overageCents: null });
  expect(plans.free).toEqual(plansWith().free);
});

test.each([
  ['pro', 'pro'],
  ['dev', 'dev'],
  ['of another release', 'free'],
])('an account of the plan %s is on %s', (text, id) => {
  expect(planIdOf(text)).toBe(id);
});

test('plans have an order', () => {
  expect(isLarger('business', 'pro')).toBe(true);
  expect(isLarger('pro', 'business')).toBe(false);
  expect(isLarger('pro', 'pro')).toBe(false);
});

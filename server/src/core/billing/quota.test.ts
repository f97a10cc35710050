import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Allowance, grantUnits, take, unitsLeft } from './quota.ts';

const allowance = (wish: Partial<Allowance>): Allowance => ({
  limit: 10,
  overageCap: 0,
  units: 0,
  overage: 0,
  ...wish,
});

test.each<
  [
    what: string,
    has: Partial<Allowance>,
    wanted: number,
    granted: [number, number] | null,
    left: number | null,
  ]
>([
  ['nothing is used', {}, 1, [1, 0], 10],
  ['all that there is is asked for', {}, 10, [10, 0], 10],
  ['one more is asked for', {}, 11, null, 10],
  ['one is left', { units: 9 }, 1, [1, 0], 1],
  ['one is left for two', { units: 9 }, 2, null, 1],
  ['none is left', { units: 10 }, 1, null, 0],
  ['the limit is smaller than what is used', { limit: 5, units: 10 }, 1, null, 0],
  ['there is no limit', { limit: null, units: 1e6 }, 20, [20, 0], null],
  ['what is above may be paid', { units: 10, overageCap: null }, 3, [0, 3], null],
  ['a part of it is above', { units: 8, overageCap: 5 }, 3, [2, 1], 7],
  ['the cap is reached', { units: 15, overage: 5, overageCap: 5 }, 1, null, 0],
  ['the cap is smaller than what is above', { units: 15, overage: 5, overageCap: 3 }, 1, null, 0],
  ['the plan has room again below what is above', { units: 14, overage: 5, overageCap: 5 }, 1, [1, 0], 1],
  ['the limit is zero', { limit: 0 }, 1, null, 0],
])('when %s', (_, has, wanted, granted, left) => {
  const [inPlan, overage] = granted ?? [];
  expect(grantUnits(allowance(has), wanted)).toEqual(granted && { inPlan, overage });
  expect(unitsLeft(allowance(has))).toBe(left);
});

test('nothing goes beyond limit and cap, and what is left can be had', () => {
  const bound = fc.option(fc.nat(40));
  const wishes = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 20 });
  fc.assert(
    fc.property(bound, bound, wishes, (limit, overageCap, wanted) => {
      let has: Allowance = { limit, overageCap, units: 0, overage: 0 };
      for (const count of wanted) {
        const left = unitsLeft(has);
        const grant = grantUnits(has, count);
        expect(grant !== null).toBe(left === null || count <= left);
        if (grant) has = take(has, grant);
        expect(has.units - has.overage).toBeLessThanOrEqual(limit ?? Number.POSITIVE_INFINITY);
        expect(has.overage).toBeLessThanOrEqual(overageCap ?? Number.POSITIVE_INFINITY);
      }
    }),
  );
});

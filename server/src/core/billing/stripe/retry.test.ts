import { expect, test } from 'vitest';
import { MAX_ATTEMPTS, retryDelay, unknownDelay } from './retry.ts';

test.each([
  [1, 0, 2_500],
  [1, 1, 5_000],
  [2, 1, 10_000],
  [5, 0, 40_000],
  [10, 1, 2_560_000],
  [11, 1, 3_600_000],
  [MAX_ATTEMPTS, 1, null],
  [MAX_ATTEMPTS + 1, 0, null],
])('behind attempt %d, with chance %d, it is tried again in %s ms', (attempts, chance, ms) => {
  expect(retryDelay(attempts, () => chance)).toBe(ms);
});

test.each([
  [0, 1],
  [4, 1],
  [24, 6],
  [24 * 4, 24],
  [24 * 365, 24],
])('an event of a customer whom nobody knows since %d hours is looked at again in %d', (age, hours) => {
  expect(unknownDelay(age * 3_600_000)).toBe(hours * 3_600_000);
});

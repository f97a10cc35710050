import { expect, test } from 'vitest';
import { MAX_ATTEMPTS, retryDelay } from './retry.ts';

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

import { expect, test } from 'vitest';
import { countFailures, restartDelay } from './backoff.ts';

test.each([
  [0, 50, 1],
  [3, 50, 4],
  [3, 10_001, 0],
])('%i failures before, lived %i ms: %i', (before, lived, count) => {
  expect(countFailures(before, lived)).toBe(count);
});

test.each([
  [0, 100],
  [1, 200],
  [2, 400],
  [5, 3200],
  [6, 5000],
  [60, 5000],
])('after %i failures it waits %i ms', (failures, ms) => expect(restartDelay(failures)).toBe(ms));

import { expect, test } from 'vitest';
import { isLong, secondsToLook } from './waiting.ts';

test('a page that waits looks quickly at first, then ever more rarely, and then no more', () => {
  const seconds = Array.from({ length: 19 }, (_, looks) => secondsToLook(looks));
  expect(seconds).toEqual([2, 3, 3, 4, 6, 7, 10, 13, 16, 20, 20, 20, 20, 20, 20, 20, 20, 20, null]);
  expect([secondsToLook(1e9), secondsToLook(Number.POSITIVE_INFINITY)]).toEqual([null, null]);
});

test('that it takes long is said after half a minute', () => {
  expect([0, 6, 7, 18].map(isLong)).toEqual([false, false, true, true]);
});

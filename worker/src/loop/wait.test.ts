import { expect, test } from 'vitest';
import { idleWait } from './wait.ts';

test.each([
  ['no place is free', { free: 0, nextDueMs: 5 }, Number.POSITIVE_INFINITY],
  ['nothing is queued', { free: 2, nextDueMs: null }, 2_000],
  ['the next is due soon', { free: 2, nextDueMs: 300 }, 300],
  ['the next is due late', { free: 2, nextDueMs: 60_000 }, 2_000],
  ['what is due is held by others', { free: 1, nextDueMs: 0 }, 100],
])('%s', (_, idle, ms) => {
  expect(idleWait(idle, () => 0)).toBe(ms);
  expect(idleWait(idle, () => 1)).toBe(ms * 1.1);
});

import { expect, test } from 'vitest';
import { decideFailure } from './policy.ts';

test.each([
  ['a failure that cannot get better', false, 1, 5, { kind: 'dead' }],
  ['the first failure', true, 1, 5, { kind: 'retry', afterMs: 1_000 }],
  ['the second', true, 2, 5, { kind: 'retry', afterMs: 2_000 }],
  ['the fourth', true, 4, 5, { kind: 'retry', afterMs: 8_000 }],
  ['the last', true, 5, 5, { kind: 'dead' }],
  ['beyond the last', true, 6, 5, { kind: 'dead' }],
  ['a very late one', true, 40, 50, { kind: 'retry', afterMs: 300_000 }],
] as const)('%s', (_name, retryable, attempt, max, verdict) => {
  expect(decideFailure(retryable, attempt, max, 1)).toEqual(verdict);
});

test('the whole span from nothing to the limit is used', () => {
  expect(decideFailure(true, 3, 5, 0)).toEqual({ kind: 'retry', afterMs: 0 });
  expect(decideFailure(true, 3, 5, 0.5)).toEqual({ kind: 'retry', afterMs: 2_000 });
});

import { expect, test } from 'vitest';
import { judge } from './safety.ts';

test.each([
  [0, 0, 0, 'found', null],
  [0, 0, 0, 'not_looked_for', null],
  [100, 100, 20, 'found', null],
  [100, 100, 21, 'found', 'too_many_changes'],
  [1_000_000, 1_000_000, 10_000, 'found', null],
  [1_000_000, 1_000_000, 10_001, 'found', 'too_many_changes'],
  // Of the smaller side.
  [1_000_000, 1_000, 21, 'found', 'too_many_changes'],
  [5, 0, 1, 'found', 'no_objects'],
  [0, 5, 1, 'not_looked_for', 'no_rows'],
  [5, 5, 0, 'missing', 'sentinel_missing'],
] as const)(
  '%d rows, %d objects, %d changes, sentinel %s: %s',
  (rows, objects, changes, sentinel, reason) => {
    expect(judge({ rows, objects }, changes, sentinel).reason?.code ?? null).toBe(reason);
  },
);

import { expect, test } from 'vitest';
import { remember } from './boundedMap.ts';

test('the newest are kept, and an entry that is set again is new', () => {
  const map = new Map<string, number>();
  remember(map, 2, 'a', 1);
  remember(map, 2, 'b', 2);
  remember(map, 2, 'a', 3);
  remember(map, 2, 'c', 4);
  expect([...map]).toEqual([
    ['a', 3],
    ['c', 4],
  ]);
});

test('with room for none, none is kept', () => {
  const map = new Map<string, number>();
  remember(map, 0, 'a', 1);
  expect(map.size).toBe(0);
});

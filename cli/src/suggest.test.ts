import { expect, test } from 'vitest';
import { editDistance, suggest } from './suggest.ts';

test.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['abc', 'acb', 1],
  ['kitten', 'sitting', 3],
  ['', 'abc', 3],
])('%s and %s are %d apart', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});

test.each([
  ['scandinvian', ['modern', 'scandinavian'], 'scandinavian'],
  ['Modern', ['modern', 'scandinavian'], 'modern'],
  ['kichten', ['kitchen', 'bath'], 'kitchen'],
  ['garage', ['kitchen', 'bath'], undefined],
  ['x', [], undefined],
])('%s of %j means %s', (word, candidates, meant) => {
  expect(suggest(word, candidates)).toBe(meant);
});

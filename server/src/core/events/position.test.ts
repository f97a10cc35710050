import { expect, test } from 'vitest';
import { decideStart } from './position.ts';

const range = { oldest: 10, head: 20 };

test.each([
  ['no id', undefined, { kind: 'snapshot' }],
  ['an empty id', '', { kind: 'snapshot' }],
  ['the head', '20', { kind: 'resume', after: 20 }],
  ['in the middle', '15', { kind: 'resume', after: 15 }],
  ['just before the oldest', '9', { kind: 'resume', after: 9 }],
  ['older than that', '8', { kind: 'reset', reason: 'id_too_old' }],
  ['the very beginning', '0', { kind: 'reset', reason: 'id_too_old' }],
  ['never issued', '21', { kind: 'reset', reason: 'id_unknown' }],
  ['negative', '-1', { kind: 'reset', reason: 'id_unknown' }],
  ['no number', 'abc', { kind: 'reset', reason: 'id_unknown' }],
  ['beyond all numbers', '9'.repeat(30), { kind: 'reset', reason: 'id_unknown' }],
])('starts at %s', (_name, id, start) => {
  expect(decideStart(id, range)).toEqual(start);
});

test('an account without events can be followed from 0', () => {
  expect(decideStart('0', { oldest: 0, head: 0 })).toEqual({ kind: 'resume', after: 0 });
});

test('with nothing pruned, 0 replays everything', () => {
  expect(decideStart('0', { oldest: 1, head: 3 })).toEqual({ kind: 'resume', after: 0 });
});

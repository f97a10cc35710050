import { expect, test } from 'vitest';
import { renderFacts } from './facts.ts';
import { createStyle } from './style.ts';

test('values stand in one column, the long ones below themselves, and none without a value', () => {
  const text = renderFacts(
    [
      ['State', 'error'],
      ['Hint', ''],
      ['Error', 'Most edges in the picture are not straight. (not_a_room)'],
      ['Output', 'staged  1200×800  image/jpeg'],
    ],
    8,
    { style: createStyle(false), columns: 40 },
  );
  expect(text.split('\n')).toEqual([
    'State   error',
    'Error   Most edges in the picture are',
    '        not straight. (not_a_room)',
    'Output  staged  1200×800  image/jpeg',
  ]);
});

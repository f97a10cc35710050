import { expect, test } from 'vitest';
import { monthsAfter, periodEnd } from './clock.ts';
import { parseForm } from './form.ts';

test('names with brackets are objects and lists', () => {
  expect(parseForm('a=1&b[c]=2&d[0][e]=3&d[1][e]=4&f[]=5&f[]=6&g%5Bh%5D=7')).toEqual({
    a: '1',
    b: { c: '2' },
    d: [{ e: '3' }, { e: '4' }],
    f: ['5', '6'],
    g: { h: '7' },
  });
});

test.each(['a=1&a[b]=2', 'a[b]=1&a=2', 'a=1&a=2', 'a[=1', '[a]=1', `${'a[b][c][d][e][f][g]'}=1`])(
  '%s is refused',
  (text) => {
    expect(() => parseForm(text)).toThrow(/Invalid parameter/);
  },
);

test('a name cannot reach what all objects have', () => {
  expect(parseForm('__proto__[polluted]=1&constructor[x]=2')).toEqual(
    Object.fromEntries([
      ['__proto__', { polluted: '1' }],
      ['constructor', { x: '2' }],
    ]),
  );
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});

test('a period ends on the day it began, or on the last of a month that has no such day', () => {
  const at = (text: string) => Date.parse(`${text}T10:00:00Z`) / 1000;
  expect(monthsAfter(at('2026-01-31'), 1)).toBe(at('2026-02-28'));
  expect(monthsAfter(at('2026-12-15'), 1)).toBe(at('2027-01-15'));
  // The day of the beginning, not that of the month before.
  expect(periodEnd(at('2026-01-31'), at('2026-02-28'))).toBe(at('2026-03-31'));
});

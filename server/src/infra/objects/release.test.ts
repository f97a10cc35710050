import { expect, test } from 'vitest';
import { release } from './release.ts';

test('memory of one owner is given back, that of several is not', () => {
  const whole = Buffer.alloc(10_000, 1);
  const part = Buffer.alloc(10_000, 2).subarray(1);
  const shared = Buffer.from(new SharedArrayBuffer(10_000));
  for (const piece of [whole, part, shared]) release(piece);
  expect([whole, part, shared].map(({ length }) => length)).toEqual([0, 9_999, 10_000]);
  expect(part.every((byte) => byte === 2)).toBe(true);
});

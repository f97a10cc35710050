import { expect, test } from 'vitest';
import { ImageId } from '../contract/index.ts';
import { newId } from './ids.ts';

test('ids match the contract and sort in the order of their making', () => {
  const ids = Array.from({ length: 1000 }, () => newId('img'));
  for (const id of ids) expect(ImageId.safeParse(id).success).toBe(true);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});

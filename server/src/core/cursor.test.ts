import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { newId } from './ids.ts';

test('a cursor leads back to the id it was made from', () => {
  const id = newId('img');
  expect(decodeCursor(encodeCursor(id) ?? '', 'img')).toBe(id);
});

test('the last page has no cursor, the first needs none', () => {
  expect(encodeCursor(null)).toBeNull();
  expect(decodeCursor(undefined, 'img')).toBeNull();
});

test.each([
  ['not base64', '%%%'],
  ['another list', encodeCursor(newId('prj')) ?? ''],
  ['an id in clear', newId('img')],
  ['SQL', Buffer.from("1:img_' or 1=1 --").toString('base64url')],
  ['another version', Buffer.from(`2:${newId('img')}`).toString('base64url')],
  ['empty', ''],
])('refuses %s as a cursor', (_name, cursor) => {
  expect(() => decodeCursor(cursor, 'img')).toThrow(expect.objectContaining({ code: 'cursor_invalid' }));
});

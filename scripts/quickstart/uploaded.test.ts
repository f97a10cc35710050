import { expect, test } from 'vitest';
import { readUploaded } from './uploaded.ts';

const told = (code: string) => ({ code, message: `It is ${code}.`, hint: null, retryable: false });
const file = (name: string, images: object[], error: object | null = null) => ({ file: name, images, error });

test('a photo that is refused is no failure, what broke is one', () => {
  const files = [
    file('a.jpg', [{ state: 'ready', error: null }]),
    file('b.jpg', [{ state: 'error', error: told('not_a_room') }]),
    file('c.jpg', [{ state: 'error', error: told('engine_failed') }]),
    file('d.jpg', [], told('file_empty')),
    file('e.jpg', [{ state: 'ready', error: told('write_failed') }]),
    file('notes.txt', []),
  ];
  expect(readUploaded(JSON.stringify({ files }))).toEqual({
    ready: 1,
    refused: [{ name: 'b.jpg', code: 'not_a_room', message: 'It is not_a_room.', hint: null }],
    failed: ['c.jpg: It is engine_failed.', 'd.jpg: It is file_empty.', 'e.jpg: It is write_failed.'],
  });
});

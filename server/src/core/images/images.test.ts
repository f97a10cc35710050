import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canMove } from './commands.ts';
import { downloadName } from './downloads.ts';
import { imageSpecHash } from './specHash.ts';

test.each([
  ['retry', 'queued', false],
  ['retry', 'processing', false],
  ['retry', 'ready', false],
  ['retry', 'error', true],
  ['retry', 'canceled', true],
  ['cancel', 'queued', true],
  ['cancel', 'processing', true],
  ['cancel', 'ready', false],
  ['cancel', 'error', false],
  ['cancel', 'canceled', false],
] as const)('%s of an image that is %s: %s', (act, state, possible) => {
  expect(canMove(act, state)).toBe(possible);
});

const spec = {
  projectId: null,
  originalId: 'org_1',
  engine: 'finish',
  roomType: null,
  style: null,
  seed: 0,
  variation: 0,
  params: { longEdge: 2048, format: 'jpeg' },
  layout: null,
};

test('the order of the parameters does not change what is asked for', () => {
  const turned = { ...spec, params: { format: 'jpeg', longEdge: 2048 } };
  expect(imageSpecHash(turned, '1')).toBe(imageSpecHash(spec, '1'));
  expect(imageSpecHash(spec, '2')).not.toBe(imageSpecHash(spec, '1'));
});

test('each thing that decides the picture changes the hash', () => {
  const others = [
    { ...spec, projectId: 'prj_1' },
    { ...spec, originalId: 'org_2' },
    { ...spec, engine: 'other' },
    { ...spec, roomType: 'kitchen' },
    { ...spec, style: 'kitchen' },
    { ...spec, seed: 1 },
    { ...spec, variation: 1 },
    { ...spec, params: {} },
    { ...spec, params: { longEdge: '2048', format: 'jpeg' } },
  ];
  expect(new Set([spec, ...others].map((image) => imageSpecHash(image, '1'))).size).toBe(others.length + 1);
});

test.each([
  ['kitchen.jpg', 'kitchen.finished.jpg'],
  ['Küche 1.JPEG', 'Küche 1.finished.jpg'],
  ['../../etc/passwd', '.._.._etc_passwd.finished.jpg'],
  ['a"b\r\nc.jpg', 'a_b_c.finished.jpg'],
])('%j is offered as %s', (name, expected) => {
  expect(downloadName({ id: 'img_1', name }, 'finished', 'image/jpeg')).toBe(expected);
});

test('no name makes a header or a path', () => {
  const unit = fc.oneof(
    fc.constantFrom('/', '\\', '"', '\r', '\n', '\0'),
    fc.nat(0xffff).map((code) => String.fromCharCode(code)),
  );
  fc.assert(
    fc.property(fc.string({ unit }), (name) => {
      expect(downloadName({ id: 'img_1', name }, 'finished', 'image/png')).not.toMatch(/[/\\"\r\n\0]/);
    }),
  );
});

test('an image without a name is offered by its id', () => {
  expect(downloadName({ id: 'img_1', name: null }, 'finished', 'image/png')).toBe('img_1.finished.png');
});

import { expect, test } from 'vitest';
import { refuseAnnounced } from './limits.ts';

const limits = { maxBytes: 1000, maxPixels: 1_000_000 };

test.each([
  ['a JPEG of the largest size', 'image/jpeg', 1000, null],
  ['a PNG', 'image/png', 1, null],
  ['a WebP', 'image/webp', 1, null],
  ['an AVIF', 'image/avif', 1, null],
  ['a HEIC', 'image/heic', 1, null],
  ['one byte too many', 'image/jpeg', 1001, 'file_too_large'],
  ['nothing', 'image/jpeg', 0, 'file_empty'],
  ['an SVG', 'image/svg+xml', 10, 'unsupported_format'],
  ['a TIFF', 'image/tiff', 10, 'unsupported_format'],
  ['no type', '', 10, 'unsupported_format'],
  ['a type with a parameter', 'image/jpeg; x=1', 10, 'unsupported_format'],
])('announcing %s', (_name, contentType, size, code) => {
  expect(refuseAnnounced({ contentType, size }, limits)?.code ?? null).toBe(code);
});

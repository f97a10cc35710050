import { existsSync, readdirSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { INSPECTION_CODES, inspectImage, sniffFormat } from './index.ts';
import { LIMITS, photo, pngChunk, segment, withChunks, withPngSize, withSegments, zip } from './testing.ts';

const jpeg = await photo().jpeg().toBuffer();
const png = await photo().png().toBuffer();
const webp = await photo().webp().toBuffer();
const avif = await photo().avif({ effort: 0 }).toBuffer();
const files = [
  ['image/jpeg', jpeg],
  ['image/png', png],
  ['image/webp', webp],
  ['image/avif', avif],
] as const;

function codeOf(bytes: Uint8Array, type: string, limits = LIMITS): string {
  const seen = inspectImage(bytes, type, limits);
  return seen.ok ? 'ok' : seen.code;
}

describe('what the bytes are', () => {
  const text = (value: string) => Buffer.from(value, 'latin1');
  test.each([
    ['jpeg', jpeg],
    ['png', png],
    ['webp', webp],
    ['avif', avif],
    ['avif', text('\0\0\0\x1cftypmif1\0\0\0\0mif1miafavif')],
    ['heic', text('\0\0\0\x18ftypheic\0\0\0\0mif1heic')],
    ['heic', text('\0\0\0\x14ftypmif1\0\0\0\0mif1')],
    ['gif', text('GIF89a\x01\0\x01\0')],
    ['tiff', text('II*\0\x08\0\0\0')],
    ['tiff', text('MM\0*\0\0\0\x08')],
    ['pdf', text('%PDF-1.7\n')],
    ['zip', zip()],
    ['svg', text('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['svg', text('\xef\xbb\xbf \n<?xml version="1.0"?>\n<!-- x -->\n<svg></svg>')],
    ['svg', Buffer.from('\ufeff<svg/>', 'utf16le').subarray(0, 12)],
    ['html', text('  <!DOCTYPE html><html></html>')],
    ['html', text('<script>alert(1)</script>')],
    ['unknown', text('\0\0\0\x18ftypmp42\0\0\0\0isommp42')],
    ['unknown', text('hello')],
    ['unknown', text('RIFF\0\0\0\0WAVE')],
    ['unknown', Buffer.alloc(0)],
  ])('%s', (format, bytes) => {
    expect(sniffFormat(bytes)).toBe(format);
  });
});

describe('refusals before any format is read', () => {
  test('an empty file', () => {
    expect(inspectImage(Buffer.alloc(0), 'image/jpeg', LIMITS)).toMatchObject({
      ok: false,
      code: 'file_empty',
    });
  });

  test('a file over the limit says both sizes', () => {
    const seen = inspectImage(jpeg, 'image/jpeg', { ...LIMITS, maxBytes: 1000 });
    expect(seen).toMatchObject({ ok: false, code: 'file_too_large' });
    expect(seen.ok ? '' : seen.message).toContain(`${jpeg.length} bytes; at most 1000`);
  });

  test('a file of exactly the limit passes', () => {
    expect(codeOf(jpeg, 'image/jpeg', { ...LIMITS, maxBytes: jpeg.length })).toBe('ok');
  });

  test.each([
    ['a GIF picture', photo().gif().toBuffer()],
    ['a TIFF picture', photo().tiff().toBuffer()],
    ['an SVG drawing', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['a PDF document', Buffer.from('%PDF-1.7\n')],
    ['a ZIP archive', zip()],
    ['a Canon CR3 camera raw', Buffer.from('\0\0\0\x18ftypcrx \0\0\0\x01crx isom', 'latin1')],
    ['an ELF program', Buffer.from('\x7fELF\x02\x01\x01', 'latin1')],
    ['of an unknown kind', Buffer.from('what is this?')],
  ])('a file that is %s is named, with what is accepted', async (name, bytes) => {
    const seen = inspectImage(await bytes, 'image/jpeg', LIMITS);
    expect(seen).toEqual({
      ok: false,
      code: 'unsupported_format',
      message: `The file is ${name}; JPEG, PNG, WebP, AVIF and HEIC are accepted. Export the photo as JPEG.`,
    });
  });

  test.each(files.flatMap(([declared]) => files.map(([actual, bytes]) => ({ declared, actual, bytes }))))(
    'bytes of $actual announced as $declared',
    ({ declared, actual, bytes }) => {
      expect(codeOf(bytes, declared)).toBe(declared === actual ? 'ok' : 'content_type_mismatch');
    },
  );

  test.each([
    ['IMAGE/JPEG; charset=binary', 'ok'],
    ['image/jpg', 'ok'],
    ['', 'content_type_mismatch'],
    ['application/octet-stream', 'content_type_mismatch'],
  ])('JPEG announced as "%s": %s', (declared, code) => {
    expect(codeOf(jpeg, declared)).toBe(code);
  });

  test('bytes that start in the middle of their memory are read from there', () => {
    const memory = new Uint8Array(jpeg.length + 7);
    memory.set(jpeg, 5);
    expect(codeOf(memory.subarray(5, 5 + jpeg.length), 'image/jpeg')).toBe('ok');
  });
});

describe('size in pixels', () => {
  test.each(files)('%s is judged by its own header', (type, bytes) => {
    expect(inspectImage(bytes, type, LIMITS)).toMatchObject({ ok: true, width: 160, height: 120 });
    expect(codeOf(bytes, type, { ...LIMITS, maxPixels: 160 * 120 })).toBe('ok');
    expect(codeOf(bytes, type, { ...LIMITS, maxPixels: 160 * 120 - 1 })).toBe('image_too_large');
  });

  test('a side over the limit, though the pixels fit', () => {
    const seen = inspectImage(jpeg, 'image/jpeg', { ...LIMITS, maxSide: 159 });
    expect(seen).toMatchObject({ ok: false, code: 'image_too_large' });
  });

  test.each([
    ['image/jpeg', 64, 64, 'ok'],
    ['image/jpeg', 63, 64, 'image_too_small'],
    ['image/png', 64, 63, 'image_too_small'],
    ['image/webp', 63, 64, 'image_too_small'],
    ['image/avif', 64, 63, 'image_too_small'],
  ] as const)('%s of %i x %i: %s', async (type, width, height, code) => {
    const made = photo(width, height);
    const format =
      type === 'image/jpeg' ? 'jpeg' : type === 'image/png' ? 'png' : type === 'image/webp' ? 'webp' : 'avif';
    expect(codeOf(await made.toFormat(format).toBuffer(), type)).toBe(code);
  });

  test('a bomb by declared size is refused by its size', () => {
    const seen = inspectImage(withPngSize(png, 60_000, 60_000), 'image/png', LIMITS);
    expect(seen).toMatchObject({ ok: false, code: 'image_too_large' });
    expect(seen.ok ? '' : seen.message).toContain('60000 x 60000');
  });
});

describe('files that are something else as well', () => {
  const archive = zip();

  test.each(files)('an archive behind %s', (type, bytes) => {
    expect(codeOf(Buffer.concat([bytes, archive]), type)).toBe('image_polyglot');
  });

  test('an archive in a comment of a small JPEG: unzip finds its directory from the end', () => {
    expect(codeOf(withSegments(jpeg, segment(0xfe, archive)), 'image/jpeg')).toBe('image_polyglot');
  });

  test('an archive in a private chunk of a PNG', () => {
    expect(codeOf(withChunks(png, pngChunk('zzZz', archive)), 'image/png')).toBe('image_polyglot');
  });

  test('an archive whose directory only a ZIP64 locator finds', () => {
    const zip64 = Buffer.concat([Buffer.alloc(20), Buffer.alloc(22, 0xff)]);
    zip64.write('PK\x06\x07', 0, 'latin1');
    zip64.write('PK\x05\x06', 20, 'latin1');
    expect(codeOf(withSegments(jpeg, segment(0xfe, zip64)), 'image/jpeg')).toBe('image_polyglot');
  });

  test('the four bytes of an end record alone are no archive', () => {
    const chance = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(40, 7)]);
    expect(codeOf(withSegments(jpeg, segment(0xfe, chance)), 'image/jpeg')).toBe('ok');
  });

  test('a PDF header among the first bytes', () => {
    const seen = inspectImage(withSegments(jpeg, segment(0xfe, '%PDF-1.4\n')), 'image/jpeg', LIMITS);
    expect(seen).toMatchObject({ ok: false, code: 'image_polyglot' });
    expect(seen.ok ? '' : seen.message).toContain('PDF');
  });

  test('a tar header at its fixed place', () => {
    const comment = Buffer.alloc(600, 0x20);
    const jpegWithTar = withSegments(jpeg, segment(0xfe, comment));
    jpegWithTar.write('ustar', 257, 'latin1');
    expect(codeOf(jpegWithTar, 'image/jpeg')).toBe('image_polyglot');
  });

  test.each([
    ['an ELF program', Buffer.from('\x7fELF\x02\x01\x01\0\0\0', 'latin1')],
    ['an HTML page', Buffer.from('<html><body></body></html>')],
    ['a PHP script', Buffer.from('<?php system($_GET["c"]); ?>')],
    ['a GIF picture', Buffer.from('GIF89a\x01\0\x01\0', 'latin1')],
  ])('%s behind any format is named', (name, tail) => {
    for (const [type, bytes] of files) {
      const seen = inspectImage(Buffer.concat([bytes, tail]), type, LIMITS);
      expect(seen).toMatchObject({ ok: false, code: 'image_polyglot' });
      expect(seen.ok ? '' : seen.message).toContain(`${name} (${tail.length} bytes) after its end`);
    }
  });

  test.each(files)('zero padding behind %s is no data', (type, bytes) => {
    expect(codeOf(Buffer.concat([bytes, Buffer.alloc(100_001)]), type)).toBe('ok');
  });
});

test('every message tells what to do', () => {
  const seen = [
    inspectImage(jpeg.subarray(0, 500), 'image/jpeg', LIMITS),
    inspectImage(Buffer.concat([png, Buffer.from('junk')]), 'image/png', LIMITS),
    inspectImage(jpeg, 'image/png', LIMITS),
    inspectImage(withPngSize(png, 10, 10), 'image/png', LIMITS),
  ];
  for (const answer of seen) {
    expect(answer.ok).toBe(false);
    if (answer.ok) continue;
    expect(INSPECTION_CODES).toContain(answer.code);
    expect(answer.message).toMatch(/(Export|Upload|Announce|Copy|Open)[^.]*\.$/);
  }
});

const shared = new URL('../../../../../../shared/photos/', import.meta.url);
const photos = existsSync(shared) ? readdirSync(shared).filter((name) => name.endsWith('.jpg')) : [];
if (photos.length === 0) console.info('skipped: no folder shared/photos beside the repository');

test.skipIf(photos.length === 0)('real photos pass, with the size that the decoder sees', async () => {
  for (const name of photos) {
    const bytes = readFileSync(new URL(name, shared));
    const { width, height } = await sharp(bytes).metadata();
    expect({ name, ...inspectImage(bytes, 'image/jpeg', LIMITS) }).toMatchObject({
      name,
      ok: true,
      width,
      height,
    });
  }
});

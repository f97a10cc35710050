import { describe, expect, test } from 'vitest';
import { inspectImage } from './index.ts';
import { LIMITS, PNG_BODY, photo, pngChunk, withChunks, withPngSize } from './testing.ts';

const png = await photo().png().toBuffer();
const END = 12;

function inspect(bytes: Buffer) {
  return inspectImage(bytes, 'image/png', LIMITS);
}

function codeOf(bytes: Buffer): string {
  const seen = inspect(bytes);
  return seen.ok ? 'ok' : seen.code;
}

/** The PNG with its header's depth, colour type, compression, filter and interlace replaced. */
function withForm(...form: number[]): Buffer {
  const header = Buffer.concat([png.subarray(16, 24), Buffer.from(form)]);
  return Buffer.concat([png.subarray(0, 8), pngChunk('IHDR', header), png.subarray(PNG_BODY)]);
}

function beforeEnd(...chunks: Buffer[]): Buffer {
  return Buffer.concat([png.subarray(0, -END), ...chunks, png.subarray(-END)]);
}

describe('what encoders write', () => {
  test.each([
    ['8 bits', png],
    ['16 bits', photo().toColourspace('rgb16').png().toBuffer()],
    ['interlaced', photo().png({ progressive: true }).toBuffer()],
    ['a palette', photo().png({ palette: true, colours: 16 }).toBuffer()],
    ['alpha', photo(160, 120, 4).png().toBuffer()],
    ['grey', photo(160, 120, 1).toColourspace('b-w').png().toBuffer()],
    ['one colour', photo().threshold(255).png({ compressionLevel: 9 }).toBuffer()],
    ['a colour profile', photo().withIccProfile('p3').png().toBuffer()],
    ['text', withChunks(png, pngChunk('tEXt', 'Software\0camera'))],
    ['text behind the picture', beforeEnd(pngChunk('tEXt', 'Software\0camera'))],
    ['picture data in two pieces, one empty', beforeEnd(pngChunk('IDAT'))],
  ])('%s passes', async (_name, bytes) => {
    expect(inspect(await bytes)).toEqual({
      ok: true,
      format: 'png',
      contentType: 'image/png',
      width: 160,
      height: 120,
      orientation: 1,
    });
  });

  test.each([1, 3, 6, 8])('orientation %i', async (orientation) => {
    const bytes = await photo().withMetadata({ orientation }).png().toBuffer();
    expect(inspect(bytes)).toMatchObject({ ok: true, width: 160, height: 120, orientation });
  });
});

describe('structure', () => {
  const flipped = Buffer.from(png);
  flipped.writeUInt8(flipped.readUInt8(2000) ^ 1, 2000);

  test.each([
    ['only the signature', png.subarray(0, 8), 'image_truncated'],
    ['no end chunk', png.subarray(0, -END), 'image_truncated'],
    ['half', png.subarray(0, png.length >> 1), 'image_truncated'],
    ['no picture data', Buffer.concat([png.subarray(0, PNG_BODY), png.subarray(-END)]), 'image_truncated'],
    ['a flipped bit', flipped, 'image_corrupt'],
    ['no header', Buffer.concat([png.subarray(0, 8), png.subarray(PNG_BODY)]), 'image_corrupt'],
    ['two headers', withChunks(png, png.subarray(8, PNG_BODY)), 'image_corrupt'],
    ['an unknown chunk that must be understood', withChunks(png, pngChunk('ZZZz', 'x')), 'image_corrupt'],
    ['a chunk type that is none', withChunks(png, pngChunk('a1Bc', 'x')), 'image_corrupt'],
    ['3 bits', withForm(3, 2, 0, 0, 0), 'image_corrupt'],
    ['16 bits of palette', withForm(16, 3, 0, 0, 0), 'image_corrupt'],
    ['colour type 5', withForm(8, 5, 0, 0, 0), 'image_corrupt'],
    ['another compression', withForm(8, 2, 1, 0, 0), 'image_corrupt'],
    ['another interlace', withForm(8, 2, 0, 0, 2), 'image_corrupt'],
    ['a palette picture without palette', withForm(8, 3, 0, 0, 0), 'image_corrupt'],
    ['a palette of 4 bytes', withChunks(png, pngChunk('PLTE', 'abcd')), 'image_corrupt'],
    ['two palettes', withChunks(png, pngChunk('PLTE', 'abc'), pngChunk('PLTE', 'abc')), 'image_corrupt'],
    ['picture data with a gap', beforeEnd(pngChunk('tEXt', 'a\0b'), pngChunk('IDAT', 'x')), 'image_corrupt'],
    [
      'an end that is not empty',
      Buffer.concat([png.subarray(0, -END), pngChunk('IEND', 'x')]),
      'image_corrupt',
    ],
    ['width 0', withPngSize(png, 0, 100), 'image_corrupt'],
    ['more than a side may have', withPngSize(png, 70_000, 64), 'image_too_large'],
    ['billions of pixels', withPngSize(png, 0x7fffffff, 0x7fffffff), 'image_too_large'],
    ['a size that so little data cannot unfold to', withPngSize(png, 9000, 9000), 'image_truncated'],
    ['an animation', withChunks(png, pngChunk('acTL', Buffer.alloc(8))), 'image_animated'],
    ['frames of an animation', beforeEnd(pngChunk('fdAT', Buffer.alloc(8))), 'image_animated'],
    ['PHP in text', withChunks(png, pngChunk('tEXt', 'Comment\0<?php phpinfo();')), 'image_polyglot'],
    ['script in text', beforeEnd(pngChunk('iTXt', 'c\0\0\0\0\0<SCRIPT>')), 'image_polyglot'],
    [
      'a script far inside a private chunk',
      withChunks(png, pngChunk('zzZz', farAway('<script>'))),
      'image_polyglot',
    ],
    ['17 MB in a private chunk', withChunks(png, pngChunk('zzZz', Buffer.alloc(17 << 20))), 'image_polyglot'],
    ['5 MB of compressed text', withChunks(png, pngChunk('zTXt', Buffer.alloc(5 << 20))), 'image_polyglot'],
    ['2 MB of profile', withChunks(png, pngChunk('iCCP', Buffer.alloc(2 << 20))), 'ok'],
    ['one byte behind the end', Buffer.concat([png, Buffer.from('x')]), 'image_polyglot'],
    [
      '100,001 chunks',
      withChunks(png, ...Array.from({ length: 100_001 }, () => pngChunk('zzZz'))),
      'image_corrupt',
    ],
  ])('%s', (_name, bytes, code) => {
    expect(codeOf(bytes)).toBe(code);
  });

  /** Text across the seam at 64 kB that a search by pieces has. */
  function farAway(text: string): Buffer {
    return Buffer.concat([Buffer.alloc(65_533, 0x20), Buffer.from(text)]);
  }
});

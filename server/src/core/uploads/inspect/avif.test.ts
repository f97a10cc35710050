import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { readAv1FrameSize } from './av1.ts';
import { inspectImage } from './index.ts';
import { box, composeHeif, cutBox, gridData, type HeifShape, LIMITS, photo, u32 } from './testing.ts';

const avif = await photo().avif({ effort: 0 }).toBuffer();
const latin1 = (text: string) => Buffer.from(text, 'latin1');

function inspect(bytes: Buffer, limits = LIMITS) {
  return inspectImage(bytes, 'image/avif', limits);
}

function codeOf(bytes: Buffer, limits = LIMITS): string {
  const seen = inspect(bytes, limits);
  return seen.ok ? 'ok' : seen.code;
}

/** A copy with the bytes at `offset` behind the first occurrence of a box type replaced. */
function patch(bytes: Buffer, type: string, offset: number, ...values: number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(values, copy.indexOf(type, 0, 'latin1') + 4 + offset);
  return copy;
}

const ftyp = cutBox(avif, 'ftyp');
const tile = cutBox(avif, 'mdat').subarray(8);
const decoderSetup = cutBox(avif, 'av1C');

interface Part {
  readonly type: string;
  readonly data: Buffer;
  readonly size?: readonly [number, number];
  /** 1: in the meta box's own data instead of a data box. */
  readonly method?: 0 | 1;
}

interface Shape extends Pick<HeifShape, 'tail' | 'dataHeader' | 'extentsPerItem'> {
  readonly parts: readonly Part[];
  /** Tiles of the first part. @default all others */
  readonly tiles?: number;
}

/** Composes a file: the first part is primary, the next ones are its tiles. */
function compose({ parts, tiles = parts.length - 1, ...shape }: Shape): Buffer {
  const items = parts.map(({ size = [160, 120], ...part }) => ({
    ...part,
    properties: [box('ispe', u32(0, ...size)), ...(part.type === 'av01' ? [decoderSetup] : [])],
  }));
  const to = Array.from({ length: tiles }, (_, i) => i + 2);
  return composeHeif({ ftyp, items, references: [{ type: 'dimg', from: 1, to }], ...shape });
}

const single: Part = { type: 'av01', data: tile };
const grid: Part = { type: 'grid', data: gridData(1, 2, 320, 120), size: [320, 120], method: 1 };

describe('what encoders write', () => {
  test.each([
    ['8 bits', avif],
    ['10 bits', photo().avif({ effort: 0, bitdepth: 10 }).toBuffer()],
    ['12 bits', photo().avif({ effort: 0, bitdepth: 12 }).toBuffer()],
    ['lossless', photo().avif({ effort: 0, lossless: true }).toBuffer()],
    ['4:2:0', photo().avif({ effort: 0, chromaSubsampling: '4:2:0' }).toBuffer()],
    ['grey', photo(160, 120, 1).toColourspace('b-w').avif({ effort: 0 }).toBuffer()],
    ['alpha', photo(160, 120, 4).avif({ effort: 0 }).toBuffer()],
    ['profile and EXIF', photo().withIccProfile('p3').withMetadata().avif({ effort: 0 }).toBuffer()],
    ['a single item', compose({ parts: [single] })],
    [
      'data to the end of the file',
      compose({ parts: [single], dataHeader: () => Buffer.from([0, 0, 0, 0, ...latin1('mdat')]) }),
    ],
    ['a data box with a length of 64 bits', compose({ parts: [single], dataHeader: long })],
  ])('%s passes', async (_name, bytes) => {
    expect(inspect(await bytes)).toEqual({
      ok: true,
      format: 'avif',
      contentType: 'image/avif',
      width: 160,
      height: 120,
      orientation: 1,
    });
  });

  function long(length: number): Buffer {
    return Buffer.from([...u32(1), ...latin1('mdat'), ...u32(0, length + 16)]);
  }

  test.each([
    [64, 64],
    [333, 77],
    [1000, 65],
    [1024, 683],
  ])('%i x %i', async (width, height) => {
    const bytes = await photo(width, height).avif({ effort: 0 }).toBuffer();
    expect(inspect(bytes)).toMatchObject({ ok: true, width, height });
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('orientation %i, written as turn and mirror', async (orientation) => {
    const bytes = await photo().withMetadata({ orientation }).avif({ effort: 0 }).toBuffer();
    expect(inspect(bytes)).toMatchObject({ ok: true, width: 160, height: 120, orientation });
    const turned = orientation > 4;
    const { info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual(turned ? [120, 160] : [160, 120]);
  });

  test('a grid of tiles has the size of the whole', async () => {
    const bytes = compose({ parts: [grid, single, single] });
    expect(inspect(bytes)).toMatchObject({ ok: true, width: 320, height: 120 });
    const { info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([320, 120]);
  });
});

describe('structure', () => {
  const meta = cutBox(avif, 'meta');
  const metaAt = ftyp.length;
  const hidden = latin1('x'.repeat(70_000));
  const withGap = (gap: Buffer) => {
    // The first item ends where the gap starts: its length in the list is that of the tile alone.
    const bytes = compose({ parts: [{ type: 'av01', data: Buffer.concat([tile, gap]) }] });
    const at = bytes.indexOf('iloc', 0, 'latin1') + 4;
    bytes.writeUInt32BE(tile.length, at + 4 + 2 + 2 + 8 + 4);
    return bytes;
  };

  test.each([
    ['half', avif.subarray(0, avif.length >> 1), 'image_truncated'],
    ['the last byte missing', avif.subarray(0, -1), 'image_truncated'],
    ['no data', avif.subarray(0, metaAt + meta.length), 'image_truncated'],
    ['half of the description', avif.subarray(0, metaAt + 100), 'image_truncated'],
    ['only the brand', ftyp, 'image_corrupt'],
    [
      'data to the end of a file cut short',
      compose({ parts: [single], dataHeader: openEnd }).subarray(0, -9),
      'image_truncated',
    ],
    ['two descriptions', Buffer.concat([ftyp, meta, meta]), 'image_corrupt'],
    ['the brand of a sequence', patch(avif, 'ftyp', 0, ...latin1('avis')), 'image_animated'],
    ['tracks', Buffer.concat([avif, box('moov', Buffer.alloc(100))]), 'image_animated'],
    ['a primary picture that is not listed', patch(avif, 'pitm', 4, 0, 99), 'image_corrupt'],
    ['no place for items', patch(avif, 'iloc', -4, ...latin1('xloc')), 'image_corrupt'],
    [
      'an overlay as primary picture',
      compose({ parts: [{ ...grid, type: 'iovl' }, single] }),
      'unsupported_format',
    ],
    ['no size', patch(avif, 'ispe', -4, ...latin1('xspe')), 'image_corrupt'],
    ['width 0', patch(avif, 'ispe', 4, ...u32(0)), 'image_corrupt'],
    ['another size than the picture', patch(avif, 'ispe', 4, ...u32(200)), 'image_corrupt'],
    ['a huge size', patch(avif, 'ispe', 4, ...u32(60_000, 60_000)), 'image_too_large'],
    [
      'half of a file of huge size',
      patch(avif, 'ispe', 4, ...u32(60_000, 60_000)).subarray(0, -500),
      'image_too_large',
    ],
    ['an item behind the end of the file', compose({ parts: [single] }).subarray(0, -1), 'image_truncated'],
    [
      'an item in the brand box',
      patch(compose({ parts: [single] }), 'iloc', 16, ...u32(0, 20)),
      'image_corrupt',
    ],
    ['an item in another file', patch(compose({ parts: [single] }), 'iloc', 12, 0, 1), 'image_corrupt'],
    ['an item in another item', patch(compose({ parts: [single] }), 'iloc', 10, 0, 2), 'unsupported_format'],
    ['lengths of no bytes', patch(compose({ parts: [single] }), 'iloc', 4, 0x40), 'image_corrupt'],
    ['lengths of 3 bytes', patch(compose({ parts: [single] }), 'iloc', 4, 0x43), 'image_corrupt'],
    ['65,535 items', patch(avif, 'iloc', 6, 0xff, 0xff), 'image_corrupt'],
    ['20,000 pieces of an item', compose({ parts: [single], extentsPerItem: 20_000 }), 'image_corrupt'],
    [
      'two items of one number',
      patch(compose({ parts: [single, single] }), 'iloc', 24, 0, 1),
      'image_corrupt',
    ],
    ['an inner box longer than the outer', patch(avif, 'ipco', -8, 0, 1, 0, 0), 'image_corrupt'],
    ['a field behind the end of its box', patch(avif, 'ipma', 4, 0, 0, 0, 200), 'image_corrupt'],
    [
      'no bitstream where the picture should be',
      compose({ parts: [{ ...single, data: Buffer.alloc(500, 0x55) }] }),
      'image_corrupt',
    ],
    ['an empty bitstream', compose({ parts: [{ ...single, data: Buffer.alloc(0) }] }), 'image_corrupt'],
    [
      'a grid of another size',
      compose({ parts: [{ ...grid, size: [640, 120] }, single, single] }),
      'image_corrupt',
    ],
    ['a grid without tiles', compose({ parts: [grid] }), 'image_corrupt'],
    ['data behind the picture data', withGap(hidden), 'image_polyglot'],
    ['script behind the picture data', withGap(latin1('....<script>alert(1)</script>')), 'image_polyglot'],
    ['a little room behind the picture data', withGap(Buffer.alloc(300, 7)), 'ok'],
    ['script in a free box', Buffer.concat([avif, box('free', latin1('<script>'))]), 'image_polyglot'],
    ['17 MB in a free box', Buffer.concat([avif, box('free', Buffer.alloc(17 << 20))]), 'image_polyglot'],
    ['a box of another kind', Buffer.concat([avif, box('evil', Buffer.alloc(17))]), 'image_polyglot'],
    ['a box of another kind first', Buffer.concat([ftyp, box('evil', Buffer.alloc(17))]), 'image_truncated'],
    ['300 boxes', Buffer.concat([avif, ...Array.from({ length: 300 }, () => box('free'))]), 'image_corrupt'],
    ['a free box', Buffer.concat([avif, box('free', Buffer.alloc(17))]), 'ok'],
  ])('%s', (_name, bytes, code) => {
    expect(codeOf(bytes)).toBe(code);
  });

  function openEnd(): Buffer {
    return Buffer.from([0, 0, 0, 0, ...latin1('mdat')]);
  }
});

describe('bombs that the container does not declare', () => {
  /** A reduced sequence header with sides of 16 bits (AV1 specification section 5.5.1). */
  function bitstream(width: number, height: number): Buffer {
    const bits =
      `000${'1'}${'1'}00000${'1111'}${'1111'}` +
      (width - 1).toString(2).padStart(16, '0') +
      (height - 1).toString(2).padStart(16, '0');
    const payload = Buffer.from(
      (bits.padEnd(64, '0').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)),
    );
    return Buffer.concat([Buffer.from([0x12, 0, 0x0a, payload.length]), payload]);
  }

  test('the reader of bitstreams sees what the encoder was given', async () => {
    for (const [width, height] of [
      [160, 120],
      [333, 77],
      [640, 640],
    ] as const) {
      const bytes = await photo(width, height).avif({ effort: 0 }).toBuffer();
      expect(readAv1FrameSize(cutBox(bytes, 'mdat').subarray(8))).toEqual({ width, height });
    }
    expect(readAv1FrameSize(bitstream(65_536, 3))).toEqual({ width: 65_536, height: 3 });
  });

  test('a full sequence header with timing and operating points', () => {
    const bits = [
      '000',
      '0',
      '0', // profile 0, not a still picture, not reduced
      '1',
      '0'.repeat(64),
      '1',
      '00101', // timing with uvlc of two zeros
      '1',
      '00111',
      '0'.repeat(42), // decoder model: delays of 8 bits
      '1',
      '00001', // display delay, two operating points
      '0'.repeat(12),
      '01000',
      '1',
      '1',
      '0'.repeat(17),
      '1',
      '0000',
      '0'.repeat(12),
      '00111',
      '0',
      '0',
      '1000',
      '0111', // 9 and 8 bits of size
      '101001100',
      '01001100', // 333 x 77
    ].join('');
    const payload = (bits.padEnd(Math.ceil(bits.length / 8) * 8, '0').match(/.{8}/g) ?? []).map((byte) =>
      Number.parseInt(byte, 2),
    );
    expect(readAv1FrameSize(Buffer.from([0x0a, payload.length, ...payload]))).toEqual({
      width: 333,
      height: 77,
    });
  });

  test('a primary picture larger than its container says', () => {
    expect(codeOf(compose({ parts: [{ ...single, data: bitstream(65_000, 65_000) }] }))).toBe(
      'image_too_large',
    );
  });

  test('a tile larger than any picture may be', () => {
    const parts = [grid, single, { ...single, data: bitstream(65_000, 65_000) }];
    expect(codeOf(compose({ parts }))).toBe('image_too_large');
  });

  test('many items that each fit, but not together', () => {
    const parts = [grid, ...Array.from({ length: 6 }, () => single)];
    const limits = { ...LIMITS, maxPixels: 320 * 120 };
    expect(codeOf(compose({ parts, tiles: 2 }), limits)).toBe('ok');
    const more = [grid, ...Array.from({ length: 9 }, () => single)];
    expect(codeOf(compose({ parts: more, tiles: 2 }), limits)).toBe('image_too_large');
  });
});

import { describe, expect, test } from 'vitest';
import {
  codedAvif,
  codedColour,
  compose,
  fixture,
  ispe,
  phonePhoto,
  picture,
} from '../../../../../tests/formats/heic.ts';
import { readHeifParts } from './heifParts.ts';
import { readHevcFrames } from './hevc.ts';
import { inspectImage } from './index.ts';
import { Damaged } from './isobmff.ts';
import { box, cutBox, cutItems, gridData, LIMITS, photo, u32, video } from './testing.ts';

const plain = fixture('plain');
const latin1 = (text: string) => Buffer.from(text, 'latin1');

function inspect(bytes: Buffer, limits = LIMITS) {
  return inspectImage(bytes, 'image/heic', limits);
}

function codeOf(bytes: Buffer, limits = LIMITS): string {
  const seen = inspect(bytes, limits);
  return seen.ok ? 'ok' : seen.code;
}

function messageOf(bytes: Buffer): string {
  const seen = inspect(bytes);
  return seen.ok ? 'ok' : seen.message;
}

/** A copy with the bytes at `offset` behind the first occurrence of a box type replaced. */
function patch(bytes: Buffer, type: string, offset: number, ...values: number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(values, copy.indexOf(type, 0, 'latin1') + 4 + offset);
  return copy;
}

describe('what encoders and phones write', () => {
  test.each([
    ['8 bits', plain, 192, 128, 1],
    ['10 bits', fixture('10-bit'), 192, 128, 1],
    ['12 bits', fixture('12-bit'), 192, 128, 1],
    ['4:4:4', fixture('full-chroma'), 192, 128, 1],
    ['grey', fixture('grey'), 192, 128, 1],
    ['alpha', fixture('alpha'), 192, 128, 1],
    ['odd sides, as a grid of one tile', fixture('odd'), 191, 127, 1],
    ['profile, EXIF and GPS', fixture('phone'), 192, 128, 1],
    ['four pictures, of which the first is primary', fixture('tiles'), 96, 64, 1],
    ['a grid of tiles, turned', phonePhoto(), 190, 126, 6],
    ['a grid that is not turned', phonePhoto({ turns: 0 }), 190, 126, 1],
    ['Display P3 by number', codedColour(12, 13), 192, 128, 1],
    ['a video of the moment', Buffer.concat([plain, box('mpvd', video())]), 192, 128, 1],
    ['the brand of any HEIF', patch(plain, 'ftyp', 0, ...latin1('mif1')), 192, 128, 1],
  ])('%s', (_name, bytes, width, height, orientation) => {
    expect(inspect(bytes)).toEqual({
      ok: true,
      format: 'heic',
      contentType: 'image/heic',
      width,
      height,
      orientation,
    });
  });

  test('is also announced by the name of its container', () => {
    expect(inspectImage(plain, 'image/heif', LIMITS)).toMatchObject({ ok: true, contentType: 'image/heic' });
  });
});

describe('structure', () => {
  const single = compose({ items: [picture('plain')] });
  test.each([
    ['half', plain.subarray(0, plain.length >> 1), 'image_truncated'],
    ['the last byte missing', plain.subarray(0, -1), 'image_truncated'],
    ['tracks', Buffer.concat([plain, box('moov', Buffer.alloc(100))]), 'image_animated'],
    [
      'a sequence and nothing else',
      Buffer.concat([box('ftyp', latin1('msf1'), u32(0), latin1('hevc')), box('moov', Buffer.alloc(9))]),
      'image_animated',
    ],
    ['AV1 in the place of HEVC', patch(plain, 'infe', 8, ...latin1('av01')), 'unsupported_format'],
    ['a picture over pictures', patch(plain, 'infe', 8, ...latin1('iovl')), 'unsupported_format'],
    ['no decoder configuration', patch(single, 'hvcC', -4, ...latin1('xvcC')), 'image_corrupt'],
    ['another size than the picture', patch(plain, 'ispe', 4, ...u32(200)), 'image_corrupt'],
    ['a huge size', patch(plain, 'ispe', 4, ...u32(60_000, 60_000)), 'image_too_large'],
    ['a box of 0 bytes in the description', patch(plain, 'pitm', -8, ...u32(0)), 'image_corrupt'],
    ['a box of 64 bits that never ends', patch(plain, 'pitm', -8, ...u32(1)), 'image_corrupt'],
    ['an item behind the end of the file', patch(single, 'iloc', 16, ...u32(9999)), 'image_truncated'],
    ['65,535 items', patch(single, 'iloc', 6, 0xff, 0xff), 'image_corrupt'],
    [
      'no bitstream',
      compose({ items: [{ ...picture('plain'), data: Buffer.alloc(500, 0x55) }] }),
      'image_corrupt',
    ],
    [
      'an empty bitstream',
      compose({ items: [{ ...picture('plain'), data: Buffer.alloc(0) }] }),
      'image_corrupt',
    ],
    ['a script in a gap', Buffer.concat([plain, box('free', latin1('<script>'))]), 'image_polyglot'],
    ['a box of another kind', Buffer.concat([plain, box('evil', Buffer.alloc(17))]), 'image_polyglot'],
    [
      'no video where one is announced',
      Buffer.concat([plain, box('mpvd', latin1('<script>'))]),
      'image_polyglot',
    ],
  ])('%s', (_name, bytes, code) => {
    expect(codeOf(bytes)).toBe(code);
  });
});

describe('bombs', () => {
  const setup = cutBox(plain, 'hvcC');
  const [data = Buffer.alloc(0)] = cutItems(plain);
  const unit = (type: number, ...payload: number[]) =>
    Buffer.from([...u32(payload.length + 2), type << 1, 1, ...payload]);

  interface Sequence {
    readonly width: number;
    readonly height: number;
    /** Left, right, top and bottom, in samples of chroma. */
    readonly window?: readonly number[];
    /** 1 is 4:2:0, 3 is 4:4:4. */
    readonly chroma?: number;
    /** Of each layer below the highest, whether its profile and its level are told. */
    readonly layers?: readonly (readonly [boolean, boolean])[];
    readonly depth?: number;
  }

  /** The head of a sequence parameter set (H.265 section 7.3.2.2). Ones where nothing is read: no start code comes up. */
  function sequence({ width, height, window, chroma = 1, layers = [], depth = 8 }: Sequence): number[] {
    const golomb = (value: number) => {
      const bits = (value + 1).toString(2);
      return '0'.repeat(bits.length - 1) + bits;
    };
    const bits = [
      `1111${layers.length.toString(2).padStart(3, '0')}1`,
      '1'.repeat(96),
      ...layers.map(([profile, level]) => `${Number(profile)}${Number(level)}`),
      layers.length > 0 ? '1'.repeat(2 * (8 - layers.length)) : '',
      ...layers.map(([profile, level]) => '1'.repeat(88 * Number(profile) + 8 * Number(level))),
      golomb(0),
      golomb(chroma),
      chroma === 3 ? '1' : '',
      golomb(width),
      golomb(height),
      window ? `1${window.map(golomb).join('')}` : '0',
      golomb(depth - 8),
      golomb(depth - 8),
    ].join('');
    return (bits.padEnd(Math.ceil(bits.length / 8) * 8, '1').match(/.{8}/g) ?? []).map((byte) =>
      Number.parseInt(byte, 2),
    );
  }
  const repeated = (...units: Buffer[]) =>
    compose({ items: [{ ...picture('plain'), data: Buffer.concat([...units, data]) }] });

  test('the reader of bitstreams sees what the encoder was given', () => {
    expect(readHevcFrames(setup.subarray(8), data)).toEqual([{ width: 192, height: 128, bitDepth: 8 }]);
    const ten = fixture('10-bit');
    expect(readHevcFrames(cutBox(ten, 'hvcC').subarray(8), cutItems(ten)[0] ?? data)).toMatchObject([
      { bitDepth: 10 },
    ]);
  });

  test.each([
    ['nothing special', { width: 5000, height: 77 }, { width: 5000, height: 77, bitDepth: 8 }],
    [
      'a window, counted in chroma',
      { width: 200, height: 136, window: [1, 3, 0, 4] },
      { width: 192, height: 128, bitDepth: 8 },
    ],
    [
      'a window of 4:4:4 in 12 bits',
      { width: 200, height: 136, window: [1, 3, 0, 4], chroma: 3, depth: 12 },
      { width: 196, height: 132, bitDepth: 12 },
    ],
    [
      'layers, of which some tell their profile or level',
      {
        width: 640,
        height: 480,
        layers: [
          [true, false],
          [false, true],
          [false, false],
          [true, true],
        ],
      },
      { width: 640, height: 480, bitDepth: 8 },
    ],
  ] as const)('a sequence header with %s', (_name, head, frame) => {
    const repeats = Buffer.concat([unit(33, ...sequence(head)), data]);
    expect(readHevcFrames(setup.subarray(8), repeats).at(-1)).toEqual(frame);
  });

  test.each([
    ['a chroma format that does not exist', unit(33, ...sequence({ width: 192, height: 128, chroma: 4 }))],
    ['a sequence header that is cut short', unit(33, 1, 255, 255, 255)],
    ['a number without an end', unit(33, 0xf1, ...Array<number>(12).fill(255), ...Array<number>(40).fill(0))],
    ['a unit without content', unit(39)],
    ['half a length', Buffer.from([0, 0])],
  ])('%s', (_name, start) => {
    expect(codeOf(repeated(start))).toBe('image_corrupt');
  });

  test('a decoder configuration that is cut short anywhere', () => {
    const config = setup.subarray(8);
    for (let length = 0; length < config.length - 1; length++) {
      expect(() => readHevcFrames(config.subarray(0, length), data)).toThrow(Damaged);
    }
  });

  test('a bitstream that asks for more than its container', () => {
    expect(codeOf(repeated(unit(33, ...sequence({ width: 60_000, height: 60_000 }))))).toBe(
      'image_too_large',
    );
    expect(codeOf(repeated(unit(33, ...sequence({ width: 200, height: 128 }))))).toBe('image_corrupt');
    expect(codeOf(repeated(unit(39, 1, 2, 3)))).toBe('ok');
  });

  test('many pictures in one item', () => {
    expect(messageOf(repeated(data))).toContain('an item holds several pictures');
  });

  test('a picture that needs another one', () => {
    expect(codeOf(repeated(unit(1, 0x80, 1, 2, 3)))).toBe('image_corrupt');
  });

  test('pictures that share their data', () => {
    const bytes = compose({ items: Array.from({ length: 40 }, () => picture('plain')) });
    const shared = Buffer.from(bytes);
    // Entries of 16 bytes behind a head of 8, each with its offset in the file at its ninth.
    const first = shared.indexOf('iloc', 0, 'latin1') + 4 + 8;
    const from = shared.readUInt32BE(first + 8);
    for (let item = 1; item < 40; item++) shared.writeUInt32BE(from, first + 16 * item + 8);
    for (let item = 0; item < 40; item++) shared.writeUInt32BE(shared.length - from, first + 16 * item + 12);
    expect(messageOf(shared)).toContain('its pictures share their data');
  });

  test.each([
    ['a tile named four times', { tiles: [2, 2, 2, 2] }, 'image_corrupt'],
    ['too few tiles', { tiles: [2, 3, 4] }, 'image_corrupt'],
    ['a grid of itself', { tiles: [1, 1, 1, 1] }, 'image_corrupt'],
    ['a tile that is not there', { tiles: [2, 3, 4, 99] }, 'image_corrupt'],
    ['tiles of several sizes', { tiles: [2, 3, 4, 7] }, 'image_corrupt'],
    ['tiles far beyond the whole', { width: 96, height: 64 }, 'image_corrupt'],
    ['tiles that leave a gap', { width: 250, height: 126 }, 'image_corrupt'],
    ['a whole of huge size', { width: 60_000, height: 60_000 }, 'image_too_large'],
    ['another size in the grid', { grid: gridData(2, 2, 300, 126) }, 'image_corrupt'],
    ['a grid without a description', { grid: Buffer.alloc(2) }, 'image_corrupt'],
  ])('%s', (_name, shape, code) => {
    expect(codeOf(phonePhoto(shape))).toBe(code);
  });

  test('more references than any photo has', () => {
    const to = Array.from({ length: 20_000 }, (_, i) => i);
    const bytes = compose({ items: [picture('plain')], references: [{ type: 'thmb', from: 1, to }] });
    expect(codeOf(bytes)).toBe('image_corrupt');
  });

  test('alpha in another compression', () => {
    const alpha = { type: 'av01', data: Buffer.alloc(40), properties: [ispe(192, 128)] };
    const bytes = compose({
      items: [picture('plain'), alpha],
      references: [{ type: 'auxl', from: 2, to: [1] }],
    });
    expect(codeOf(bytes)).toBe('unsupported_format');
  });
});

describe('colour', () => {
  test.each([
    ['PQ', codedColour(9, 16), 'HDR picture (PQ)'],
    ['HLG', codedColour(9, 18), 'HDR picture (HLG)'],
    ['BT.2020', codedColour(9, 14), 'primaries 9, transfer 14'],
    ['linear light', codedColour(1, 8), 'primaries 1, transfer 8'],
  ])('%s is refused', (_name, bytes, words) => {
    expect(codeOf(bytes)).toBe('unsupported_format');
    expect(messageOf(bytes)).toContain(words);
  });

  test('an AVIF follows the same rules', async () => {
    const avif = await photo().avif({ effort: 0 }).toBuffer();
    const seen = inspectImage(codedAvif(avif, 9, 16), 'image/avif', LIMITS);
    expect(seen.ok ? '' : seen.message).toContain('The AVIF is an HDR picture (PQ)');
  });
});

describe('what the worker reads beside the pixels', () => {
  test('profile and EXIF of a grid', () => {
    const parts = readHeifParts(phonePhoto());
    expect(parts.icc?.toString('latin1', 36, 40)).toBe('acsp');
    expect(parts.exif?.toString('latin1', 0, 4)).toMatch(/^(?:II\*\0|MM\0\*)$/);
    expect(parts.exif?.includes('Apple')).toBe(true);
  });

  test('primaries by number', () => {
    expect(readHeifParts(codedColour(12, 13))).toMatchObject({ icc: null, primaries: 12 });
  });

  test('nothing, where there is nothing', () => {
    expect(readHeifParts(compose({ items: [picture('plain')] }))).toEqual({
      icc: null,
      primaries: null,
      exif: null,
    });
  });

  test('no description is an error', () => {
    expect(() => readHeifParts(Buffer.alloc(8))).toThrow('meta');
  });
});

import { box, pngChunk, u32, withChunks } from '@stager/server/core/uploads/inspect/testing';
import sharp from 'sharp';
import { chart, HEIGHT, samples, WIDTH } from './chart.ts';
import { flatJpeg } from './flatJpeg.ts';
import { codedAvif, codedColour, fixture } from './heic.ts';

/** A kind of input that is refused, before anything is decoded. */
export interface Refused {
  readonly name: string;
  /** What the client announces. */
  readonly contentType: string;
  readonly bytes: Promise<Buffer> | Buffer;
  readonly code: string;
  /** What the message says of the file, and what to do. */
  readonly words: RegExp;
  /** Whether the SDK sees it from the first bytes, and sends nothing. */
  readonly locally: boolean;
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const UNSUPPORTED = 'unsupported_format';
const ADVICE = 'Export the photo as JPEG';

/** A TIFF of one directory with these tags, each a short number, and room for samples. */
function tiff(...tags: readonly (readonly [number, number])[]): Buffer {
  const entries = tags.flatMap(([tag, value]) => [tag & 255, tag >> 8, 3, 0, 1, 0, 0, 0, value, 0, 0, 0]);
  return Buffer.concat([
    latin1('II*\0\x08\0\0\0'),
    Buffer.from([tags.length, 0, ...entries]),
    Buffer.alloc(5000),
  ]);
}

const frames = [chart(), chart().negate()].map((frame) => frame.png().toBuffer());
const animation = sharp(await Promise.all(frames), { join: { animated: true } });
const flat = { width: WIDTH, height: HEIGHT, components: 3, samples: samples(3, (rgb) => rgb) } as const;
const png = await chart().png().toBuffer();
const avif = await chart().avif({ effort: 0 }).toBuffer();

/** Kinds that are not accepted at all. */
const KINDS: readonly (readonly [name: string, bytes: Promise<Buffer> | Buffer, words: string])[] = [
  ['TIFF', tiff([0x100, 64], [0x101, 64]), 'a TIFF picture'],
  ['TIFF of a real encoder', chart().tiff().toBuffer(), 'a TIFF picture'],
  [
    'TIFF of 16 bits',
    chart().toColourspace('rgb16').tiff({ compression: 'lzw' }).toBuffer(),
    'a TIFF picture',
  ],
  ['BigTIFF', chart().tiff({ bigtiff: true }).toBuffer(), 'a BigTIFF picture'],
  ['DNG', tiff([0xfe, 1], [0xc612, 1]), 'a DNG camera raw'],
  ['CR2', Buffer.concat([latin1('II*\0\x10\0\0\0CR\x02\0'), Buffer.alloc(500)]), 'a Canon CR2 camera raw'],
  ['NEF and ARW', tiff([0xfe, 1], [0x14a, 9]), 'a camera raw'],
  ['ORF', latin1('IIRO\x08\0\0\0'), 'a camera raw'],
  ['RW2', latin1('IIU\0\x18\0\0\0'), 'a camera raw'],
  ['CR3', box('ftyp', latin1('crx '), u32(1), latin1('crx isom')), 'a Canon CR3 camera raw'],
  ['RAF', latin1('FUJIFILMCCD-RAW 0201'), 'a Fujifilm camera raw'],
  ['GIF', chart().gif().toBuffer(), 'a GIF picture'],
  ['PDF', latin1('%PDF-1.7\n'), 'a PDF document'],
  ['SVG', latin1('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'an SVG drawing'],
];

export const REFUSED: readonly Refused[] = [
  ...KINDS.map(([name, bytes, words]) => ({
    name,
    contentType: 'image/jpeg',
    bytes,
    code: UNSUPPORTED,
    words: new RegExp(`The file is ${words}.*${ADVICE}`),
    locally: true,
  })),
  ...(
    [
      ['JPEG of 12 bits', 0xc1, 12, '12 bits per sample'],
      ['JPEG, lossless', 0xc3, 8, 'lossless JPEG'],
      ['JPEG, arithmetic', 0xc9, 8, 'arithmetic-coded JPEG'],
    ] as const
  ).map(([name, marker, precision, words]) => ({
    name,
    contentType: 'image/jpeg',
    bytes: flatJpeg({ ...flat, frame: { marker, precision } }),
    code: UNSUPPORTED,
    words: new RegExp(`${words}.*Export the photo as an ordinary JPEG`),
    locally: false,
  })),
  {
    name: 'JPEG in CMYK without a marker',
    contentType: 'image/jpeg',
    bytes: flatJpeg({ ...flat, components: 4, samples: samples(4, (rgb) => [...rgb, 0]) }),
    code: UNSUPPORTED,
    words: /CMYK JPEG without the marker.*Export the photo as JPEG in sRGB/,
    locally: false,
  },
  {
    name: 'PNG, animated',
    contentType: 'image/png',
    bytes: withChunks(png, pngChunk('acTL', Buffer.alloc(8, 1))),
    code: 'image_animated',
    words: /animation.*Export one frame/,
    locally: false,
  },
  {
    name: 'WebP, animated',
    contentType: 'image/webp',
    bytes: animation.webp().toBuffer(),
    code: 'image_animated',
    words: /animation.*Export one frame/,
    locally: false,
  },
  {
    name: 'AVIF, animated',
    contentType: 'image/avif',
    bytes: Buffer.concat([
      box('ftyp', latin1('avis'), u32(0), latin1('avisavif')),
      box('moov', Buffer.alloc(99)),
    ]),
    code: 'image_animated',
    words: /sequence.*Export one frame/,
    locally: false,
  },
  {
    name: 'HEIC, a sequence',
    contentType: 'image/heic',
    bytes: Buffer.concat([fixture('plain'), box('moov', Buffer.alloc(99))]),
    code: 'image_animated',
    words: /sequence.*Export one frame/,
    locally: false,
  },
  {
    name: 'HEIC in HDR',
    contentType: 'image/heic',
    bytes: codedColour(9, 16),
    code: UNSUPPORTED,
    words: /HDR picture \(PQ\).*Turn HDR off/,
    locally: false,
  },
  {
    name: 'AVIF in HDR',
    contentType: 'image/avif',
    bytes: codedAvif(avif, 9, 18),
    code: UNSUPPORTED,
    words: /HDR picture \(HLG\).*Turn HDR off/,
    locally: false,
  },
  {
    name: 'HEIC in BT.2020',
    contentType: 'image/heic',
    bytes: codedColour(9, 14),
    code: UNSUPPORTED,
    words: /colours in a space that is not supported.*Export the photo as JPEG/,
    locally: false,
  },
  {
    name: 'HEIC announced as JPEG',
    contentType: 'image/jpeg',
    bytes: fixture('plain'),
    code: 'content_type_mismatch',
    words: /its bytes are HEIC. Announce it as image\/heic/,
    locally: false,
  },
  {
    name: 'JPEG announced as HEIC',
    contentType: 'image/heic',
    bytes: chart().jpeg().toBuffer(),
    code: 'content_type_mismatch',
    words: /its bytes are JPEG. Announce it as image\/jpeg/,
    locally: false,
  },
];

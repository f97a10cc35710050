import sharp from 'sharp';
import {
  chart,
  GREY_SAMPLES,
  GREY_SPOTS,
  greyChart,
  HEIGHT,
  SPOTS,
  samples,
  TRANSPARENT_SPOTS,
  transparentChart,
  WIDTH,
  yccOf,
} from './chart.ts';
import { flatJpeg } from './flatJpeg.ts';
import { codedAvif, codedColour, compose, fixture, phonePhoto, picture } from './heic.ts';

/** A kind of input that has a right result. */
export interface Accepted {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Promise<Buffer> | Buffer;
  /** Largest difference of a channel from the chart, of 255. @default 4 */
  readonly tolerance?: number;
  /** @default those of the chart */
  readonly spots?: typeof SPOTS;
  /** Pixels of the finished photo. @default 192 x 128 */
  readonly size?: readonly [number, number];
  /** @default sRGB */
  readonly profile?: string;
  /** The camera is named in the finished photo. */
  readonly camera?: boolean;
}

/** Lossy at a high quality. */
const LOSSY = 8;
/** So much white is bright, and the engine darkens the rest a little. */
const PAPER = 8;
/** Printing inks do not reach every colour of a screen. */
const INKS = 24;

const flat = { width: WIDTH, height: HEIGHT } as const;
const inks = await chart().toColourspace('cmyk').raw().toBuffer();
/** Adobe's programs store what is left of white, and so does everybody who wants to be read by them. */
const inverted = Uint8Array.from(inks, (ink) => 255 - ink);
const ycck = Uint8Array.from(inverted);
for (let at = 0; at < ycck.length; at += 4) {
  const [c = 0, m = 0, y = 0] = inks.subarray(at);
  ycck.set(yccOf([c, m, y]), at);
}

/** The chart as it stands when it was turned by a quarter with the clock. */
const turned = SPOTS.map(({ x, y, rgb }) => ({ x: 1 - y, y: x, rgb }));
const p3 = () => chart().withIccProfile('p3');
const p3Pixels = sharp(
  await sharp(await p3().png().toBuffer())
    .keepIccProfile()
    .raw()
    .toBuffer(),
  {
    raw: { width: WIDTH, height: HEIGHT, channels: 3 },
  },
);
const avif = { quality: 90, effort: 0, chromaSubsampling: '4:4:4' } as const;

const JPEG: readonly Omit<Accepted, 'contentType'>[] = [
  { name: 'JPEG', bytes: chart().jpeg({ quality: 95 }).toBuffer(), tolerance: LOSSY },
  {
    name: 'JPEG, progressive',
    bytes: chart().jpeg({ quality: 95, progressive: true }).toBuffer(),
    tolerance: LOSSY,
  },
  {
    name: 'JPEG in Display P3',
    bytes: p3().jpeg({ quality: 95 }).toBuffer(),
    tolerance: LOSSY,
    profile: 'sP3C',
  },
  {
    name: 'JPEG that EXIF turns',
    bytes: chart().withMetadata({ orientation: 6 }).jpeg({ quality: 95 }).toBuffer(),
    tolerance: LOSSY,
    spots: turned,
    size: [HEIGHT, WIDTH],
  },
  {
    name: 'JPEG, grey',
    bytes: flatJpeg({ ...flat, components: 1, samples: GREY_SAMPLES }),
    spots: GREY_SPOTS,
  },
  {
    name: 'JPEG in YCbCr, without a marker',
    bytes: flatJpeg({ ...flat, components: 3, samples: samples(3, yccOf) }),
  },
  {
    name: 'JPEG in RGB',
    bytes: flatJpeg({ ...flat, components: 3, adobe: 0, samples: samples(3, (rgb) => rgb) }),
  },
  {
    name: 'JPEG in CMYK with a profile',
    bytes: chart().withIccProfile('cmyk').jpeg({ quality: 95 }).toBuffer(),
    tolerance: INKS,
  },
  {
    name: 'JPEG in CMYK without a profile',
    bytes: flatJpeg({ ...flat, components: 4, adobe: 0, samples: inverted }),
    tolerance: INKS,
  },
  {
    name: 'JPEG in YCCK',
    bytes: flatJpeg({ ...flat, components: 4, adobe: 2, samples: ycck }),
    tolerance: INKS,
  },
];

const PNG: readonly Omit<Accepted, 'contentType'>[] = [
  { name: 'PNG', bytes: chart().png().toBuffer() },
  { name: 'PNG of 16 bits', bytes: chart().toColourspace('rgb16').png().toBuffer() },
  { name: 'PNG with a palette', bytes: chart().png({ palette: true }).toBuffer() },
  { name: 'PNG, grey', bytes: greyChart().png().toBuffer(), spots: GREY_SPOTS },
  {
    name: 'PNG, grey, 16 bits',
    bytes: greyChart().toColourspace('grey16').png().toBuffer(),
    spots: GREY_SPOTS,
  },
  { name: 'PNG in Display P3', bytes: p3().png().toBuffer(), profile: 'sP3C' },
  {
    name: 'PNG, partly transparent',
    bytes: transparentChart().png().toBuffer(),
    spots: TRANSPARENT_SPOTS,
    tolerance: PAPER,
  },
  {
    name: 'PNG of 16 bits, partly transparent',
    bytes: transparentChart().toColourspace('rgb16').png().toBuffer(),
    spots: TRANSPARENT_SPOTS,
    tolerance: PAPER,
  },
];

const WEBP: readonly Omit<Accepted, 'contentType'>[] = [
  { name: 'WebP', bytes: chart().webp({ quality: 95 }).toBuffer(), tolerance: LOSSY },
  { name: 'WebP, lossless', bytes: chart().webp({ lossless: true }).toBuffer() },
  {
    name: 'WebP, partly transparent',
    bytes: transparentChart().webp({ lossless: true }).toBuffer(),
    spots: TRANSPARENT_SPOTS,
    tolerance: PAPER,
  },
];

const AVIF: readonly Omit<Accepted, 'contentType'>[] = [
  { name: 'AVIF', bytes: chart().avif(avif).toBuffer(), tolerance: LOSSY },
  {
    name: 'AVIF of 10 bits',
    bytes: chart()
      .avif({ ...avif, bitdepth: 10 })
      .toBuffer(),
    tolerance: LOSSY,
  },
  {
    name: 'AVIF, partly transparent',
    bytes: transparentChart().avif(avif).toBuffer(),
    spots: TRANSPARENT_SPOTS,
    tolerance: PAPER,
  },
  {
    name: 'AVIF in Display P3, by number',
    bytes: p3Pixels
      .avif(avif)
      .toBuffer()
      .then((bytes) => codedAvif(bytes, 12, 13)),
    tolerance: LOSSY,
    profile: 'Display P3',
  },
];

const HEIC: readonly Omit<Accepted, 'contentType'>[] = [
  { name: 'HEIC', bytes: fixture('plain') },
  { name: 'HEIC of 10 bits', bytes: fixture('10-bit') },
  { name: 'HEIC of 12 bits', bytes: fixture('12-bit') },
  { name: 'HEIC in 4:4:4', bytes: fixture('full-chroma') },
  { name: 'HEIC, grey', bytes: fixture('grey'), spots: GREY_SPOTS },
  { name: 'HEIC of odd sides', bytes: fixture('odd'), size: [191, 127] },
  { name: 'HEIC, partly transparent', bytes: fixture('alpha'), spots: TRANSPARENT_SPOTS, tolerance: PAPER },
  {
    name: 'HEIC in Display P3 with EXIF, which alone turns nothing',
    bytes: fixture('phone'),
    profile: 'sP3C',
    camera: true,
  },
  { name: 'HEIC in Display P3, by number', bytes: codedColour(12, 13), profile: 'Display P3' },
  {
    name: 'HEIC of a phone: tiles, turned once by container and EXIF together',
    bytes: phonePhoto(),
    spots: turned,
    size: [126, 190],
    profile: 'sP3C',
    camera: true,
  },
  {
    name: 'HEIC of several photos: the primary one',
    bytes: compose({ items: [picture('plain'), picture('grey'), picture('10-bit')] }),
  },
];

const typed = (contentType: string, kinds: readonly Omit<Accepted, 'contentType'>[]): Accepted[] =>
  kinds.map((kind) => ({ ...kind, contentType }));

export const ACCEPTED: readonly Accepted[] = [
  ...typed('image/jpeg', JPEG),
  ...typed('image/png', PNG),
  ...typed('image/webp', WEBP),
  ...typed('image/avif', AVIF),
  ...typed('image/heic', HEIC),
];

import { sharp } from '../sharp.ts';
import { EngineError } from '../types.ts';
import { type KeptExif, keepExif } from './exif.ts';
import { type Pixels, turnUpright } from './pixels.ts';
import { type RgbProfile, readRgbProfile } from './profile.ts';

/** The API refuses larger photos at upload; this is the wall behind that one. */
const PIXELS_MAX = 200_000_000;

export interface Decoded {
  /** Upright, in the space of `profile`, at the size that was asked for. */
  readonly pixels: Pixels;
  /** Null: sRGB. */
  readonly profile: RgbProfile | null;
  readonly exif: KeptExif;
}

type Metadata = Awaited<ReturnType<ReturnType<typeof sharp>['metadata']>>;

/** Reads the photo once, in rows, shrinking on the way. Rejects with `image_corrupt`. */
export async function decode(path: string, longEdge: number): Promise<Decoded> {
  try {
    return await read(path, longEdge);
  } catch (error) {
    throw describe(error);
  }
}

async function read(path: string, longEdge: number): Promise<Decoded> {
  const options = { failOn: 'error', limitInputPixels: PIXELS_MAX, sequentialRead: true } as const;
  const metadata = await sharp(path, options).metadata();
  const profile = readRgbProfile(metadata.icc);
  // Without `ignoreIcc` an embedded profile (CMYK, grey, a broken one) is converted to sRGB.
  const { data, info } = await sharp(path, { ...options, ignoreIcc: profile !== null })
    .flatten({ background: '#ffffff' })
    .resize(longEdge, longEdge, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`decoded to ${info.channels} channels`);
  return {
    pixels: turnUpright({ data, width: info.width, height: info.height }, orientationOf(metadata)),
    profile,
    exif: keepExif(metadata.exif, profile !== null && !isSrgb(profile)),
  };
}

/** libheif has turned an AVIF already; its EXIF orientation must not turn it once more. */
function orientationOf(metadata: Metadata): number {
  return metadata.format === 'heif' ? 1 : (metadata.orientation ?? 1);
}

function isSrgb(profile: RgbProfile): boolean {
  return /^sRGB/i.test(profile.name);
}

function describe(error: unknown): EngineError {
  const text = error instanceof Error ? error.message : String(error);
  if (/pixel limit/i.test(text)) {
    return new EngineError('image_too_large', `The photo has more than ${PIXELS_MAX} pixels.`, {
      hint: 'Export it smaller and upload it again.',
      cause: error,
    });
  }
  if (/Input file is missing/.test(text)) {
    return new EngineError('original_missing', 'The photo was not on the disk of the worker.', {
      retryable: true,
      cause: error,
    });
  }
  return new EngineError('image_corrupt', 'The photo cannot be decoded: it is damaged or cut short.', {
    hint: 'Open it, export it anew as JPEG, and upload it again.',
    cause: error,
  });
}

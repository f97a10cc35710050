import { EngineError } from '../types.ts';
import { type KeptExif, keepExif } from './exif.ts';
import { type Pixels, turnUpright } from './pixels.ts';
import type { RgbProfile } from './profile.ts';
import { openSource, PIXELS_MAX } from './source.ts';

export interface Decoded {
  /** Upright, in the space of `profile`, at the size that was asked for. */
  readonly pixels: Pixels;
  /** Null: sRGB. */
  readonly profile: RgbProfile | null;
  readonly exif: KeptExif;
}

/** Reads the photo once, in rows, shrinking on the way. Rejects with `image_corrupt`. */
export async function decode(path: string, longEdge: number): Promise<Decoded> {
  try {
    return await read(path, longEdge);
  } catch (error) {
    throw describe(error);
  }
}

async function read(path: string, longEdge: number): Promise<Decoded> {
  const { pipeline, profile, exif, orientation } = await openSource(path);
  const { data, info } = await pipeline
    .flatten({ background: '#ffffff' })
    .resize(longEdge, longEdge, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`decoded to ${info.channels} channels`);
  return {
    pixels: turnUpright({ data, width: info.width, height: info.height }, orientation),
    profile,
    exif: keepExif(exif, profile !== null && !isSrgb(profile)),
  };
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
  if (/Input file is missing|ENOENT/.test(text)) {
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

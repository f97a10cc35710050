import { open, readFile } from 'node:fs/promises';
import { type HeifParts, readHeifParts } from '@stager/server/core/uploads/inspect/heifParts';
import { SNIFF_BYTES, sniffFormat } from '@stager/server/core/uploads/inspect/sniff';
import { sharp } from '../sharp.ts';
import { type RgbProfile, readDisplayP3, readRgbProfile } from './profile.ts';

type Pipeline = ReturnType<typeof sharp>;

/** A photo before anything is done to it. */
export interface Source {
  /** Its pixels as they are stored, in the space of `profile`. Read once. */
  readonly pipeline: Pipeline;
  /** Null: sRGB. */
  readonly profile: RgbProfile | null;
  readonly exif: Buffer | undefined;
  /** EXIF orientation that is still to be applied. */
  readonly orientation: number;
}

/** The API refuses larger photos at upload; this is the wall behind that one. */
export const PIXELS_MAX = 200_000_000;

const OPTIONS = { failOn: 'error', limitInputPixels: PIXELS_MAX, sequentialRead: true } as const;
/** Colour primaries of ITU-T H.273. */
const DISPLAY_P3 = 12;

/** Looks at the bytes, whatever the file is called. */
export async function openSource(path: string): Promise<Source> {
  switch (sniffFormat(await readHead(path))) {
    case 'heic':
      return openHeic(path);
    case 'avif':
      return openAvif(path);
    default:
      return openPlain(path);
  }
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function openPlain(path: string): Promise<Source> {
  const { icc, exif, orientation = 1 } = await sharp(path, OPTIONS).metadata();
  const profile = readRgbProfile(icc);
  // Without `ignoreIcc` an embedded profile (CMYK, grey, a broken one) is converted to sRGB.
  return { pipeline: sharp(path, { ...OPTIONS, ignoreIcc: profile !== null }), profile, exif, orientation };
}

/** libheif has turned the picture already; the EXIF orientation must not turn it once more. */
async function openAvif(path: string): Promise<Source> {
  const plain = await openPlain(path);
  const profile = plain.profile ?? (await codedProfile(readHeifParts(await readFile(path))));
  return { ...plain, profile, orientation: 1 };
}

async function openHeic(path: string): Promise<Source> {
  const { decodeHeic } = await import('../heic.ts');
  const bytes = await readFile(path);
  const parts = readHeifParts(bytes);
  const { data, width, height, channels } = await decodeHeic(bytes);
  return {
    pipeline: sharp(data, { ...OPTIONS, raw: { width, height, channels } }),
    profile: readRgbProfile(parts.icc ?? undefined) ?? (await codedProfile(parts)),
    exif: parts.exif ?? undefined,
    orientation: 1,
  };
}

/** Numbers may stand in the place of a profile: phones other than Apple's write Display P3 like this. */
async function codedProfile({ icc, primaries }: HeifParts): Promise<RgbProfile | null> {
  return icc === null && primaries === DISPLAY_P3 ? readDisplayP3() : null;
}

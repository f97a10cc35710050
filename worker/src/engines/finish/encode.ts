import { sharp } from '../sharp.ts';
import { embedInJpeg, embedInPng } from './embed.ts';
import type { KeptExif } from './exif.ts';
import type { Pixels } from './pixels.ts';
import type { RgbProfile } from './profile.ts';

/** What viewers assume; it says nothing about the picture, yet EXIF demands a value. */
const DOTS_PER_INCH = 72;

export type Format = 'jpeg' | 'png';

export interface Encoded {
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
}

interface EncodeOptions {
  readonly format: Format;
  readonly quality: number;
  /** Longest side, pixels; smaller pictures are not enlarged. */
  readonly longEdge: number;
  readonly profile: RgbProfile | null;
  readonly exif: KeptExif | null;
  /** A packet that says what was done to the photo. */
  readonly xmp?: string;
}

/** Nothing but pixels, the profile, the given EXIF and XMP gets into the file. */
export async function encode(pixels: Pixels, options: EncodeOptions): Promise<Encoded> {
  const { width, height } = pixels;
  let pipeline = sharp(pixels.data, { raw: { width, height, channels: 3 } });
  if (Math.max(width, height) > options.longEdge) {
    pipeline = pipeline.resize(options.longEdge, options.longEdge, { fit: 'inside' });
  }
  if (options.exif) {
    pipeline = pipeline
      .withExif({ IFD0: options.exif.IFD0, IFD2: options.exif.IFD2 })
      .withDensity(DOTS_PER_INCH);
  }
  if (options.xmp !== undefined) pipeline = pipeline.withXmp(options.xmp);
  const encoder =
    options.format === 'png'
      ? pipeline.png({ compressionLevel: 6, adaptiveFiltering: true })
      : pipeline.jpeg({ quality: options.quality, chromaSubsampling: '4:2:0', mozjpeg: false });
  const { data, info } = await encoder.toBuffer({ resolveWithObject: true });
  return { bytes: withProfile(data, options), width: info.width, height: info.height };
}

function withProfile(bytes: Buffer, { format, profile }: EncodeOptions): Buffer {
  if (!profile) return bytes;
  return format === 'png' ? embedInPng(bytes, profile.bytes) : embedInJpeg(bytes, profile.bytes);
}

import { type Encoded, encode } from './encode.ts';
import type { Pixels } from './pixels.ts';
import type { RgbProfile } from './profile.ts';

const EDGE = 1024;
const QUALITY = 80;

/** The photo as it was sent, small, to lay beside what was made of it: originals may be large, or HEIC. */
export function encodeBefore(pixels: Pixels, profile: RgbProfile | null): Promise<Encoded> {
  return encode(pixels, { format: 'jpeg', quality: QUALITY, longEdge: EDGE, profile, exif: null });
}

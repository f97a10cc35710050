import { createHash } from 'node:crypto';
import sharp from 'sharp';

export interface TestPhoto {
  readonly bytes: Buffer;
  readonly sha256: string;
  readonly contentType: 'image/jpeg';
}

/** A small JPEG that differs from every other by its seed. */
export async function makePhoto(seed: number, width = 320, height = 240): Promise<TestPhoto> {
  const pixels = Buffer.alloc(width * height * 3);
  let state = (seed + 1) >>> 0;
  for (let i = 0; i < pixels.length; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    pixels[i] = 90 + ((i / 3) % width) / 4 + (state >>> 28);
  }
  const bytes = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
  return { bytes, sha256: sha256(bytes), contentType: 'image/jpeg' };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

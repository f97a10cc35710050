/** The photo in linear light, coarse: what furniture reflects and is lit by. */
import { LINEAR_OF_BYTE, luminance } from '../../finish/transfer.ts';
import type { Rgb } from '../scene/types.ts';

/** Pixels of the photo in one of the coarse picture, at a photo of 2 megapixels. */
const CELLS_ACROSS = 200;
/** Encoded; above it a pixel tells only that it is at least that bright. */
const CLIPPED = 0.95 * 255;

export interface Photo {
  readonly width: number;
  readonly height: number;
  /** sRGB, three bytes a pixel, rows from the top. */
  readonly data: Uint8Array;
}

export interface Coarse {
  readonly width: number;
  readonly height: number;
  /** Pixels of the photo in one. */
  readonly cell: number;
  /** Linear; three a pixel. */
  readonly data: Float32Array;
  /** Share of the pixels that are clipped. */
  readonly clipped: Float32Array;
}

export function coarsen({ width, height, data }: Photo): Coarse {
  const cell = Math.max(1, Math.round(width / CELLS_ACROSS));
  const across = Math.ceil(width / cell);
  const down = Math.ceil(height / cell);
  const out = new Float32Array(3 * across * down);
  const clipped = new Float32Array(across * down);
  const counts = new Float32Array(across * down);
  for (let y = 0, p = 0; y < height; y += 1) {
    const row = across * Math.floor(y / cell);
    for (let x = 0; x < width; x += 1, p += 3) {
      const to = row + Math.floor(x / cell);
      const r = data[p] as number;
      const g = data[p + 1] as number;
      const b = data[p + 2] as number;
      out[3 * to] = (out[3 * to] as number) + (LINEAR_OF_BYTE[r] as number);
      out[3 * to + 1] = (out[3 * to + 1] as number) + (LINEAR_OF_BYTE[g] as number);
      out[3 * to + 2] = (out[3 * to + 2] as number) + (LINEAR_OF_BYTE[b] as number);
      counts[to] = (counts[to] as number) + 1;
      if (Math.max(r, g, b) > CLIPPED && Math.min(r, g, b) > 0.85 * CLIPPED)
        clipped[to] = (clipped[to] as number) + 1;
    }
  }
  for (let n = 0; n < counts.length; n += 1) {
    const count = counts[n] as number;
    for (let c = 3 * n; c < 3 * n + 3; c += 1) out[c] = (out[c] as number) / count;
    clipped[n] = (clipped[n] as number) / count;
  }
  return { width: across, height: down, cell, data: out, clipped };
}

export function brightness([r, g, b]: Rgb): number {
  return luminance(r, g, b);
}

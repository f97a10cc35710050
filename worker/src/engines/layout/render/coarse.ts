import { LINEAR_OF_BYTE } from '../../finish/transfer.ts';

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

/** The photo in linear light: what furniture reflects and is lit by. */
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

/** The brightest colour about a pixel of the photo: that of the pixel alone follows its grain. */
export function peakAt({ width, height, cell, data }: Coarse, x: number, y: number): number {
  const u = Math.min(width - 1, Math.max(0, (x + 0.5) / cell - 0.5));
  const v = Math.min(height - 1, Math.max(0, (y + 0.5) / cell - 0.5));
  const left = Math.min(Math.max(0, width - 2), Math.floor(u));
  const top = Math.min(Math.max(0, height - 2), Math.floor(v));
  const right = Math.min(width - 1, left + 1) - left;
  const below = Math.min(height - 1, top + 1) - top;
  const n = 3 * (top * width + left);
  let peak = 0;
  for (let c = n; c < n + 3; c += 1) {
    const upper = num(data, c) + (u - left) * (num(data, c + 3 * right) - num(data, c));
    const m = c + 3 * width * below;
    const lower = num(data, m) + (u - left) * (num(data, m + 3 * right) - num(data, m));
    peak = Math.max(peak, upper + (v - top) * (lower - upper));
  }
  return peak;
}

function num(numbers: Float32Array, index: number): number {
  return numbers[index] as number;
}

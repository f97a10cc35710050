import { byteAt, numberAt } from './at.ts';
import type { Pixels } from './pixels.ts';
import { LINEAR_OF_BYTE } from './transfer.ts';

/** Small copy in linear light, RGB interleaved, 0..1. */
export interface LinearProxy {
  readonly rgb: Float64Array;
  readonly count: number;
}

const LONG_EDGE = 256;

/** Means of square blocks, taken in linear light: noise and texture average out, light adds up as it does in the room. */
export function makeProxy(pixels: Pixels): LinearProxy {
  const block = Math.max(1, Math.ceil(Math.max(pixels.width, pixels.height) / LONG_EDGE));
  const columns = Math.ceil(pixels.width / block);
  const rows = Math.ceil(pixels.height / block);
  const rgb = new Float64Array(columns * rows * 3);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      averageBlock(pixels, column * block, row * block, block, rgb, 3 * (row * columns + column));
    }
  }
  return { rgb, count: columns * rows };
}

function averageBlock(
  pixels: Pixels,
  left: number,
  top: number,
  block: number,
  out: Float64Array,
  at: number,
) {
  const { data, width } = pixels;
  const right = Math.min(left + block, width);
  const bottom = Math.min(top + block, pixels.height);
  let r = 0;
  let g = 0;
  let b = 0;
  for (let y = top; y < bottom; y++) {
    const end = 3 * (y * width + right);
    for (let i = 3 * (y * width + left); i < end; i += 3) {
      r += numberAt(LINEAR_OF_BYTE, byteAt(data, i));
      g += numberAt(LINEAR_OF_BYTE, byteAt(data, i + 1));
      b += numberAt(LINEAR_OF_BYTE, byteAt(data, i + 2));
    }
  }
  const share = 1 / ((right - left) * (bottom - top));
  out[at] = r * share;
  out[at + 1] = g * share;
  out[at + 2] = b * share;
}

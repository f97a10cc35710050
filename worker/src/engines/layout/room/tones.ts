import { numberAt } from '../geometry/score.ts';
import { byteAt, type Picture } from './picture.ts';
import type { View } from './view.ts';

const BRIGHT = 16;
const HUE = 32;
const BINS = BRIGHT * HUE * HUE;
/** Blown-out pixels say nothing of what they show. */
const BLOWN = 248;
const CLIP = 2;

/** Bin of brightness and chromaticity for each cell of the view; -1 outside of the photo or blown out. */
export function tonesOf(view: View, { rgb }: Picture): Int32Array {
  return Int32Array.from(view.pixels, (pixel) => {
    if (pixel < 0) return -1;
    const r = byteAt(rgb, pixel * 3);
    const g = byteAt(rgb, pixel * 3 + 1);
    const b = byteAt(rgb, pixel * 3 + 2);
    if (r > BLOWN && g > BLOWN) return -1;
    const sum = r + g + b + 24;
    // Reddish and greenish shares lie in a narrow band about a third, which is spread over the bins.
    const red = Math.min(HUE - 1, Math.max(0, Math.floor(((r + 8) / sum - 0.18) * (HUE / 0.4))));
    const green = Math.min(HUE - 1, Math.max(0, Math.floor(((g + 8) / sum - 0.18) * (HUE / 0.3))));
    const bright = Math.min(BRIGHT - 1, Math.floor((0.3 * r + 0.59 * g + 0.11 * b) / (256 / BRIGHT)));
    return (bright * HUE + red) * HUE + green;
  });
}

/** For each tone how much it speaks for the floor (above 0) or against it, -1 to 1. */
export type Tones = Float64Array;

/** @param part of the view to learn from: 1 floor, -1 not the floor, 0 unknown */
export function learn(view: View, tones: Int32Array, part: Int8Array): Tones {
  const floor = new Float64Array(BINS);
  const wall = new Float64Array(BINS);
  for (let cell = 0; cell < view.pixels.length; cell += 1) {
    const tone = tones[cell] as number;
    if (tone < 0) continue;
    const side = part[cell] as number;
    if (side > 0) floor[tone] = numberAt(floor, tone) + 1;
    else if (side < 0) wall[tone] = numberAt(wall, tone) + 1;
  }
  const p = smooth(floor);
  const q = smooth(wall);
  return Float64Array.from(p, (value, n) => {
    const ratio = Math.log((value + 1e-5) / (numberAt(q, n) + 1e-5));
    return Math.min(CLIP, Math.max(-CLIP, ratio)) / CLIP;
  });
}

/** Shares, each spread over its neighbours, so that few pixels tell of many. */
function smooth(counts: Float64Array): Float64Array {
  const total = counts.reduce((sum, n) => sum + n, 0) || 1;
  let now = counts.map((n) => n / total);
  for (const step of [1, HUE, HUE * HUE]) {
    const next = new Float64Array(BINS);
    for (let n = 0; n < BINS; n += 1)
      next[n] = 0.5 * numberAt(now, n) + 0.25 * ((now[n - step] ?? 0) + (now[n + step] ?? 0));
    now = next;
  }
  return now;
}

/**
 * For each column the sum from its lowest cell up to a row of what speaks for the floor, and of all above against it:
 * entry `row` is how well a boundary at the upper side of that row parts the column, -1 to 1.
 */
export function partings(view: View, tones: Int32Array, learnt: Tones): Float32Array {
  const { columns, rows } = view;
  const out = new Float32Array(columns * (rows + 1));
  for (let column = 0; column < columns; column += 1) {
    let total = 0;
    let count = 0;
    for (let row = 0; row < rows; row += 1) {
      const cell = row * columns + column;
      if ((view.pixels[cell] as number) < 0) continue;
      count += 1;
      const tone = tones[cell] as number;
      if (tone >= 0) total += numberAt(learnt, tone);
    }
    // Boundary above everything: all is floor.
    let sum = total;
    for (let row = 0; row <= rows; row += 1) {
      out[row * columns + column] = count === 0 ? 0 : sum / count;
      if (row === rows) break;
      const tone = tones[row * columns + column] as number;
      if (tone >= 0) sum -= 2 * numberAt(learnt, tone);
    }
  }
  return out;
}

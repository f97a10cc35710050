import { LINEAR_OF_BYTE, luminance, toLinear } from '../../finish/transfer.ts';
import type { Photo } from './coarse.ts';

/** What of a photo's own look furniture has to share. */
export interface Look {
  /** Linear: nothing in the photo is darker. */
  readonly black: number;
  /** Standard deviation of its grain, in levels of 8 bits. */
  readonly grain: number;
  /** Blur of its edges beyond that of a sharp picture, sigma in pixels. */
  readonly blur: number;
}

/** A bright room has no black: taken for the lens's haze, its darkest grey would put furniture in fog. */
const BLACK_MOST = 14 / 255;
const LIFT = 0.7;
const DARKEST = 0.002;
/** Edges of what is rendered with a box of a pixel, sigma. */
const OWN_BLUR = 0.42;
const BLUR_LEAST = 0.35;
const BLUR_MOST = 1.6;
/** Steps between neighbours on what counts as flat, in levels. */
const FLAT = 3;

export function measureLook({ width, height, data }: Photo): Look {
  const luma = new Uint8Array(width * height);
  for (let n = 0, p = 0; n < luma.length; n += 1, p += 3)
    luma[n] = Math.round(luminance(data[p] as number, data[p + 1] as number, data[p + 2] as number));
  return {
    black: toLinear(LIFT * Math.min(BLACK_MOST, percentile(luma, DARKEST) / 255)),
    grain: measureGrain(data, width, height),
    blur: measureBlur(luma, width, height),
  };
}

function percentile(luma: Uint8Array, share: number): number {
  const counts = new Uint32Array(256);
  for (const level of luma) counts[level] = (counts[level] as number) + 1;
  let left = share * luma.length;
  const found = counts.findIndex((count) => {
    left -= count;
    return left < 0;
  });
  return Math.max(0, found);
}

/** From the green of every third pixel: how far it is from the mean of its four neighbours, where they are alike. */
function measureGrain(data: Uint8Array, width: number, height: number): number {
  // In quarters of a level.
  const counts = new Uint32Array(64);
  let total = 0;
  for (let y = 1; y < height - 1; y += 3) {
    for (let x = 1; x < width - 1; x += 3) {
      const p = 3 * (y * width + x) + 1;
      const here = data[p] as number;
      const [a, b] = [data[p - 3] as number, data[p + 3] as number];
      const [c, d] = [data[p - 3 * width] as number, data[p + 3 * width] as number];
      if (here > 245 || here < 8 || Math.abs(a - b) > FLAT || Math.abs(c - d) > FLAT) continue;
      const apart = Math.min(63, Math.abs(4 * here - a - b - c - d));
      counts[apart] = (counts[apart] as number) + 1;
      total += 1;
    }
  }
  let left = total / 2;
  for (let quarter = 0; quarter < 64; quarter += 1) {
    const count = counts[quarter] as number;
    if (left < count) {
      // Within a step: a median of whole quarters would jump.
      const median = Math.max(0, quarter - 0.5 + left / count) / 4;
      return (1.4826 * median) / 1.118;
    }
    left -= count;
  }
  return 0;
}

/** From the steepest edges: the height of a step over its steepest slope is 2.5 sigma. */
function measureBlur(luma: Uint8Array, width: number, height: number): number {
  const sigmas: number[] = [];
  for (let y = 2; y < height - 2; y += 2) {
    for (let x = 4; x < width - 4; x += 1) {
      const n = y * width + x;
      const slope = (luma[n + 1] as number) - (luma[n] as number);
      if (Math.abs(slope) < 24) continue;
      const sign = Math.sign(slope);
      const before = sign * ((luma[n] as number) - (luma[n - 1] as number));
      const after = sign * ((luma[n + 2] as number) - (luma[n + 1] as number));
      // Only the steepest place of an edge that is flat on both sides.
      if (before > Math.abs(slope) || after >= Math.abs(slope)) continue;
      const step = sign * ((luma[n + 4] as number) - (luma[n - 3] as number));
      if (step < 40 || step > 200) continue;
      sigmas.push(step / (2.5066 * Math.abs(slope)));
    }
  }
  if (sigmas.length < 50) return BLUR_LEAST;
  const usual = sigmas.toSorted((a, b) => a - b)[Math.floor(0.3 * sigmas.length)] ?? 0;
  return Math.min(
    BLUR_MOST,
    Math.max(BLUR_LEAST, Math.sqrt(Math.max(0, usual * usual - OWN_BLUR * OWN_BLUR))),
  );
}

/** From here light bends towards white instead of clipping, linear. */
const SHOULDER = 0.7;

/** Light of furniture as the photo's own camera would show it, linear 0 to 1. */
export function expose(light: number, black: number): number {
  const bent =
    light < SHOULDER
      ? light
      : SHOULDER + (1 - SHOULDER) * (1 - Math.exp((SHOULDER - light) / (1 - SHOULDER)));
  return black + (1 - black) * bent;
}

const STEPS = 4095;
const ENCODED = Float32Array.from({ length: STEPS + 1 }, (_, n) => encode(n / STEPS));

function encode(linear: number): number {
  return 255 * (linear <= 0.0031308 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055);
}

/** Linear light 0 to 1 to levels 0 to 255, not rounded. */
export function toLevel(linear: number): number {
  if (linear <= 0.01) return encode(Math.max(0, linear));
  const at = Math.min(1, linear) * STEPS;
  const n = Math.min(STEPS - 1, Math.floor(at));
  const low = ENCODED[n] as number;
  return low + (at - n) * ((ENCODED[n + 1] as number) - low);
}

export function ofByte(level: number): number {
  return LINEAR_OF_BYTE[level] as number;
}

import { numberAt } from './at.ts';
import type { LinearProxy } from './proxy.ts';
import { luminance, toEncoded } from './transfer.ts';
import type { Gains } from './whiteBalance.ts';

/** Luminance of a photo, encoded 0..1. */
export interface Brightness {
  /** 5th, 50th and 99th percentile. */
  readonly dark: number;
  readonly middle: number;
  readonly bright: number;
  /** Mean of the encoded values between the 5th and the 95th percentile. */
  readonly mean: number;
}

/** What the tone curve does; see `toneCurve`. */
export interface ToneChange {
  /** Linear factor, 1 or more: brings the whites of a dark photo up to white. */
  readonly white: number;
  /** Factor of the darkest tones; white stays white. Below 1 darkens. */
  readonly middle: number;
  /** 0 to 1: how much the shadows are opened. */
  readonly shadows: number;
}

/** Mean brightness of a good listing photo, encoded: between them nothing is changed, the photographer meant it. */
const MEAN_LOW = 0.55;
const MEAN_HIGH = 0.76;
/** Part of the distance that is covered: a dim room must not turn into another room. */
const STRENGTH = 0.6;
const WHITE_WANTED = 0.96;
/** Part of the way there that the whites are raised. */
const WHITE_STRENGTH = 0.7;
/** Stops that the whites are raised at most, and all together. */
const WHITE_EV_MAX = 1;
const EV_MAX = 1.5;

export function measureBrightness(proxy: LinearProxy, gains: Gains): Brightness {
  const values = new Float64Array(proxy.count);
  for (let i = 0; i < proxy.count; i++) {
    const r = numberAt(proxy.rgb, 3 * i) * gains.r;
    const g = numberAt(proxy.rgb, 3 * i + 1) * gains.g;
    const b = numberAt(proxy.rgb, 3 * i + 2) * gains.b;
    values[i] = toEncoded(Math.min(1, luminance(r, g, b)));
  }
  values.sort();
  const at = (share: number) => values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? 0;
  const middle = values.subarray(Math.floor(0.05 * values.length), Math.ceil(0.95 * values.length));
  return {
    dark: at(0.05),
    middle: at(0.5),
    bright: at(0.99),
    mean: middle.reduce((sum, value) => sum + value, 0) / Math.max(1, middle.length),
  };
}

/** How far to correct; both parts together stay within 1.5 stops. */
export function chooseTone(brightness: Brightness): ToneChange {
  const missing = 2.2 * Math.log2(WHITE_WANTED / Math.max(brightness.bright, 0.05));
  const whiteEv = clamp(WHITE_STRENGTH * missing, 0, WHITE_EV_MAX);
  const white = 2 ** whiteEv;
  const mean = Math.min(1, brightness.mean * white ** (1 / 2.2));
  const middle = middleFactor(mean, EV_MAX - whiteEv);
  return { white, middle, shadows: middle > 1 ? clamp((0.25 - brightness.dark) / 0.25, 0, 1) : 0 };
}

/** The factor of `lift` that moves the mean part of the way to what is wanted. */
function middleFactor(mean: number, evMax: number): number {
  const distance = clamp(mean, MEAN_LOW, MEAN_HIGH) - mean;
  const from = linearOf(mean);
  const to = linearOf(mean + STRENGTH * distance);
  // Solves factor * from / (1 + (factor - 1) * from) = to.
  const factor = (to * (1 - from)) / Math.max(from * (1 - to), 1e-9);
  return clamp(factor, 2 ** -evMax, 2 ** evMax);
}

/** Stops at the darkest tones: what is reported as the change of exposure. */
export function evOf(tone: ToneChange): number {
  return Math.log2(tone.white * tone.middle);
}

function linearOf(encoded: number): number {
  return clamp(encoded, 0, 1) ** 2.2;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

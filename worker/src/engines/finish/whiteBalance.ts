import { numberAt } from './at.ts';
import type { LinearProxy } from './proxy.ts';
import { luminance } from './transfer.ts';

/** Factors in linear light; luminance of white is kept. */
export interface Gains {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

export const NEUTRAL_GAINS: Gains = { r: 1, g: 1, b: 1 };

/** Tint of the light, from what is taken to be white. In ln units of linear light. */
export interface Cast {
  /** Half of ln(R/B): above 0 is orange, below is blue. */
  readonly warmth: number;
  /** Half of ln(R B / G^2): above 0 is magenta, below is green. */
  readonly magenta: number;
}

export interface CastEstimate {
  readonly cast: Cast;
  /** 0: hardly anything in the photo looks like a tinted white; 1: much of it does. */
  readonly confidence: number;
  /** Warmth of the whites that are tinted least: taking away more would tint them the other way. */
  readonly leastWarmth: number;
}

interface Sample extends Cast {
  readonly weight: number;
}

/** Pixels darker than this are noise, brighter than this have lost a channel. Linear. */
const DARK = 0.015;
const CLIPPED = 0.96;
/** Radius around the present estimate, and around neutral, in which a tint is a white under tinted light and no paint. */
const REACH_ESTIMATE = 0.23;
const REACH_NEUTRAL = 0.45;
const ROUNDS = 8;
/** Share of such pixels, by weight, below which nothing is corrected, and from which the estimate is trusted. */
const SHARE_NONE = 0.04;
const SHARE_FULL = 0.4;
/** Share of the whites that may end up tinted the other way. */
const OVERSHOOT = 0.15;
/** Part of a trusted cast that is taken away: people want warm light to stay a little warm. */
const STRENGTH = 0.6;
/** Largest change of a channel. */
const GAIN_MAX = 1.25;
/** Room light goes from orange to blue; green and magenta are mostly paint, leaves and carpet. */
const MAGENTA_MAX = 0.05;

/** Mean tint of what is nearly white, found from neutral outwards, so that a coloured wall does not count as white. */
export function estimateCast(proxy: LinearProxy): CastEstimate {
  const samples = collectSamples(proxy);
  const all = samples.reduce((sum, sample) => sum + sample.weight, 0);
  const plausible = samples.filter(({ warmth, magenta }) => falloff(warmth, magenta, REACH_NEUTRAL) > 0);
  let near: readonly Sample[] = [];
  let cast: Cast = { warmth: 0, magenta: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    near = samplesNear(plausible, cast);
    const mean = meanOf(near);
    if (!mean) return { cast: { warmth: 0, magenta: 0 }, confidence: 0, leastWarmth: 0 };
    cast = mean;
  }
  const share = near.reduce((sum, sample) => sum + sample.weight, 0) / all;
  return {
    cast,
    confidence: clamp((share - SHARE_NONE) / (SHARE_FULL - SHARE_NONE), 0, 1),
    // Under warm light what is bluish is lit by the window; under cool light what is warm is mostly wood.
    leastWarmth:
      cast.warmth > 0 ? quantileOfWarmth(plausible, OVERSHOOT) : quantileOfWarmth(near, 1 - OVERSHOOT),
  };
}

function collectSamples(proxy: LinearProxy): Sample[] {
  const samples: Sample[] = [];
  for (let i = 0; i < proxy.count * 3; i += 3) {
    const r = numberAt(proxy.rgb, i);
    const g = numberAt(proxy.rgb, i + 1);
    const b = numberAt(proxy.rgb, i + 2);
    // Ceilings, frames and sanitary ware are the bright things in a room, and the white ones.
    const weight = luminance(r, g, b);
    if (weight < DARK || Math.min(r, g, b) <= 0 || Math.max(r, g, b) > CLIPPED) continue;
    const red = Math.log(r / g);
    const blue = Math.log(b / g);
    samples.push({ warmth: (red - blue) / 2, magenta: (red + blue) / 2, weight });
  }
  return samples;
}

/** Weights fall off from the estimate; however far it has moved, paint stays paint. */
function samplesNear(samples: readonly Sample[], centre: Cast): Sample[] {
  const near: Sample[] = [];
  for (const sample of samples) {
    const used =
      sample.weight *
      falloff(sample.warmth - centre.warmth, sample.magenta - centre.magenta, REACH_ESTIMATE) *
      falloff(sample.warmth, sample.magenta, REACH_NEUTRAL);
    if (used > 0) near.push({ warmth: sample.warmth, magenta: sample.magenta, weight: used });
  }
  return near;
}

function falloff(warmth: number, magenta: number, reach: number): number {
  return Math.max(0, 1 - (warmth * warmth + magenta * magenta) / (reach * reach));
}

function meanOf(samples: readonly Sample[]): Cast | null {
  let total = 0;
  let warmth = 0;
  let magenta = 0;
  for (const sample of samples) {
    total += sample.weight;
    warmth += sample.weight * sample.warmth;
    magenta += sample.weight * sample.magenta;
  }
  return total === 0 ? null : { warmth: warmth / total, magenta: magenta / total };
}

function quantileOfWarmth(samples: readonly Sample[], share: number): number {
  const sorted = samples.toSorted((a, b) => a.warmth - b.warmth);
  const total = sorted.reduce((sum, sample) => sum + sample.weight, 0);
  let passed = 0;
  for (const sample of sorted) {
    passed += sample.weight;
    if (passed >= share * total) return sample.warmth;
  }
  return 0;
}

/** Gains that take away the trusted part of a cast, each at most 25 %, at constant luminance of white. */
export function chooseGains({ cast, confidence, leastWarmth }: CastEstimate): Gains {
  const amount = STRENGTH * confidence;
  const room = Math.max(0, Math.sign(cast.warmth) * leastWarmth);
  const warmth = clamp(amount * cast.warmth, -room, room);
  const magenta = amount * clamp(cast.magenta, -MAGENTA_MAX, MAGENTA_MAX);
  const r = Math.exp(-magenta - warmth);
  const b = Math.exp(-magenta + warmth);
  const level = luminance(r, 1, b);
  return boundGains({ r: r / level, g: 1 / level, b: b / level });
}

/** Scales all three logarithms alike, so that the hue of the correction stays what it was. */
function boundGains(gains: Gains): Gains {
  const most = Math.max(...[gains.r, gains.g, gains.b].map((gain) => Math.abs(Math.log(gain))));
  const power = Math.min(1, Math.log(GAIN_MAX) / Math.max(most, 1e-9));
  return { r: gains.r ** power, g: gains.g ** power, b: gains.b ** power };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

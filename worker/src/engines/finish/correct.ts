import { chooseTone, evOf, measureBrightness } from './exposure.ts';
import type { Pixels } from './pixels.ts';
import { makeProxy } from './proxy.ts';
import { applyTone } from './tone.ts';
import { chooseGains, estimateCast } from './whiteBalance.ts';

export interface Correction {
  readonly corrected: Pixels;
  /** Factors of the channels in linear light. */
  readonly whiteBalance: { readonly r: number; readonly g: number; readonly b: number };
  readonly exposureEv: number;
}

/** Balances white and exposure. The same size and profile; the given pixels stay as they are. */
export function correct(pixels: Pixels): Correction {
  const proxy = makeProxy(pixels);
  const gains = chooseGains(estimateCast(proxy));
  const tone = chooseTone(measureBrightness(proxy, gains));
  return {
    corrected: applyTone(pixels, gains, tone),
    whiteBalance: { r: round(gains.r), g: round(gains.g), b: round(gains.b) },
    exposureEv: round(evOf(tone)),
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

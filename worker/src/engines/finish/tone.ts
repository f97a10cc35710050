import { byteAt } from './at.ts';
import type { ToneChange } from './exposure.ts';
import type { Pixels } from './pixels.ts';
import { LINEAR_OF_BYTE, toEncoded, toLinear } from './transfer.ts';
import type { Gains } from './whiteBalance.ts';

/** From here on a gain bends towards 1: what was clipped stays white, what was not does not clip. Linear. */
const SHOULDER = 0.8;
/** Height of the shadow lift, encoded; its peak lies at a quarter of the range. */
const SHADOW_LIFT = 0.035;

/** One linear value 0..1 after the change. Rises everywhere; 0 stays 0 and 1 stays 1. */
export function toneCurve(linear: number, tone: ToneChange): number {
  return liftShadows(lift(softGain(linear, tone.white), tone.middle), tone.shadows);
}

/** A factor that keeps 1: straight at first, then a hyperbola to (1, 1) with no step in slope. */
function softGain(x: number, factor: number): number {
  const start = factor > 1 ? SHOULDER / factor : SHOULDER;
  if (x <= start) return x * factor;
  const level = start * factor;
  const slope = (factor * (1 - start)) / (1 - level);
  return level + (1 - level) * lift((x - start) / (1 - start), slope);
}

/** Multiplies the darkest tones by `factor`, keeps white, and never clips. */
function lift(x: number, factor: number): number {
  return (factor * x) / (1 + (factor - 1) * x);
}

function liftShadows(x: number, amount: number): number {
  if (amount === 0) return x;
  const encoded = toEncoded(x);
  const raised = encoded + amount * SHADOW_LIFT * 9.48 * encoded * (1 - encoded) ** 3;
  return toLinear(Math.min(1, raised));
}

/** The table of one channel: 8-bit in, 8-bit out. */
export function makeTable(gain: number, tone: ToneChange): Uint8Array {
  return Uint8Array.from(LINEAR_OF_BYTE, (linear) => {
    return Math.round(255 * toEncoded(toneCurve(softGain(linear, gain), tone)));
  });
}

/** Same size, same profile. A correction of nothing gives the same values. */
export function applyTone(pixels: Pixels, gains: Gains, tone: ToneChange): Pixels {
  const red = makeTable(gains.r, tone);
  const green = makeTable(gains.g, tone);
  const blue = makeTable(gains.b, tone);
  const data = new Uint8Array(pixels.data.length);
  for (let i = 0; i < data.length; i += 3) {
    data[i] = byteAt(red, byteAt(pixels.data, i));
    data[i + 1] = byteAt(green, byteAt(pixels.data, i + 1));
    data[i + 2] = byteAt(blue, byteAt(pixels.data, i + 2));
  }
  return { data, width: pixels.width, height: pixels.height };
}

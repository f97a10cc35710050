import { axesOf, type Vec3 } from './camera.ts';
import type { Segment } from './segments.ts';

/** Segments about the middle of the picture, packed for the search: five numbers each. */
export interface Lines {
  readonly count: number;
  /** Middle x, middle y, direction x, direction y, half length; pixels from the middle of the picture, y down. */
  readonly data: Float64Array;
  readonly weights: Float64Array;
  readonly totalWeight: number;
}

export const STRIDE = 5;
/** Longer ones count no more than this share of the long side. */
const WEIGHT_CAP = 0.35;

/** What the search varies. Offsets move the principal point from the middle, in pixels. */
export interface Guess {
  readonly pitch: number;
  readonly roll: number;
  readonly yaw: number;
  readonly focal: number;
  readonly offsetX: number;
  readonly offsetY: number;
}

export function packLines(segments: readonly Segment[], width: number, height: number): Lines {
  const data = new Float64Array(segments.length * STRIDE);
  const weights = new Float64Array(segments.length);
  const cap = WEIGHT_CAP * Math.max(width, height);
  for (const [n, { x1, y1, x2, y2, length }] of segments.entries()) {
    data.set(
      [(x1 + x2 - width) / 2, (y1 + y2 - height) / 2, (x2 - x1) / length, (y2 - y1) / length, length / 2],
      n * STRIDE,
    );
    weights[n] = Math.min(length, cap);
  }
  return { count: segments.length, data, weights, totalWeight: weights.reduce((sum, w) => sum + w, 0) };
}

export function pickLines(lines: Lines, chosen: readonly number[]): Lines {
  const data = new Float64Array(chosen.length * STRIDE);
  for (const [at, n] of chosen.entries())
    data.set(lines.data.subarray(n * STRIDE, (n + 1) * STRIDE), at * STRIDE);
  const weights = Float64Array.from(chosen, (n) => numberAt(lines.weights, n));
  return { count: chosen.length, data, weights, totalWeight: weights.reduce((sum, w) => sum + w, 0) };
}

export function numberAt(numbers: Float64Array, index: number): number {
  return numbers[index] as number;
}

/**
 * Squared sine of the angle between a line and the direction from its middle to an axis's image; homogeneous, so that
 * an axis parallel to the picture needs no case of its own. An image inside of the line itself is no agreement: 1.
 */
export function squaredError(data: Float64Array, at: number, axis: Vec3, guess: Guess): number {
  const mx = numberAt(data, at) - guess.offsetX;
  const my = numberAt(data, at + 1) - guess.offsetY;
  const dx = guess.focal * axis[0] - mx * axis[2];
  const dy = guess.focal * axis[1] - my * axis[2];
  const cross = dx * numberAt(data, at + 3) - dy * numberAt(data, at + 2);
  const squared = dx * dx + dy * dy;
  const reach = numberAt(data, at + 4) * axis[2];
  return squared <= reach * reach ? 1 : (cross * cross) / squared;
}

/** Index of the axis that a line agrees with best (0 `a`, 1 `b`, 2 up) and its squared error. */
export function nearestAxis(lines: Lines, n: number, guess: Guess): { axis: 0 | 1 | 2; error: number } {
  const { a, b, up } = axesOf(guess);
  const errors = [a, b, up].map((axis) => squaredError(lines.data, n * STRIDE, axis, guess));
  const error = Math.min(...errors);
  return { axis: errors.indexOf(error) as 0 | 1 | 2, error };
}

/**
 * Share of the lines' weight that the three axes explain, 0 to 1.
 * @param tolerance sine of the angle at which a line counts for nothing
 * @param counts how often each line was drawn, for the bootstrap; all once when left out
 */
export function manhattanScore(lines: Lines, guess: Guess, tolerance: number, counts?: Uint8Array): number {
  const { a, b, up } = axesOf(guess);
  const { data, weights } = lines;
  const limit = tolerance * tolerance;
  let sum = 0;
  let total = 0;
  for (let n = 0, at = 0; n < lines.count; n += 1, at += STRIDE) {
    const times = counts ? (counts[n] as number) : 1;
    if (times === 0) continue;
    const weight = numberAt(weights, n) * times;
    total += weight;
    const error = Math.min(
      squaredError(data, at, a, guess),
      squaredError(data, at, b, guess),
      squaredError(data, at, up, guess),
    );
    if (error < limit) sum += weight * (1 - error / limit);
  }
  return total === 0 ? 0 : sum / total;
}

/** How photographers hold cameras, as the logarithm of a likelihood: weak, it decides where lines cannot. */
export function logPrior(guess: Guess, longSide: number, focalPrior: FocalPrior): number {
  const millimetres = (36 * guess.focal) / longSide;
  const focal = Math.log(millimetres / focalPrior.millimetres) / focalPrior.sigma;
  const pitch = guess.pitch / PITCH_SIGMA;
  const roll = guess.roll / ROLL_SIGMA;
  const offset = Math.hypot(guess.offsetX, guess.offsetY) / (OFFSET_SIGMA * longSide);
  return (-PRIOR_WEIGHT / 2) * (focal * focal + pitch * pitch + roll * roll + offset * offset);
}

/** Centre and width (of the logarithm) of what the focal length is likely to be; on the long side of 36 mm. */
export interface FocalPrior {
  readonly millimetres: number;
  readonly sigma: number;
}

/** Interiors are photographed with wide lenses. */
export const WIDE_ANGLE: FocalPrior = { millimetres: 19, sigma: 0.3 };

const PRIOR_WEIGHT = 0.012;
const PITCH_SIGMA = (12 * Math.PI) / 180;
const ROLL_SIGMA = (3 * Math.PI) / 180;
/** Of the long side. */
const OFFSET_SIGMA = 0.08;

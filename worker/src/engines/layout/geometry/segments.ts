import { type Gradients, gradientsOf, intAt } from './gradients.ts';
import { type Gray, lumaAt } from './gray.ts';
import { Grower } from './grow.ts';

/** A straight edge, in pixels of the picture that it was found in; origin top left, y down. */
export interface Segment {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly length: number;
}

export interface Edges {
  readonly segments: Segment[];
  /** Share of the pixels on an edge that belong to a straight one: low for leaves, gravel, cloth. */
  readonly lineShare: number;
  /** Gradient from which a pixel counts as an edge, in levels of 255. */
  readonly threshold: number;
}

/** Levels of 255; the noise of the picture may raise it within these. */
const THRESHOLD_MIN = 2;
const THRESHOLD_MAX = 14;
const THRESHOLD = 4;
const BINS = 1024;
/**
 * Finds straight edges by growing regions of like gradient from the strongest pixels outwards and fitting a line to
 * each by its moments (after Grompone von Gioi et al., LSD, 2012).
 */
export function findSegments(gray: Gray): Edges {
  const gradients = gradientsOf(gray);
  const threshold = thresholdOf(gradients);
  const grower = new Grower(gradients, threshold);
  const segments: Segment[] = [];
  let edgePixels = 0;
  let linePixels = 0;
  for (const seed of strongestFirst(gradients, threshold)) {
    edgePixels += 1;
    if (grower.isTaken(seed)) continue;
    const found = grower.segmentFrom(seed);
    if (!found) continue;
    linePixels += found.pixels;
    segments.push(found.segment);
  }
  return { segments, lineShare: edgePixels === 0 ? 0 : linePixels / edgePixels, threshold };
}

/** Follows the noise: what 40 of 100 pixels reach is no edge. */
function thresholdOf({ size }: Gradients): number {
  const counts = new Int32Array(256 * 8);
  for (const value of size) {
    const level = Math.min(counts.length - 1, Math.floor(value * 8));
    counts[level] = intAt(counts, level) + 1;
  }
  let below = 0;
  let level = 0;
  while (level < counts.length && below < size.length * 0.4) {
    below += intAt(counts, level);
    level += 1;
  }
  const noisy = (4 * level) / 8;
  return noisy <= THRESHOLD ? THRESHOLD : Math.min(THRESHOLD_MAX, Math.max(THRESHOLD_MIN, noisy));
}

/** Pixels above the threshold, bucketed by size: an exact order would cost more than it gives. */
function strongestFirst({ size }: Gradients, threshold: number): Int32Array {
  let max = 0;
  for (const value of size) max = Math.max(max, value);
  const binOf = (value: number) => Math.min(BINS - 1, Math.floor((value / max) * BINS));
  const starts = new Int32Array(BINS + 1);
  let total = 0;
  for (const value of size) {
    if (value <= threshold) continue;
    const bin = BINS - 1 - binOf(value);
    starts[bin] = intAt(starts, bin) + 1;
    total += 1;
  }
  let sum = 0;
  for (let bin = 0; bin <= BINS; bin += 1) {
    const here = intAt(starts, bin);
    starts[bin] = sum;
    sum += here;
  }
  const order = new Int32Array(total);
  for (let i = 0; i < size.length; i += 1) {
    const value = lumaAt(size, i);
    if (value <= threshold) continue;
    const bin = BINS - 1 - binOf(value);
    const place = intAt(starts, bin);
    order[place] = i;
    starts[bin] = place + 1;
  }
  return order;
}

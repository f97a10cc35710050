import { type Gradients, intAt } from './gradients.ts';
import { lumaAt } from './gray.ts';
import type { Segment } from './segments.ts';

/** How far the edge may turn away from the direction of its region: 22.5 degrees. */
const TOLERANCE = Math.PI / 8;
/** Pixels. */
const LENGTH_MIN = 14;
const DENSITY_MIN = 0.45;
/** Regions with less than this in their rectangle are grown again, stricter, then cut back. */
const DENSITY_GOOD = 0.6;
const CUT = 0.75;

interface Fit extends Segment {
  readonly width: number;
  /** Share of the rectangle that is filled. */
  readonly density: number;
}

/** Difference of two directions, 0 to pi. */
function turn(a: number, b: number): number {
  const difference = Math.abs(a - b) % (2 * Math.PI);
  return difference > Math.PI ? 2 * Math.PI - difference : difference;
}

/** Grows regions of like direction; a pixel belongs to one of them. */
export class Grower {
  readonly #gradients: Gradients;
  readonly #threshold: number;
  readonly #taken: Uint8Array;
  readonly #region: Int32Array;
  #count = 0;

  constructor(gradients: Gradients, threshold: number) {
    this.#gradients = gradients;
    this.#threshold = threshold;
    this.#taken = new Uint8Array(gradients.size.length);
    this.#region = new Int32Array(gradients.size.length);
  }

  isTaken(pixel: number): boolean {
    return this.#taken[pixel] === 1;
  }

  /** The straight edge through this pixel, if there is one; its pixels are taken from then on. */
  segmentFrom(seed: number): { segment: Segment; pixels: number } | undefined {
    this.#grow(seed, TOLERANCE);
    let fit = this.#fit();
    if (fit && fit.density < DENSITY_GOOD) {
      this.#giveBack();
      this.#grow(seed, TOLERANCE / 2);
      fit = this.#fit();
      while (fit && fit.density < DENSITY_GOOD && this.#cutBack(seed, fit.length * 0.5 * CUT))
        fit = this.#fit();
    }
    const good = fit && fit.length >= LENGTH_MIN && fit.density >= DENSITY_MIN && fit.width <= fit.length / 4;
    if (!fit || !good) return undefined;
    const { x1, y1, x2, y2, length } = fit;
    return { segment: { x1, y1, x2, y2, length }, pixels: this.#count };
  }

  #giveBack(): void {
    for (let n = 0; n < this.#count; n += 1) this.#taken[intAt(this.#region, n)] = 0;
    this.#count = 0;
  }

  #take(pixel: number): void {
    this.#taken[pixel] = 1;
    this.#region[this.#count] = pixel;
    this.#count += 1;
  }

  #grow(seed: number, tolerance: number): void {
    const { width, height, size, angle } = this.#gradients;
    this.#count = 0;
    this.#take(seed);
    let mean = lumaAt(angle, seed);
    let sumX = Math.cos(mean);
    let sumY = Math.sin(mean);
    for (let n = 0; n < this.#count; n += 1) {
      const pixel = intAt(this.#region, n);
      const x = pixel % width;
      const y = (pixel - x) / width;
      const right = Math.min(width - 1, x + 1);
      const bottom = Math.min(height - 1, y + 1);
      for (let yy = Math.max(0, y - 1); yy <= bottom; yy += 1) {
        for (let xx = Math.max(0, x - 1); xx <= right; xx += 1) {
          const next = yy * width + xx;
          if (this.#taken[next] === 1 || lumaAt(size, next) <= this.#threshold) continue;
          const direction = lumaAt(angle, next);
          if (turn(direction, mean) > tolerance) continue;
          this.#take(next);
          sumX += Math.cos(direction);
          sumY += Math.sin(direction);
          mean = Math.atan2(sumY, sumX);
        }
      }
    }
  }

  /** Keeps what is within a radius of the seed. @returns false when too little is left */
  #cutBack(seed: number, radius: number): boolean {
    const { width } = this.#gradients;
    const sx = seed % width;
    const sy = (seed - sx) / width;
    let kept = 0;
    for (let n = 0; n < this.#count; n += 1) {
      const pixel = intAt(this.#region, n);
      const x = pixel % width;
      const y = (pixel - x) / width;
      if ((x - sx) ** 2 + (y - sy) ** 2 <= radius * radius) {
        this.#region[kept] = pixel;
        kept += 1;
      } else this.#taken[pixel] = 0;
    }
    this.#count = kept;
    return kept >= LENGTH_MIN;
  }

  /** The line through the region by its moments, weighted by the size of the gradient. */
  #fit(): Fit | undefined {
    const { width, size } = this.#gradients;
    if (this.#count < LENGTH_MIN) return undefined;
    let total = 0;
    let cx = 0;
    let cy = 0;
    for (let n = 0; n < this.#count; n += 1) {
      const pixel = intAt(this.#region, n);
      const x = pixel % width;
      const weight = lumaAt(size, pixel);
      total += weight;
      cx += weight * x;
      cy += weight * ((pixel - x) / width);
    }
    cx /= total;
    cy /= total;
    let xx = 0;
    let xy = 0;
    let yy = 0;
    for (let n = 0; n < this.#count; n += 1) {
      const pixel = intAt(this.#region, n);
      const x = pixel % width;
      const dx = x - cx;
      const dy = (pixel - x) / width - cy;
      const weight = lumaAt(size, pixel);
      xx += weight * dx * dx;
      xy += weight * dx * dy;
      yy += weight * dy * dy;
    }
    const angle = 0.5 * Math.atan2(2 * xy, xx - yy);
    const ux = Math.cos(angle);
    const uy = Math.sin(angle);
    let from = 0;
    let to = 0;
    let left = 0;
    let right = 0;
    for (let n = 0; n < this.#count; n += 1) {
      const pixel = intAt(this.#region, n);
      const x = pixel % width;
      const dx = x - cx;
      const dy = (pixel - x) / width - cy;
      const along = dx * ux + dy * uy;
      const across = dy * ux - dx * uy;
      from = Math.min(from, along);
      to = Math.max(to, along);
      left = Math.min(left, across);
      right = Math.max(right, across);
    }
    const length = to - from;
    const thick = right - left + 1;
    // A gradient lies between the four pixels that it was taken from, so that its place is half a pixel on.
    const x0 = cx + 1;
    const y0 = cy + 1;
    return {
      x1: x0 + ux * from,
      y1: y0 + uy * from,
      x2: x0 + ux * to,
      y2: y0 + uy * to,
      length,
      width: thick,
      density: this.#count / ((length + 1) * thick),
    };
  }
}

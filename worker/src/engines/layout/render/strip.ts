import { f32 } from './kernel/at.ts';
import type { Shader } from './shader.ts';

/** A few rows of the furniture's part of the picture, as the shader found them. */
export class Strip {
  readonly width: number;
  readonly rows: number;
  readonly alpha: Float32Array;
  readonly depth: Float32Array;
  /** Three numbers a pixel. */
  readonly colour: Float32Array;
  readonly light: Float32Array;
  readonly mirror: Float32Array;
  readonly normal: Float32Array;

  constructor(width: number, rows: number) {
    const one = () => new Float32Array(width * rows);
    const three = () => new Float32Array(3 * width * rows);
    this.width = width;
    this.rows = rows;
    this.alpha = one();
    this.depth = one();
    this.colour = three();
    this.light = three();
    this.mirror = three();
    this.normal = three();
  }

  /** Moves the rows up and empties those that come free. */
  advance(rows: number): void {
    for (const plane of [this.alpha, this.depth]) shift(plane, rows * this.width);
    for (const plane of [this.colour, this.light, this.mirror, this.normal])
      shift(plane, 3 * rows * this.width);
  }

  /** Of a row, in whole millimetres. */
  copyDepth(row: number, to: Uint16Array, at: number): void {
    for (let x = 0; x < this.width; x += 1)
      to[at + x] = Math.min(65_535, Math.round(1000 * f32(this.depth, row * this.width + x)));
  }

  take(n: number, s: Shader): void {
    this.alpha[n] = s.alpha;
    this.depth[n] = s.depth;
    const c = 3 * n;
    put(this.colour, c, s.ar, s.ag, s.ab);
    put(this.light, c, s.er, s.eg, s.eb);
    put(this.mirror, c, s.sr, s.sg, s.sb);
    put(this.normal, c, s.nx, s.ny, s.nz);
  }
}

function shift(plane: Float32Array, count: number): void {
  plane.copyWithin(0, count);
  plane.fill(0, plane.length - count);
}

function put(plane: Float32Array, at: number, a: number, b: number, c: number): void {
  plane[at] = a;
  plane[at + 1] = b;
  plane[at + 2] = c;
}

const KERNEL = [1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16];

/**
 * One pass of an edge-stopping filter (à trous): averages what lies on the same surface.
 * @param step pixels between the 5 x 5 that are averaged
 * @param tolerance how much brighter, as a share, a neighbour may be
 */
export function filter(
  { width, rows, alpha, depth, normal }: Strip,
  from: Float32Array,
  to: Float32Array,
  step: number,
  tolerance: number,
): void {
  for (let y = 0; y < rows; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const n = y * width + x;
      if (f32(alpha, n) === 0) continue;
      const c = 3 * n;
      const nx = f32(normal, c);
      const ny = f32(normal, c + 1);
      const nz = f32(normal, c + 2);
      const z = f32(depth, n);
      const level = f32(from, c) + f32(from, c + 1) + f32(from, c + 2);
      const byLevel = 1 / (tolerance * (level + 0.06));
      const byDepth = 1 / (0.012 * step * z + 1e-6);
      let r = 0;
      let g = 0;
      let b = 0;
      let sum = 0;
      for (let j = -2; j <= 2; j += 1) {
        const row = y + j * step;
        if (row < 0 || row >= rows) continue;
        for (let i = -2; i <= 2; i += 1) {
          const column = x + i * step;
          if (column < 0 || column >= width) continue;
          const m = row * width + column;
          if (f32(alpha, m) === 0) continue;
          const q = 3 * m;
          const facing = nx * f32(normal, q) + ny * f32(normal, q + 1) + nz * f32(normal, q + 2);
          if (facing < 0.4) continue;
          const far = (f32(depth, m) - z) * byDepth;
          const brighter = (f32(from, q) + f32(from, q + 1) + f32(from, q + 2) - level) * byLevel;
          const squared = facing * facing;
          const fourth = squared * squared;
          // Near by, a bevel's few noisy pixels may learn from the face beside it.
          const turned = step === 1 ? fourth : fourth * fourth * fourth;
          const alike = turned / ((1 + far * far) * (1 + brighter * brighter));
          // A pixel at an outline knows little: of its few samples some passed the furniture.
          const weight = f32(alpha, m) * alike * (KERNEL[i + 2] as number) * (KERNEL[j + 2] as number);
          r += weight * f32(from, q);
          g += weight * f32(from, q + 1);
          b += weight * f32(from, q + 2);
          sum += weight;
        }
      }
      to[c] = r / sum;
      to[c + 1] = g / sum;
      to[c + 2] = b / sum;
    }
  }
}

/** Filters light and mirror image and puts the furniture together: linear light times share, three numbers a pixel. */
export class Finisher {
  /** Rows above and below of which the result is not right. */
  static readonly MARGIN = 14;
  readonly colour: Float32Array;
  readonly #a: Float32Array;
  readonly #b: Float32Array;

  constructor(width: number, rows: number) {
    this.colour = new Float32Array(3 * width * rows);
    this.#a = new Float32Array(3 * width * rows);
    this.#b = new Float32Array(3 * width * rows);
  }

  finish(strip: Strip): void {
    // What differs from its neighbours at first is noise more often than an edge.
    filter(strip, strip.light, this.#a, 1, 8);
    filter(strip, this.#a, this.#b, 2, 0.35);
    filter(strip, this.#b, this.#a, 4, 0.15);
    filter(strip, strip.mirror, this.#b, 1, 8);
    filter(strip, this.#b, this.colour, 2, 2);
    filter(strip, this.colour, this.#b, 4, 0.4);
    for (let n = 0; n < strip.alpha.length; n += 1) {
      const empty = f32(strip.alpha, n) === 0;
      for (let c = 3 * n; c < 3 * n + 3; c += 1)
        this.colour[c] = empty ? 0 : f32(strip.colour, c) * f32(this.#a, c) + f32(this.#b, c);
    }
  }
}

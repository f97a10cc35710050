/** Steps of the R2 sequence: even in two dimensions for any number of points. */
const STEP_U = 0.7548776662466927;
const STEP_V = 0.5698402909980532;

/** Pairs of numbers from 0 to 1 for a pixel: the same each time, spread evenly over its samples. */
export class Sampler {
  u = 0;
  v = 0;
  readonly #seed: number;
  #pixel = 0;

  constructor(seed: number) {
    this.#seed = mix(seed | 0);
  }

  start(x: number, y: number): void {
    this.#pixel = mix(Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ this.#seed);
  }

  /** @param use what for: pairs of different uses have nothing to do with each other */
  pair(sample: number, use: number): void {
    const first = mix(this.#pixel + Math.imul(use, 0x9e3779b1));
    const second = mix(first ^ 0x68bc21eb);
    this.u = fraction((first >>> 0) / 4294967296 + sample * STEP_U);
    this.v = fraction((second >>> 0) / 4294967296 + sample * STEP_V);
  }
}

function fraction(x: number): number {
  return x - Math.floor(x);
}

function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return h ^ (h >>> 16);
}

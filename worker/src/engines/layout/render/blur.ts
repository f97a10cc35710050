import { f32 } from './kernel/at.ts';

/** Gaussian blur of rows of `channels` numbers; outside there is nothing. */
export class Blur {
  readonly radius: number;
  readonly #kernel: Float32Array;
  readonly #scratch: Float32Array;

  static radiusOf(sigma: number): number {
    return Math.ceil(2.5 * sigma);
  }

  /** @param size of the largest plane */
  constructor(sigma: number, size: number) {
    this.radius = Blur.radiusOf(sigma);
    const weights = Float64Array.from({ length: 2 * this.radius + 1 }, (_, i) =>
      Math.exp(-((i - this.radius) ** 2) / (2 * sigma * sigma)),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    this.#kernel = Float32Array.from(weights, (weight) => weight / sum);
    this.#scratch = new Float32Array(size);
  }

  run(plane: Float32Array, width: number, rows: number, channels: number): void {
    this.#pass(plane, this.#scratch, width, rows, channels, channels, width);
    this.#pass(this.#scratch, plane, width, rows, channels, channels * width, rows);
  }

  /** @param stride between neighbours @param count of neighbours in a line */
  #pass(
    from: Float32Array,
    to: Float32Array,
    width: number,
    rows: number,
    channels: number,
    stride: number,
    count: number,
  ): void {
    const { radius } = this;
    const across = stride === channels;
    const lines = across ? rows : width * channels;
    for (let line = 0; line < lines; line += 1) {
      const lanes = across ? channels : 1;
      for (let lane = 0; lane < lanes; lane += 1) {
        const start = across ? line * width * channels + lane : line;
        for (let n = 0; n < count; n += 1) {
          let sum = 0;
          const first = Math.max(-radius, -n);
          const last = Math.min(radius, count - 1 - n);
          for (let k = first; k <= last; k += 1)
            sum += f32(this.#kernel, k + radius) * f32(from, start + (n + k) * stride);
          to[start + n * stride] = sum;
        }
      }
    }
  }
}

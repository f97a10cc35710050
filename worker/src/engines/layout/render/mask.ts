import type { Shader } from './shader.ts';
import type { Frame } from './view.ts';

const BESIDE = 1;
const SEEN = 2;

/** Which pixels may show furniture: one ray each, and their neighbours. */
export class Mask {
  readonly #data: Uint8Array;
  readonly #width: number;
  readonly #height: number;

  constructor(shader: Shader, frame: Frame, width: number, height: number) {
    this.#data = new Uint8Array(width * height);
    this.#width = width;
    this.#height = height;
    const [left, top, right, bottom] = frame;
    for (let y = top; y < bottom; y += 1)
      for (let x = left; x < right; x += 1) if (shader.touches(x, y)) this.#data[y * width + x] = SEEN;
    this.#grow(frame);
  }

  #grow([left, top, right, bottom]: Frame): void {
    const data = this.#data;
    const width = this.#width;
    for (let y = top; y < bottom; y += 1) {
      for (let x = left; x < right; x += 1) {
        if (data[y * width + x] !== SEEN) continue;
        for (let j = Math.max(top, y - 1); j <= Math.min(bottom - 1, y + 1); j += 1)
          for (let i = Math.max(left, x - 1); i <= Math.min(right - 1, x + 1); i += 1)
            if (data[j * width + i] === 0) data[j * width + i] = BESIDE;
      }
    }
  }

  has(x: number, y: number): boolean {
    return this.#data[y * this.#width + x] !== 0;
  }

  /** Whether a pixel and what is around it show furniture, so that nothing behind it is seen. */
  covers(x: number, y: number): boolean {
    for (let j = Math.max(0, y - 3); j <= Math.min(this.#height - 1, y + 3); j += 3)
      for (let i = Math.max(0, x - 3); i <= Math.min(this.#width - 1, x + 3); i += 3)
        if (this.#data[j * this.#width + i] !== SEEN) return false;
    return true;
  }
}

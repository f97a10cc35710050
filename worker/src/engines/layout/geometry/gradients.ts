import { type Gray, lumaAt } from './gray.ts';

export interface Gradients {
  readonly width: number;
  readonly height: number;
  /** Levels of 255 a pixel. */
  readonly size: Float32Array;
  /** Direction of the edge itself, across the gradient, in radians. */
  readonly angle: Float32Array;
}

/** @param index within the array */
export function intAt(numbers: Int32Array, index: number): number {
  return numbers[index] as number;
}

/** Over squares of two by two pixels; the last row and column have none. */
export function gradientsOf({ width, height, data }: Gray): Gradients {
  const size = new Float32Array(width * height);
  const angle = new Float32Array(width * height);
  for (let y = 0; y < height - 1; y += 1) {
    for (let x = 0; x < width - 1; x += 1) {
      const i = y * width + x;
      const rising = lumaAt(data, i + width + 1) - lumaAt(data, i);
      const falling = lumaAt(data, i + 1) - lumaAt(data, i + width);
      const gx = (rising + falling) / 2;
      const gy = (rising - falling) / 2;
      size[i] = Math.hypot(gx, gy);
      angle[i] = Math.atan2(gx, -gy);
    }
  }
  return { width, height, size, angle };
}

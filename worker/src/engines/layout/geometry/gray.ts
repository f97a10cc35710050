/** Luma of a picture, row by row, 0 to 255. */
export interface Gray {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

// The compiler does not know the bounds of a loop, and a fallback for what cannot be missing would hide a mistake.
export function lumaAt(data: Float32Array, index: number): number {
  return data[index] as number;
}

/** Rec. 601 luma. @param rgb three bytes a pixel, row by row */
export function toGray(rgb: Uint8Array, width: number, height: number): Gray {
  const data = new Float32Array(width * height);
  for (let i = 0, p = 0; i < data.length; i += 1, p += 3) {
    data[i] = 0.299 * (rgb[p] as number) + 0.587 * (rgb[p + 1] as number) + 0.114 * (rgb[p + 2] as number);
  }
  return { width, height, data };
}

/** Gaussian blur; the border repeats outwards. @param sigma in pixels, above 0 */
export function blur(source: Gray, sigma: number): Gray {
  const kernel = gaussian(sigma);
  return pass(pass(source, kernel, 'across'), kernel, 'down');
}

function gaussian(sigma: number): Float64Array {
  const radius = Math.ceil(3 * sigma);
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const sum = kernel.reduce((total, value) => total + value, 0);
  return kernel.map((value) => value / sum);
}

function pass({ width, height, data }: Gray, kernel: Float64Array, way: 'across' | 'down'): Gray {
  const out = new Float32Array(data.length);
  const radius = (kernel.length - 1) / 2;
  const last = (way === 'across' ? width : height) - 1;
  const step = way === 'across' ? 1 : width;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = way === 'across' ? x : y;
      const base = y * width + x;
      let sum = 0;
      for (let k = -radius; k <= radius; k += 1) {
        const moved = Math.min(last, Math.max(0, at + k)) - at;
        sum += (kernel[k + radius] as number) * lumaAt(data, base + moved * step);
      }
      out[base] = sum;
    }
  }
  return { width, height, data: out };
}

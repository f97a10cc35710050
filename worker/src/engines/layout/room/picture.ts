/** Three bytes a pixel, row by row, sRGB. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

export function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}

/** The mean of squares of `size` by `size` pixels in the place of each. The view samples the photo far apart. */
export function pool({ width, height, rgb }: Picture, size: number): Picture {
  const out = new Uint8Array(rgb.length);
  for (let top = 0; top < height; top += size) {
    const bottom = Math.min(height, top + size);
    for (let left = 0; left < width; left += size) {
      const right = Math.min(width, left + size);
      const sums = [0, 0, 0] as [number, number, number];
      for (let y = top; y < bottom; y += 1)
        for (let x = left; x < right; x += 1)
          for (let c = 0; c < 3; c += 1) sums[c] = (sums[c] as number) + byteAt(rgb, (y * width + x) * 3 + c);
      const count = (bottom - top) * (right - left);
      const mean = sums.map((sum) => Math.round(sum / count));
      for (let y = top; y < bottom; y += 1)
        for (let x = left; x < right; x += 1) out.set(mean, (y * width + x) * 3);
    }
  }
  return { width, height, rgb: out };
}

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
      let r = 0;
      let g = 0;
      let b = 0;
      for (let y = top; y < bottom; y += 1)
        for (let at = (y * width + left) * 3; at < (y * width + right) * 3; at += 3) {
          r += byteAt(rgb, at);
          g += byteAt(rgb, at + 1);
          b += byteAt(rgb, at + 2);
        }
      const count = (bottom - top) * (right - left);
      for (let y = top; y < bottom; y += 1)
        for (let at = (y * width + left) * 3; at < (y * width + right) * 3; at += 3) {
          out[at] = Math.round(r / count);
          out[at + 1] = Math.round(g / count);
          out[at + 2] = Math.round(b / count);
        }
    }
  }
  return { width, height, rgb: out };
}

/** Red, green and blue of each pixel, row by row. */
export interface Bitmap {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Most pixels and memory that a picture for a terminal may take: what is larger is none of ours. */
const LIMITS = { maxResolutionInMP: 6, maxMemoryUsageInMB: 128 } as const;

/** @throws for what is no JPEG */
export async function decodeJpeg(bytes: Uint8Array): Promise<Bitmap> {
  // A CommonJS module: bundled, it has no exports but its default.
  const { default: jpeg } = await import('jpeg-js');
  return jpeg.decode(bytes, { useTArray: true, formatAsRGBA: false, ...LIMITS });
}

/** The same picture in another size; each pixel is the mean of those that it covers. */
export function resize({ data, width, height }: Bitmap, toWidth: number, toHeight: number): Bitmap {
  const out = new Uint8Array(3 * toWidth * toHeight);
  for (let y = 0, n = 0; y < toHeight; y += 1) {
    const top = Math.floor((y * height) / toHeight);
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * height) / toHeight));
    for (let x = 0; x < toWidth; x += 1) {
      const left = Math.floor((x * width) / toWidth);
      const right = Math.max(left + 1, Math.floor(((x + 1) * width) / toWidth));
      const sum = [0, 0, 0] as [number, number, number];
      for (let v = top; v < bottom; v += 1)
        for (let at = 3 * (v * width + left), end = 3 * (v * width + right); at < end; at += 3) {
          sum[0] += data[at] ?? 0;
          sum[1] += data[at + 1] ?? 0;
          sum[2] += data[at + 2] ?? 0;
        }
      for (const value of sum) out[n++] = Math.round(value / ((bottom - top) * (right - left)));
    }
  }
  return { data: out, width: toWidth, height: toHeight };
}

import sharp from 'sharp';

/** Small photos, no two of them alike, in whatever round of whatever run. */
export function makePhotos(seed: number, round: number, count: number) {
  return Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const background = { r: 100 + (seed % 90), g: 100 + (round % 90), b: 60 + (n % 120) };
      const bytes = await sharp({
        create: { width: 96 + (n % 200), height: 72 + Math.floor(n / 200), channels: 3, background },
      })
        .composite([
          { input: Buffer.from([round, n & 255, n >> 8]), raw: { width: 1, height: 1, channels: 3 } },
        ])
        .png()
        .toBuffer();
      return { name: `round-${round}/photo-${n}.png`, bytes: new Uint8Array(bytes) };
    }),
  );
}

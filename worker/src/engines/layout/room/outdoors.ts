import { byteAt, type Picture } from './picture.ts';

const STEP = 4;
/** Shares of the picture. */
const PLANTS = 0.3;
const PLANTS_AND_SKY = 0.4;

/** What a picture shows that was taken outdoors, as far as its colours tell. */
export function outdoors(picture: Picture): string | undefined {
  const { width, height, rgb } = picture;
  let plants = 0;
  let sky = 0;
  let count = 0;
  for (let y = STEP; y < height; y += STEP)
    for (let x = STEP; x < width; x += STEP) {
      const at = (y * width + x) * 3;
      const r = byteAt(rgb, at);
      const g = byteAt(rgb, at + 1);
      const b = byteAt(rgb, at + 2);
      count += 1;
      if (g > r + 4 && g > b + 22) plants += 1;
      if (y < height / 2 && b > r + 40 && b > g + 12 && b > 120) sky += 1;
    }
  if (plants / count > PLANTS || ((plants + sky) / count > PLANTS_AND_SKY && plants / count > 0.1))
    return 'Plants and sky fill the picture: it was taken outdoors.';
  return undefined;
}

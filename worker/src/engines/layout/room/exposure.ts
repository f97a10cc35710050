import { byteAt, type Picture } from './picture.ts';

const STEP = 7;
/** Levels of 255. */
const DARK = 22;
const BLOWN = 250;
const DARK_MOST = 0.8;
const BLOWN_MOST = 0.55;
/** A frame that is all of one level shows nothing. */
const RANGE_MIN = 6;

/** What is wrong with the light of a photo that shows something, as a sentence. */
export function exposureFault({ rgb }: Picture): string | undefined {
  let dark = 0;
  let blown = 0;
  let count = 0;
  let least = 255;
  let most = 0;
  for (let at = 0; at < rgb.length; at += 3 * STEP) {
    const [r, g, b] = [byteAt(rgb, at), byteAt(rgb, at + 1), byteAt(rgb, at + 2)];
    count += 1;
    if (Math.max(r, g, b) < DARK) dark += 1;
    if (Math.min(r, g, b) > BLOWN) blown += 1;
    least = Math.min(least, g);
    most = Math.max(most, g);
  }
  if (most - least < RANGE_MIN) return undefined;
  if (dark / count > DARK_MOST) return 'The photo is too dark to tell the floor from the walls.';
  if (blown / count > BLOWN_MOST) return 'The photo is overexposed: most of it is plain white.';
  return undefined;
}

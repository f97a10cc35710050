import { numberAt } from '../geometry/score.ts';
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

/** Share of the pixels that are no brighter, where the white of a photo is looked for. */
const WHITE_AT = 0.95;
/** Levels of 255: a photo whose white is darker than the one is lifted to the other, but not by more than a factor. */
const DIM = 170;
const WHITE = 205;
const LIFT_MOST = 2.5;

/** A dim photo in the light that the limits of reading were found in; one of which hardly anything is seen stays as it is. */
export function lifted(picture: Picture): Picture {
  const { rgb } = picture;
  const levels = new Float64Array(256);
  for (let at = 0; at < rgb.length; at += 3) {
    const level = Math.max(byteAt(rgb, at), byteAt(rgb, at + 1), byteAt(rgb, at + 2));
    levels[level] = numberAt(levels, level) + 1;
  }
  let white = 0;
  for (let below = numberAt(levels, 0); below < (WHITE_AT * rgb.length) / 3; below += numberAt(levels, white))
    white += 1;
  if (white >= DIM || white === 0 || exposureFault(picture) !== undefined) return picture;
  const gain = Math.min(LIFT_MOST, WHITE / white);
  return { ...picture, rgb: rgb.map((level) => Math.min(255, Math.round(level * gain))) };
}

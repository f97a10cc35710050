import type { Draft } from './draft.ts';
import { belongsTo, type Item, isSolid } from './item.ts';
import { covered } from './picture.ts';
import { area } from './plane.ts';

/** A later piece hides at most this much of the main one: less when one cannot look over it. */
const HIDES_MAIN = 0.45;
const HIGH = 0.6;
const HIGH_HIDES_MAIN = 0.15;
/** Share of the way to the main piece within which such a one would be a foreground of its own. */
const FOREGROUND = 0.58;
/** Metres from which on a piece is as high as one's eyes when one sits. */
export const TALL = 1.1;
/** And covers at most this much of the photo. */
const LOOMS = 0.09;
/** A piece that one cannot look over hides at most this much of a window. */
const HIDES_WINDOW = 0.05;
/** Of itself a piece loses at most this much behind a nearer one: a plant that looks over a sofa is no sight. */
const HIDDEN = 0.35;
/** Of a picture on the wall. */
const HIDES_ART = 0.25;

/** Whether a piece stands before what matters more, or hangs where one cannot see it. */
export function hides(item: Item, { scene, main, items }: Draft): boolean {
  const { outline, entry, placed, rect } = item;
  if (!outline || !main.outline) return false;
  if (entry.stands === 'wall')
    return items.some(
      (other) => isSolid(other) && other.outline && covered(outline, other.outline) > HIDES_ART,
    );
  if (!isSolid({ entry })) return false;
  // Chairs stand about their table, whatever they hide of it or it of them.
  const companion = belongsTo(placed.kind, main.placed.kind);
  if ((!companion || placed.size[2] > TALL) && isBehind(item, items)) return true;
  if (companion) return false;
  const isHigh = placed.size[2] > HIGH;
  return (
    (isHigh && Math.hypot(...rect.at) < FOREGROUND * Math.hypot(...main.rect.at)) ||
    covered(main.outline, outline) > (isHigh ? HIGH_HIDES_MAIN : HIDES_MAIN) ||
    (placed.size[2] > TALL && scene.windows.some((window) => covered(window, outline) > HIDES_WINDOW)) ||
    area(outline) > LOOMS * scene.room.width * scene.room.height ||
    items.some(
      (other) =>
        other.entry.stands === 'wall' && other.outline && covered(other.outline, outline) > HIDES_ART,
    )
  );
}

function isBehind({ outline, placed, rect }: Item, items: readonly Item[]): boolean {
  const far = Math.hypot(...rect.at);
  return items.some(
    (other) =>
      isSolid(other) &&
      Math.hypot(...other.rect.at) < far &&
      !belongsTo(other.placed.kind, placed.kind) &&
      covered(outline ?? [], other.outline ?? []) > HIDDEN,
  );
}

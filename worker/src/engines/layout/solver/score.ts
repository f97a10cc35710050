import { type Draft, middleOf, type Recipe, weightOf } from './draft.ts';
import { angleToCamera } from './ideas.ts';
import { isSolid } from './item.ts';
import { backing, faceOf } from './mains.ts';
import { covered } from './picture.ts';
import { area } from './plane.ts';
import {
  ample,
  balanced,
  centred,
  distanced,
  filled,
  furnished,
  leavesWindow,
  mean,
  unhidden,
} from './terms.ts';

/** How attractive a layout is, 0 to 1. */
export function scoreOf({ scene, main, items }: Draft, { steps, mains }: Recipe): number {
  const { room, windows } = scene;
  const [widest] = mains.find(({ kind }) => kind === main.placed.kind)?.widths(area(room.floor)) ?? [];
  const { middle, covered: pixels } = weightOf(items, room);
  const solids = items.filter(isSolid);
  const footprint = solids.reduce((sum, { rect }) => sum + rect.width * rect.depth, 0);
  const worth = steps.reduce((sum, { weight }) => sum + weight, 0);
  const kinds = items.filter(({ entry }) => entry.stands !== 'top');
  const behind = solids.map((item) => {
    const far = Math.hypot(...item.rect.at);
    const hidden = solids.reduce(
      (most, other) =>
        other !== item && other.outline && item.outline && Math.hypot(...other.rect.at) < far
          ? Math.max(most, covered(item.outline, other.outline))
          : most,
      0,
    );
    return unhidden(hidden);
  });
  const { at, turn } = main.placed;
  return mean([
    [3, faceOf(main.placed.kind, angleToCamera(at, turn))],
    [2.5, ample(main.rect.width / (widest ?? main.rect.width))],
    [1.5, main.outline ? centred(middleOf(main.outline) / room.width) : 0],
    [1, distanced(Math.hypot(at[0], at[1]))],
    [2, backing(scene, main.placed.kind, main.rect)],
    [2.5, Math.min(1, kinds.length / Math.max(1, worth))],
    [1.5, filled(pixels / (room.width * room.height))],
    [1, furnished(footprint / Math.max(1, area(room.floor)))],
    [1, balanced(middle)],
    [1.5, mean(behind.map((value) => [1, value]))],
    [
      1,
      mean(
        windows.map((window) => [
          1,
          leavesWindow(
            solids.reduce((sum, { outline }) => sum + (outline ? covered(window, outline) : 0), 0),
          ),
        ]),
      ) || (windows.length === 0 ? 1 : 0),
    ],
  ]);
}

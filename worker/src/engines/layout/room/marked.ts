import { isBorder } from './hints.ts';
import type { Foot } from './outline.ts';
import type { Picture } from './picture.ts';
import type { Plane } from './planes.ts';
import type { Stretch } from './trace.ts';
import type { Pixel, Spot, Upright } from './upright.ts';
import { columnOf, columnU, type View } from './view.ts';

/** Slope within which a side follows an axis: 7 degrees. */
const ALONG = 0.12;

/** What a floor that the user marked tells, in the terms of one that was traced. */
export interface Marked {
  readonly feet: readonly Foot[];
  readonly stretches: readonly Stretch[];
  /** Index of the foot of each stretch. */
  readonly footOf: readonly number[];
  /** `t` of the upper side of the floor in each column; NaN where there is none. */
  readonly heights: Float64Array;
}

/** Sides along the border of the picture are no walls; nor are those that face away, in front of the floor. */
export function readMarked(view: View, picture: Picture, floor: readonly Pixel[]): Marked {
  const spots = floor.map(([x, y]) => view.upright.fromPixel(x, y)).filter((spot) => spot !== undefined);
  const heights = Float64Array.from({ length: view.columns }, (_, column) =>
    upperSide(spots, columnU(view, column)),
  );
  const feet = floor
    .flatMap((to, n): Foot[] => {
      const from = floor.at(n - 1) ?? to;
      const [p, q] = [view.upright.fromPixel(...from), view.upright.fromPixel(...to)];
      if (!p || !q || isBorder(picture, from, to)) return [];
      const [left, right] = p.u <= q.u ? [p, q] : [q, p];
      const middle = { u: (left.u + right.u) / 2, t: (left.t + right.t) / 2 };
      if (middle.t < upperSide(spots, middle.u) - view.cell) return [];
      return [{ plane: planeOf(view.upright, left, right), left, right }];
    })
    .toSorted((p, q) => p.left.u + p.right.u - q.left.u - q.right.u);
  const stretches: Stretch[] = [];
  const footOf: number[] = [];
  for (const [n, { plane, left, right }] of feet.entries()) {
    if (!plane) continue;
    const from = Math.max(0, columnOf(view, left.u));
    stretches.push({ plane, from, to: Math.min(view.columns - 1, columnOf(view, right.u)) });
    footOf.push(n);
  }
  return { feet, stretches, footOf, heights };
}

function upperSide(spots: readonly Spot[], u: number): number {
  let top = Number.NaN;
  for (const [n, to] of spots.entries()) {
    const from = spots.at(n - 1) ?? to;
    if (from.u === to.u) continue;
    const share = (u - from.u) / (to.u - from.u);
    if (share < 0 || share > 1) continue;
    const t = from.t + share * (to.t - from.t);
    if (Number.isNaN(top) || t > top) top = t;
  }
  return top;
}

function planeOf(upright: Upright, left: Spot, right: Spot): Plane | undefined {
  const [x1, z1] = upright.toFloor(left);
  const [x2, z2] = upright.toFloor(right);
  const [across, along] = [Math.abs(x2 - x1), Math.abs(z2 - z1)];
  if (across < ALONG * along) return { axis: 0, nearness: 2 / (x1 + x2) };
  if (along < ALONG * across) return { axis: 1, nearness: 2 / (z1 + z2) };
  return undefined;
}

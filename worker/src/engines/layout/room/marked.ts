import { sumsOf } from './contrast.ts';
import { GROUND, groundOf } from './ground.ts';
import { isBorder } from './hints.ts';
import type { Foot } from './outline.ts';
import { byteAt, type Picture } from './picture.ts';
import { crossings, type Edges, nearest, type Plane, toleranceOf } from './planes.ts';
import { stepOffset } from './steps.ts';
import type { Stretch } from './trace.ts';
import type { Pixel, Spot, Upright } from './upright.ts';
import { columnOf, columnU, rowOf, type View } from './view.ts';

/** Slope within which a side follows an axis: 7 degrees. */
const ALONG = 0.12;

/** Cells beyond a side that are looked at, without the next ones: nobody marks a corner to the pixel. */
const BEYOND = 9;
const SKIPPED = 3;
/** Share of them that is floor, where it goes on. */
const OPEN = 0.7;
/** Share of a side that an edge of the photo follows, where it is one. */
const DRAWN = 0.35;
/** Levels of 255. */
const DARK = 30;
/** As a tangent. */
const HORIZON = -0.03;

/** What a floor that the user marked tells, in the terms of one that was traced. */
export interface Marked {
  readonly feet: readonly Foot[];
  readonly stretches: readonly Stretch[];
  /** Index of the foot of each stretch. */
  readonly footOf: readonly number[];
  /** `t` of the upper side of the floor in each column; NaN where there is none. */
  readonly heights: Float64Array;
}

/**
 * Sides along the border of the picture are no walls; nor are those that face away, in front of the floor, and those beyond
 * which the photo shows more of it.
 */
export function readMarked(view: View, picture: Picture, edges: Edges, floor: readonly Pixel[]): Marked {
  const spots = floor.map(([x, y]) => view.upright.fromPixel(x, y)).filter((spot) => spot !== undefined);
  const heights = Float64Array.from({ length: view.columns }, (_, column) =>
    upperSide(spots, columnU(view, column)),
  );
  const beyond = groundOf(
    view,
    picture,
    heights.map((t) => Math.min(t + BEYOND * view.cell, HORIZON)),
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
    .filter((foot) => !goesOn(view, picture, beyond, foot) || isDrawn(view, picture, edges, foot))
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

/** Whether the floor that was marked is a part of a larger one. */
function goesOn(view: View, picture: Picture, beyond: Uint8Array, { left, right }: Foot): boolean {
  let cells = 0;
  let floor = 0;
  let luma = 0;
  const to = Math.min(view.columns - 1, columnOf(view, right.u));
  for (let column = Math.max(0, columnOf(view, left.u)); column <= to; column += 1) {
    const share = (columnU(view, column) - left.u) / (right.u - left.u);
    const foot = rowOf(view, left.t + share * (right.t - left.t));
    for (let row = Math.max(0, foot - BEYOND); row < foot - SKIPPED; row += 1) {
      const cell = row * view.columns + column;
      const pixel = view.pixels[cell] ?? -1;
      if (pixel < 0) continue;
      cells += 1;
      luma += byteAt(picture.rgb, pixel * 3 + 1);
      if (beyond[cell] === GROUND) floor += 1;
    }
  }
  // In the dark all is alike.
  return cells > 0 && luma / cells > DARK && floor / cells > OPEN;
}

/** Whether an edge of the photo runs along a side: a skirting board may be of the floor's colour. */
function isDrawn(view: View, picture: Picture, edges: Edges, { left, right }: Foot): boolean {
  const sums = sumsOf(view, picture);
  const across = [crossings(view, edges[0]), crossings(view, edges[1])];
  const from = Math.max(0, columnOf(view, left.u));
  const to = Math.min(view.columns - 1, columnOf(view, right.u));
  let drawn = 0;
  for (let column = from; column <= to; column += 1) {
    const share = (columnU(view, column) - left.u) / (right.u - left.u);
    const t = left.t + share * (right.t - left.t);
    const isEdge = across.some((columns) => nearest(columns[column], t, 2 * toleranceOf(view)) > 0);
    if (isEdge || Math.abs(stepOffset(view, sums, column, t) ?? SKIPPED) < SKIPPED) drawn += 1;
  }
  return drawn > DRAWN * (to - from + 1);
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

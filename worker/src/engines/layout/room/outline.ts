import type { FloorPoint } from '../scene/types.ts';
import { footT, type Plane } from './planes.ts';
import type { Stretch } from './trace.ts';
import type { Pixel, Spot, Upright } from './upright.ts';
import { columnU, type View } from './view.ts';

/** Meeting of two feet is taken for a corner when it lies this near the change of columns, in cells. */
const CORNER_NEAR = 6;

/** The foot of a wall from left to right as seen. */
export interface Foot {
  /** Undefined for a wall that follows neither axis. */
  readonly plane: Plane | undefined;
  readonly left: Spot;
  readonly right: Spot;
}

/** Ends of each stretch: corners where neighbours meet, the columns themselves where one hides the other. */
export function feetOf(view: View, stretches: readonly Stretch[]): Foot[] {
  const ends = stretches.map(({ from, to }) => ({
    left: columnU(view, from) - view.cell / 2,
    right: columnU(view, to) + view.cell / 2,
  }));
  for (const [n, { plane }] of stretches.entries()) {
    const after = stretches[n + 1];
    const here = ends[n];
    const there = ends[n + 1];
    if (!after || !here || !there) continue;
    const u = meeting(view.upright, plane, after.plane);
    if (u === undefined || Math.abs(u - here.right) > CORNER_NEAR * view.cell) continue;
    here.right = u;
    there.left = u;
  }
  return stretches.map(({ plane }, n) => {
    const { left, right } = ends[n] ?? { left: 0, right: 0 };
    return {
      plane,
      left: { u: left, t: footT(view, plane, left) },
      right: { u: right, t: footT(view, plane, right) },
    };
  });
}

function meeting(upright: Upright, one: Plane, other: Plane): number | undefined {
  if (one.axis === other.axis) return undefined;
  const [p, q] = upright.normal(one.axis);
  const [r, s] = upright.normal(other.axis);
  const slope = one.nearness * q - other.nearness * s;
  return slope === 0 ? undefined : (other.nearness * r - one.nearness * p) / slope;
}

/** The floor that the photo shows, in pixels: what lies below the feet, cut at the sides of the picture. */
export function floorPixels(upright: Upright, feet: readonly Foot[], width: number, height: number): Pixel[] {
  const first = feet[0];
  const last = feet.at(-1);
  if (!first || !last) return [];
  const lowest = lowestSpot(upright, width, height) - 0.2;
  const outline: Spot[] = [
    { u: first.left.u, t: lowest },
    ...feet.flatMap(({ left, right }) => [left, right]).map(({ u, t }) => ({ u, t: Math.max(lowest, t) })),
    { u: last.right.u, t: lowest },
  ];
  const pixels = outline.map((spot) => upright.toPixel(spot)).filter((pixel) => pixel !== undefined);
  return tidy(clip(pixels, width, height));
}

function lowestSpot(upright: Upright, width: number, height: number): number {
  return Math.min(upright.fromPixel(0, height)?.t ?? -2, upright.fromPixel(width, height)?.t ?? -2);
}

/** Sutherland and Hodgman: one side of the picture after the other. */
function clip(outline: readonly Pixel[], width: number, height: number): Pixel[] {
  const sides: readonly ((pixel: Pixel) => number)[] = [
    ([x]) => x,
    ([x]) => width - x,
    ([, y]) => y,
    ([, y]) => height - y,
  ];
  let kept: readonly Pixel[] = outline;
  for (const inside of sides)
    kept = kept.flatMap((to, n): Pixel[] => {
      const from = kept.at(n - 1);
      if (!from) return [];
      const before = inside(from);
      const now = inside(to);
      const share = before / (before - now);
      const cut: Pixel = [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])];
      if (now >= 0) return before >= 0 ? [to] : [cut, to];
      return before >= 0 ? [cut] : [];
    });
  return [...kept];
}

/** Without corners that repeat the last or lie on a straight line. */
function tidy(outline: readonly Pixel[]): Pixel[] {
  const apart = outline.filter((to, n) => {
    const from = outline.at(n - 1);
    return !from || Math.hypot(to[0] - from[0], to[1] - from[1]) > 0.5;
  });
  return apart.filter((here, n) => {
    const before = apart.at(n - 1) ?? here;
    const after = apart[(n + 1) % apart.length] ?? here;
    const cross =
      (here[0] - before[0]) * (after[1] - before[1]) - (here[1] - before[1]) * (after[0] - before[0]);
    return Math.abs(cross) > Math.hypot(after[0] - before[0], after[1] - before[1]) * 0.5;
  });
}

export function areaOf(outline: readonly (Pixel | FloorPoint)[]): number {
  return (
    outline.reduce((sum, to, n) => {
      const from = outline.at(n - 1) ?? to;
      return sum + from[0] * to[1] - to[0] * from[1];
    }, 0) / 2
  );
}

export function contains(outline: readonly (Pixel | FloorPoint)[], x: number, y: number): boolean {
  let inside = false;
  for (const [n, to] of outline.entries()) {
    const from = outline.at(n - 1) ?? to;
    if (from[1] > y !== to[1] > y && x < from[0] + ((y - from[1]) / (to[1] - from[1])) * (to[0] - from[0]))
      inside = !inside;
  }
  return inside;
}

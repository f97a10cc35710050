import { numberAt } from '../geometry/score.ts';
import type { Segment } from '../geometry/segments.ts';
import type { FloorPoint, KeepOut } from '../scene/types.ts';
import { LIT, SHADE, THING } from './ground.ts';
import type { Edge } from './planes.ts';
import { connectedCells, floorArea, hullOf } from './regions.ts';
import { columnOf, columnU, rowOf, rowT, type View } from './view.ts';

/** Floor of which the photo shows that nothing stands on it. */
export interface FreeFloor {
  /** Behind what stands on the floor, and before walls whose feet are not seen; in camera heights. */
  readonly keepOuts: readonly KeepOut[];
  /** Squared camera heights. */
  readonly area: number;
  /** Share of the floor's cells in the picture that is not free. */
  readonly taken: number;
}

/** Cells in a square of nine that make a thing: joints of boards and tiles are a cell or two wide. */
const SOLID = 7;
const CELLS_MIN = 12;
/** Cells and camera heights from the foot of a wall: its skirting and its shadow. */
const FOOT_CELLS = 3;
const FOOT_DEPTH = 0.1;
/** Cells by which an upright edge stands off the foot of the wall behind it. */
const STANDS_OFF = 5;
/** Columns on each side of what stands. */
const BESIDE = 2;
/** Camera heights that are kept free before an end of the floor that no foot of a wall explains. */
const DOUBT = 0.15;
/** Camera heights between two things; what is narrower is no place. */
const GAP = 0.5;
/** Distances from nearest to farthest within which neighbours are one thing. */
const DEEPER = 1.25;
/** Edges this near to where a level axis vanishes may be floor boards as well as upright, as a tangent. */
const AMBIGUOUS = 0.12;

export interface Outlook {
  /** See `groundOf`. */
  readonly ground: Uint8Array;
  /** `t` of the foot of the wall in each column; NaN where there is none. */
  readonly feet: Float64Array;
  /** Columns that show the foot of their wall. */
  readonly proven: Uint8Array;
  readonly uprights: readonly Edge[];
  /** Straight edges that follow no level axis. */
  readonly strays: readonly Segment[];
}

/**
 * Follows each column from the lower side of the picture up to the foot of its wall: what is free is free from there on. Floor
 * behind a thing may be free as well, but furniture there would cover the thing.
 */
export function freeFloor(view: View, outlook: Outlook): FreeFloor {
  const { ground, feet, proven } = outlook;
  const solid = solids(view, ground, [THING]);
  markStanding(view, outlook, solid);
  const doubtful = solids(view, ground, [THING, LIT, SHADE]);
  markStrays(view, outlook.strays, doubtful);
  const ends = new Float64Array(view.columns).fill(Number.NaN);
  let area = 0;
  let taken = 0;
  let cells = 0;
  for (const [column, foot] of feet.entries()) {
    if (Number.isNaN(foot)) continue;
    const last = rowOf(view, foot);
    const margin = Math.max(FOOT_CELLS, Math.ceil((FOOT_DEPTH * foot * foot) / view.cell));
    let isFree = true;
    for (let row = lowestRow(view, column); row > last && row >= 0; row -= 1) {
      const cell = row * view.columns + column;
      cells += 1;
      if (isFree && (solid[cell] === 1 || (proven[column] === 0 && doubtful[cell] === 1))) {
        isFree = false;
        if (row > last + margin || proven[column] === 0) ends[column] = rowT(view, row + 1);
      }
      if (isFree) area += floorArea(view, cell);
      else taken += 1;
    }
    if (isFree && proven[column] === 0) ends[column] = foot;
  }
  return { keepOuts: wedges(view, feet, ends, proven), area, taken: cells === 0 ? 1 : taken / cells };
}

function lowestRow(view: View, column: number): number {
  return Math.min(view.rows - 1, rowOf(view, numberAt(view.lowest, column)));
}

function solids(view: View, ground: Uint8Array, kinds: readonly number[]): Uint8Array {
  const { columns } = view;
  const isOne = ground.map((kind) => (kinds.includes(kind) ? 1 : 0));
  const thick = isOne.map((one, cell) => {
    if (one === 0) return 0;
    let around = 0;
    for (const row of [-columns, 0, columns])
      for (const column of [-1, 0, 1]) around += isOne[cell + row + column] ?? 0;
    return around >= SOLID ? 1 : 0;
  });
  const found = new Uint8Array(thick.length);
  for (const region of connectedCells(view, thick))
    if (region.length >= CELLS_MIN) for (const cell of region) found[cell] = 1;
  return found;
}

/** Upright edges that end on the floor: posts, legs, open doors, sides of boxes. */
function markStanding(view: View, { feet, uprights, ground }: Outlook, solid: Uint8Array): void {
  const vanishing = ([0, 1] as const).map((axis) => {
    const [p, q] = view.upright.normal(axis);
    return q === 0 ? Number.POSITIVE_INFINITY : -p / q;
  });
  for (const { u1, t1, u2, t2 } of uprights) {
    const low = t1 < t2 ? { u: u1, t: t1 } : { u: u2, t: t2 };
    const column = columnOf(view, low.u);
    const foot = feet[column] ?? Number.NaN;
    if (!(low.t < foot - STANDS_OFF * view.cell)) continue;
    const isOverFoot = Math.max(t1, t2) > foot + STANDS_OFF * view.cell;
    if (!isOverFoot && vanishing.some((at) => Math.abs(at - low.u) < AMBIGUOUS)) continue;
    const row = rowOf(view, low.t);
    for (
      let near = Math.max(0, column - BESIDE);
      near <= Math.min(view.columns - 1, column + BESIDE);
      near += 1
    ) {
      const cell = row * view.columns + near;
      if ((ground[cell] ?? 0) > 0) solid[cell] = 1;
    }
  }
}

/** Cells on edges that are neither boards nor feet of walls. */
function markStrays(view: View, strays: readonly Segment[], marked: Uint8Array): void {
  for (const { x1, y1, x2, y2, length } of strays)
    for (let step = 0; step <= length; step += 1) {
      const share = step / length;
      const spot = view.upright.fromPixel(x1 + share * (x2 - x1), y1 + share * (y2 - y1));
      if (!spot) continue;
      const [row, column] = [rowOf(view, spot.t), columnOf(view, spot.u)];
      if (row < 0 || row >= view.rows || column < 0 || column >= view.columns) continue;
      marked[row * view.columns + column] = 1;
    }
}

/** What ends the free floor before the foot of the wall, as floor from there to the wall. */
function wedges(view: View, feet: Float64Array, ends: Float64Array, proven: Uint8Array): KeepOut[] {
  const near = Float64Array.from(ends, (end, column) => {
    if (Number.isNaN(end)) return end;
    return proven[column] === 1 ? end - view.cell : end - Math.max(view.cell, DOUBT * end * end);
  });
  closeGaps(view, near);
  const found: KeepOut[] = [];
  for (let from = 0; from < view.columns; from += 1) {
    if (Number.isNaN(numberAt(near, from))) continue;
    let [low, high] = [numberAt(near, from), numberAt(near, from)];
    let to = from;
    for (; to + 1 < view.columns; to += 1) {
      const next = numberAt(near, to + 1);
      if (!(Math.min(low, next) / Math.max(high, next) <= DEEPER)) break;
      low = Math.min(low, next);
      high = Math.max(high, next);
    }
    found.push({ why: 'object', outline: behind(view, feet, from, to, low), confidence: 0.6 });
    from = to;
  }
  return found;
}

/** Between two things that stand close together nothing is free. */
function closeGaps(view: View, near: Float64Array): void {
  let last = -1;
  for (let column = 0; column < view.columns; column += 1) {
    const here = numberAt(near, column);
    if (Number.isNaN(here)) continue;
    const before = numberAt(near, Math.max(0, last));
    const t = Math.min(here, before);
    if (last >= 0 && last < column - 1 && ((column - last) * view.cell) / -t < GAP)
      near.fill(t, last + 1, column);
    last = column;
  }
}

function behind(view: View, feet: Float64Array, from: number, to: number, low: number): FloorPoint[] {
  const [left, right] = [Math.max(0, from - BESIDE), Math.min(view.columns - 1, to + BESIDE)];
  const points = [left, right].map((column) => view.upright.toFloor({ u: columnU(view, column), t: low }));
  for (let column = left; column <= right; column += 1) {
    const foot = numberAt(feet, column);
    if (!Number.isNaN(foot))
      points.push(view.upright.toFloor({ u: columnU(view, column), t: Math.max(foot, low) }));
  }
  return hullOf(points);
}

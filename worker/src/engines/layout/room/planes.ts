import type { RoomCamera } from '../geometry/solve.ts';
import { columnOf, columnU, rowOf, type View } from './view.ts';

/** A wall that may be there: along axis `a` (0) or `b` (1). */
export interface Plane {
  readonly axis: 0 | 1;
  /** One by its distance in camera heights; below 0 on the other side of the camera. */
  readonly nearness: number;
}

/** A straight edge in the upright view. */
export interface Edge {
  readonly u1: number;
  readonly t1: number;
  readonly u2: number;
  readonly t2: number;
  readonly length: number;
}

/** Straight edges of the photo by the axis that they follow: 0 `a`, 1 `b`, 2 up. */
export type Edges = readonly [Edge[], Edge[], Edge[]];

const PLANES_MOST = 30;
/** Distances of walls in camera heights. */
const NEAREST = 0.25;
const FARTHEST = 14;
/** Pixels of the photo within which an edge and a foot are one. */
export const TOLERANCE = 3.5;

export function edgesOf(
  view: View,
  { segments, families }: Pick<RoomCamera, 'segments' | 'families'>,
): Edges {
  const edges: Edges = [[], [], []];
  for (const [n, { x1, y1, x2, y2, length }] of segments.entries()) {
    const family = families[n] ?? -1;
    const from = view.upright.fromPixel(x1, y1);
    const to = view.upright.fromPixel(x2, y2);
    if (family < 0 || !from || !to) continue;
    const [p, q] = from.u <= to.u ? [from, to] : [to, from];
    edges[family as 0 | 1 | 2].push({ u1: p.u, t1: p.t, u2: q.u, t2: q.t, length });
  }
  return edges;
}

/** Tangent from the horizon to the foot of a wall; above 0 where the wall is not ahead. */
export function footT(view: View, { axis, nearness }: Plane, u: number): number {
  const [p, q] = view.upright.normal(axis);
  return -nearness * (p + q * u);
}

/** How far apart in `t` two edges may lie that are one. */
export function toleranceOf(view: View): number {
  return TOLERANCE / view.upright.camera.focal;
}

/** Walls whose feet may be among the edges below the horizon, the best supported first. */
export function likelyPlanes(view: View, edges: Edges): Plane[] {
  const found: (Plane & { weight: number; u: number })[] = [];
  for (const axis of [0, 1] as const) {
    const [p, q] = view.upright.normal(axis);
    for (const { u1, t1, u2, t2, length } of edges[axis]) {
      const u = (u1 + u2) / 2;
      const t = (t1 + t2) / 2;
      const nearness = -t / (p + q * u);
      const distance = 1 / Math.abs(nearness);
      if (t > 0 || distance < NEAREST || distance > FARTHEST) continue;
      found.push({ axis, nearness, weight: length, u });
    }
  }
  found.sort((a, b) => b.weight - a.weight);
  const tolerance = toleranceOf(view);
  const planes: { plane: Plane; weight: number }[] = [];
  const used = new Set<Plane>();
  for (const first of found) {
    if (used.has(first)) continue;
    const near = found.filter(
      (other) =>
        !used.has(other) &&
        other.axis === first.axis &&
        Math.abs(footT(view, other, other.u) - footT(view, first, other.u)) < tolerance,
    );
    let weight = 0;
    let sum = 0;
    for (const other of near) {
      used.add(other);
      weight += other.weight;
      sum += other.weight * other.nearness;
    }
    planes.push({ plane: { axis: first.axis, nearness: sum / weight }, weight });
  }
  return planes
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, PLANES_MOST)
    .map(({ plane }) => plane);
}

/** For each column the `t` of the edges of one axis that cross it. */
export function crossings(view: View, edges: readonly Edge[]): number[][] {
  const columns = Array.from({ length: view.columns }, (): number[] => []);
  for (const { u1, t1, u2, t2 } of edges) {
    const from = Math.max(0, columnOf(view, u1));
    const to = Math.min(view.columns - 1, columnOf(view, u2));
    for (let column = from; column <= to; column += 1) {
      const share = u2 === u1 ? 0 : Math.min(1, Math.max(0, (columnU(view, column) - u1) / (u2 - u1)));
      columns[column]?.push(t1 + share * (t2 - t1));
    }
  }
  return columns;
}

/** How well an edge lies at `t`: 1 on it, 0 at the tolerance. */
export function nearest(ts: readonly number[] | undefined, t: number, tolerance: number): number {
  let best = 0;
  for (const other of ts ?? []) {
    const off = (other - t) / tolerance;
    if (off > -1 && off < 1) best = Math.max(best, 1 - off * off);
  }
  return best;
}

/**
 * Upright edges as sums down each column: entry `row` is how many cells above that row have one within two columns.
 */
export function uprightSums(view: View, edges: readonly Edge[]): Uint16Array {
  const { columns, rows } = view;
  const marked = new Uint8Array(columns * rows);
  for (const { u1, t1, u2, t2 } of edges) {
    const middle = columnOf(view, (u1 + u2) / 2);
    const from = Math.max(0, rowOf(view, Math.max(t1, t2)) - 1);
    const to = Math.min(rows - 1, rowOf(view, Math.min(t1, t2)) + 1);
    for (let column = Math.max(0, middle - 2); column <= Math.min(columns - 1, middle + 2); column += 1)
      for (let row = from; row <= to; row += 1) marked[row * columns + column] = 1;
  }
  const sums = new Uint16Array(columns * (rows + 1));
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1) {
      const at = row * columns + column;
      sums[at + columns] = (sums[at] as number) + (marked[at] as number);
    }
  return sums;
}

/** Share of a stretch of a column that has an upright edge, 0 to 1. */
export function uprightShare(
  view: View,
  sums: Uint16Array,
  column: number,
  low: number,
  high: number,
): number {
  const from = Math.min(view.rows, Math.max(0, rowOf(view, high)));
  const to = Math.min(view.rows, Math.max(0, rowOf(view, low)));
  if (to <= from) return 0;
  const marked =
    (sums[to * view.columns + column] as number) - (sums[from * view.columns + column] as number);
  return marked / (to - from);
}

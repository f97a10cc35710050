import type { FloorPoint } from '../scene/types.ts';

/** A rectangle on the floor: what a piece covers, or what it needs free. Metres, radians as in `Placed`. */
export interface Rect {
  readonly at: FloorPoint;
  readonly turn: number;
  readonly width: number;
  readonly depth: number;
}

export type Polygon = readonly FloorPoint[];

/** Where a front looks that is turned so. */
export function front(turn: number): FloorPoint {
  return [Math.sin(turn), -Math.cos(turn)];
}

/** The turn that looks along a direction. */
export function turnTowards([x, z]: FloorPoint): number {
  return Math.atan2(x, -z);
}

/** From a piece's own coordinates (x along its width, z behind it) to the room's. */
export function toRoom({ at, turn }: Pick<Rect, 'at' | 'turn'>, [x, z]: FloorPoint): FloorPoint {
  const c = Math.cos(turn);
  const s = Math.sin(turn);
  return [at[0] + x * c - z * s, at[1] + x * s + z * c];
}

export function toLocal({ at, turn }: Pick<Rect, 'at' | 'turn'>, [x, z]: FloorPoint): FloorPoint {
  const c = Math.cos(turn);
  const s = Math.sin(turn);
  const dx = x - at[0];
  const dz = z - at[1];
  return [dx * c + dz * s, dz * c - dx * s];
}

/** Counter-clockwise seen from above. */
export function corners(rect: Rect): [FloorPoint, FloorPoint, FloorPoint, FloorPoint] {
  const w = rect.width / 2;
  const d = rect.depth / 2;
  return [toRoom(rect, [-w, -d]), toRoom(rect, [w, -d]), toRoom(rect, [w, d]), toRoom(rect, [-w, d])];
}

/** The rectangle with this much more on each side; less when below 0. */
export function grow(rect: Rect, by: { front: number; back: number; sides: number }): Rect {
  return {
    at: toRoom(rect, [0, (by.back - by.front) / 2]),
    turn: rect.turn,
    width: Math.max(0, rect.width + 2 * by.sides),
    depth: Math.max(0, rect.depth + by.front + by.back),
  };
}

export function inset(rect: Rect, by: number): Rect {
  return grow(rect, { front: -by, back: -by, sides: -by });
}

export function distanceTo(rect: Rect, point: FloorPoint): number {
  const [x, z] = toLocal(rect, point);
  return Math.hypot(Math.max(0, Math.abs(x) - rect.width / 2), Math.max(0, Math.abs(z) - rect.depth / 2));
}

/** How deep two rectangles lie in each other, along the axis where it is least; 0 or below when they do not. */
export function overlapDepth(a: Rect, b: Rect): number {
  const ca = corners(a);
  const cb = corners(b);
  let least = Number.POSITIVE_INFINITY;
  for (const turn of [a.turn, b.turn])
    for (const [x, z] of [front(turn), front(turn + Math.PI / 2)] as const) {
      const [a0, a1] = span(ca, x, z);
      const [b0, b1] = span(cb, x, z);
      least = Math.min(least, Math.min(a1, b1) - Math.max(a0, b0));
    }
  return least;
}

function span(points: Polygon, x: number, z: number): [number, number] {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const [px, pz] of points) {
    const along = px * x + pz * z;
    if (along < least) least = along;
    if (along > most) most = along;
  }
  return [least, most];
}

export function contains(polygon: Polygon, [x, z]: FloorPoint): boolean {
  let inside = false;
  for (let n = 0, m = polygon.length - 1; n < polygon.length; m = n, n += 1) {
    const [ax, az] = polygon[n] as FloorPoint;
    const [bx, bz] = polygon[m] as FloorPoint;
    if (az > z !== bz > z && x < ((bx - ax) * (z - az)) / (bz - az) + ax) inside = !inside;
  }
  return inside;
}

/** Whether any part of a line lies within a rectangle. */
export function crosses(rect: Rect, from: FloorPoint, to: FloorPoint): boolean {
  const [ax, az] = toLocal(rect, from);
  const [bx, bz] = toLocal(rect, to);
  let enter = 0;
  let leave = 1;
  for (const [start, way, half] of [
    [ax, bx - ax, rect.width / 2],
    [az, bz - az, rect.depth / 2],
  ] as const) {
    if (Math.abs(way) < 1e-9) {
      if (Math.abs(start) >= half) return false;
      continue;
    }
    const one = (-half - start) / way;
    const two = (half - start) / way;
    enter = Math.max(enter, Math.min(one, two));
    leave = Math.min(leave, Math.max(one, two));
  }
  return enter < leave;
}

/** Whether a polygon and a rectangle share any ground. */
export function touches(polygon: Polygon, rect: Rect): boolean {
  return contains(polygon, rect.at) || edges(polygon).some(([from, to]) => crosses(rect, from, to));
}

/** Whether a rectangle lies wholly within a polygon. */
export function within(polygon: Polygon, rect: Rect): boolean {
  return contains(polygon, rect.at) && !edges(polygon).some(([from, to]) => crosses(rect, from, to));
}

const EDGES = new WeakMap<Polygon, readonly (readonly [FloorPoint, FloorPoint])[]>();

export function edges(polygon: Polygon): readonly (readonly [FloorPoint, FloorPoint])[] {
  const known = EDGES.get(polygon);
  if (known) return known;
  const made = polygon.map((point, n) => [point, polygon[(n + 1) % polygon.length] ?? point] as const);
  EDGES.set(polygon, made);
  return made;
}

/** Above 0 when counter-clockwise. */
export function area(polygon: Polygon): number {
  return edges(polygon).reduce((sum, [[ax, az], [bx, bz]]) => sum + (ax * bz - bx * az) / 2, 0);
}

/** What two convex, counter-clockwise polygons share. */
export function intersect(a: Polygon, b: Polygon): Polygon {
  let rest: FloorPoint[] = [...a];
  for (let n = 0; n < b.length && rest.length > 0; n += 1) {
    const [fx, fz] = b[n] as FloorPoint;
    const [tx, tz] = b[(n + 1) % b.length] as FloorPoint;
    const side = ([x, z]: FloorPoint) => (tx - fx) * (z - fz) - (tz - fz) * (x - fx);
    const next: FloorPoint[] = [];
    for (let m = 0; m < rest.length; m += 1) {
      const p = rest[m] as FloorPoint;
      const q = rest[(m + 1) % rest.length] as FloorPoint;
      const sp = side(p);
      const sq = side(q);
      if (sp >= 0) next.push(p);
      if (sp >= 0 !== sq >= 0) {
        const t = sp / (sp - sq);
        next.push([p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t]);
      }
    }
    rest = next;
  }
  return rest;
}

/** The convex hull, counter-clockwise. */
export function hull(points: Polygon): FloorPoint[] {
  const sorted = points.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (ordered: readonly FloorPoint[]) => {
    const chain: FloorPoint[] = [];
    for (const p of ordered) {
      while (chain.length >= 2) {
        const [ax, az] = chain.at(-2) as FloorPoint;
        const [bx, bz] = chain.at(-1) as FloorPoint;
        if ((bx - ax) * (p[1] - az) - (bz - az) * (p[0] - ax) > 0) break;
        chain.pop();
      }
      chain.push(p);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.toReversed())];
}

import type { FloorPoint } from '../scene/types.ts';
import { columnU, rowT, type View } from './view.ts';

/** Cells of the view that belong together, side by side. */
export function connectedCells({ columns, rows }: View, marked: Uint8Array): number[][] {
  const seen = new Uint8Array(marked.length);
  const regions: number[][] = [];
  for (let seed = 0; seed < marked.length; seed += 1) {
    if (marked[seed] === 0 || seen[seed] === 1) continue;
    seen[seed] = 1;
    const region = [seed];
    for (let n = 0; n < region.length; n += 1) {
      const cell = region[n] as number;
      const column = cell % columns;
      const row = (cell - column) / columns;
      for (const next of [
        column > 0 ? cell - 1 : -1,
        column < columns - 1 ? cell + 1 : -1,
        row > 0 ? cell - columns : -1,
        row < rows - 1 ? cell + columns : -1,
      ]) {
        if (next < 0 || marked[next] === 0 || seen[next] === 1) continue;
        seen[next] = 1;
        region.push(next);
      }
    }
    regions.push(region);
  }
  return regions;
}

/** Area of floor that a cell shows, in squared camera heights. */
export function floorArea(view: View, cell: number): number {
  const t = rowT(view, Math.floor(cell / view.columns));
  return t < 0 ? view.cell ** 2 / -(t ** 3) : 0;
}

export function floorPoint(view: View, cell: number): FloorPoint {
  const column = cell % view.columns;
  return view.upright.toFloor({ u: columnU(view, column), t: rowT(view, (cell - column) / view.columns) });
}

/** The convex hull, counter-clockwise (Andrew's monotone chain). */
export function hullOf(points: readonly FloorPoint[]): FloorPoint[] {
  const sorted = points.toSorted((p, q) => p[0] - q[0] || p[1] - q[1]);
  const half = (ordered: readonly FloorPoint[]) => {
    const chain: FloorPoint[] = [];
    for (const point of ordered) {
      for (let [q, p] = [chain.at(-1), chain.at(-2)]; p && q && turn(p, q, point) <= 0; ) {
        chain.pop();
        [q, p] = [chain.at(-1), chain.at(-2)];
      }
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.toReversed())];
}

function turn(p: FloorPoint, q: FloorPoint, r: FloorPoint): number {
  return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
}

import { View } from './render/view.ts';
import type { FloorPoint, KeepOut, Room } from './scene/types.ts';
import { contains } from './solver/plane.ts';

/** Metres. Floor that is narrower between what bounds it is a way: through a door, along a corridor. */
const WAY = 1.15;
const CELL = 0.1;
/** Smaller ones are corners of a floor that is not square, square metres. */
const AREA_MIN = 0.25;
/** Who steps through needs this much more, metres. */
const STEP = 0.35;

/** The same room, with ways kept free: a doorway whose floor runs on is no place for furniture. */
export function withWays(room: Room): Room {
  const xs = room.floor.map(([x]) => x);
  const zs = room.floor.map(([, z]) => z);
  const left = Math.min(...xs) - WAY;
  const near = Math.min(...zs) - WAY;
  const columns = Math.ceil((Math.max(...xs) + WAY - left) / CELL);
  const rows = Math.ceil((Math.max(...zs) + WAY - near) / CELL);
  const middle = (n: number): FloorPoint => [
    left + ((n % columns) + 0.5) * CELL,
    near + (Math.floor(n / columns) + 0.5) * CELL,
  ];
  const view = new View(room, room.width, room.height);
  const isFloor = new Uint8Array(columns * rows);
  const isOpen = new Uint8Array(columns * rows);
  for (let n = 0; n < isFloor.length; n += 1) {
    const at = middle(n);
    isFloor[n] = contains(room.floor, at) ? 1 : 0;
    isOpen[n] = isFloor[n] === 1 || !isSeen(view, at) ? 1 : 0;
  }
  const wide = reachedBySquares(isOpen, columns, rows, Math.round(WAY / CELL));
  const narrow = isFloor.map((floor, n) => (floor === 1 && wide[n] === 0 ? 1 : 0));
  const ways = components(narrow, columns)
    .filter((cells) => cells.length * CELL * CELL >= AREA_MIN)
    .map((cells): KeepOut => ({ why: 'door', outline: boxAround(cells.map(middle)), confidence: 0.7 }));
  return { ...room, keepOuts: [...room.keepOuts, ...ways] };
}

/** What the photo does not show may go on. */
function isSeen(view: View, [x, z]: FloorPoint): boolean {
  return view.project(x, 0, z) && view.inside();
}

/** Cells that a square of open cells can lie over. */
function reachedBySquares(open: Uint8Array, columns: number, rows: number, size: number): Uint8Array {
  const reached = new Uint8Array(open.length);
  for (let top = 0; top + size <= rows; top += 1)
    for (let left = 0; left + size <= columns; left += 1) {
      let fits = true;
      for (let y = top; fits && y < top + size; y += 1)
        for (let x = left; fits && x < left + size; x += 1) fits = open[y * columns + x] === 1;
      if (!fits) continue;
      for (let y = top; y < top + size; y += 1)
        reached.fill(1, y * columns + left, y * columns + left + size);
    }
  return reached;
}

function components(cells: Uint8Array, columns: number): number[][] {
  const left = Uint8Array.from(cells);
  const found: number[][] = [];
  for (let start = 0; start < left.length; start += 1) {
    if (left[start] === 0) continue;
    const one: number[] = [];
    const open = [start];
    left[start] = 0;
    for (let n = open.pop(); n !== undefined; n = open.pop()) {
      one.push(n);
      // No cell of the floor lies at the border of the grid.
      for (const next of [n - 1, n + 1, n - columns, n + columns]) {
        if (left[next] !== 1) continue;
        left[next] = 0;
        open.push(next);
      }
    }
    found.push(one);
  }
  return found;
}

function boxAround(points: readonly FloorPoint[]): FloorPoint[] {
  const xs = points.map(([x]) => x);
  const zs = points.map(([, z]) => z);
  const [x0, x1] = [Math.min(...xs) - STEP, Math.max(...xs) + STEP];
  const [z0, z1] = [Math.min(...zs) - STEP, Math.max(...zs) + STEP];
  return [
    [x0, z0],
    [x1, z0],
    [x1, z1],
    [x0, z1],
  ];
}

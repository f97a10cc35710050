import type { FloorPoint, Room } from '../scene/types.ts';
import { type Item, isSolid } from './item.ts';
import { contains, distanceTo, edges } from './plane.ts';
import { alongWall, lengthOf } from './walls.ts';
import { isDoor } from './zones.ts';

const CELL = 0.1;
/** Along each side of the grid: a floor that somebody wrote into a layout may be as wide as a field. */
const CELLS_MOST = 400;
/** Half of the width that a walking person needs, metres. */
const HALF_WIDTH = 0.375;
/** How far in front of a door a way begins, metres. */
const THRESHOLD = 0.45;

/**
 * The ways through a room on a grid: from where the photo was taken to each door. Floor between the camera and what is
 * seen of the floor is taken for free.
 */
export class Paths {
  readonly #left: number;
  readonly #near: number;
  /** Metres. */
  readonly #cell: number;
  readonly #columns: number;
  readonly #rows: number;
  /** 1 where one can stand in the empty room. */
  readonly #open: Uint8Array;
  readonly #start: number;
  readonly #goals: readonly number[];

  constructor(room: Room) {
    const xs = [0, ...room.floor.map(([x]) => x)];
    const zs = [0, ...room.floor.map(([, z]) => z)];
    this.#left = Math.min(...xs);
    this.#near = Math.min(...zs);
    const [wide, deep] = [Math.max(...xs) - this.#left, Math.max(...zs) - this.#near];
    this.#cell = Math.max(CELL, wide / CELLS_MOST, deep / CELLS_MOST);
    this.#columns = Math.ceil(wide / this.#cell) + 1;
    this.#rows = Math.ceil(deep / this.#cell) + 1;
    this.#open = this.#openOf(room);
    this.#start = this.#standingNear([0, 0], Number.POSITIVE_INFINITY);
    const reached = this.#flood(this.#open);
    this.#goals = room.openings
      .filter(isDoor)
      .map(({ wall, start, end }) => {
        const line = room.walls[wall];
        return line && lengthOf(line) > 0
          ? this.#standingNear(alongWall(line, (start + end) / 2, THRESHOLD), THRESHOLD)
          : -1;
      })
      // What cannot be reached in the empty room is not closed by furniture.
      .filter((cell) => reached[cell] === 1);
  }

  get cells(): number {
    return this.#open.length;
  }

  /** Whether one still gets from the camera to every door. */
  areOpen(items: readonly Item[]): boolean {
    if (this.#goals.length === 0) return true;
    const open = this.#open.slice();
    for (const { rect } of items.filter(isSolid)) {
      const reach = Math.hypot(rect.width, rect.depth) / 2 + HALF_WIDTH;
      const [fromX, toX] = this.#range(rect.at[0] - this.#left, reach, this.#columns);
      const [fromZ, toZ] = this.#range(rect.at[1] - this.#near, reach, this.#rows);
      for (let row = fromZ; row < toZ; row += 1)
        for (let column = fromX; column < toX; column += 1)
          if (distanceTo(rect, this.#point(row * this.#columns + column)) < HALF_WIDTH)
            open[row * this.#columns + column] = 0;
    }
    const reached = this.#flood(open);
    return this.#goals.every((goal) => reached[goal] === 1);
  }

  #range(middle: number, reach: number, count: number): [number, number] {
    return [
      Math.max(0, Math.floor((middle - reach) / this.#cell)),
      Math.min(count, Math.ceil((middle + reach) / this.#cell) + 1),
    ];
  }

  #point(cell: number): FloorPoint {
    const [column, row] = [cell % this.#columns, Math.floor(cell / this.#columns)];
    return [this.#left + column * this.#cell, this.#near + row * this.#cell];
  }

  /** The open cell that is nearest to a point; -1 when none is within reach. */
  #standingNear([x, z]: FloorPoint, reach: number): number {
    let best = -1;
    let least = reach;
    for (let cell = 0; cell < this.#open.length; cell += 1) {
      if (this.#open[cell] === 0) continue;
      const [px, pz] = this.#point(cell);
      const far = Math.hypot(px - x, pz - z);
      if (far < least) {
        least = far;
        best = cell;
      }
    }
    return best;
  }

  #openOf(room: Room): Uint8Array {
    const open = new Uint8Array(this.#columns * this.#rows);
    for (let cell = 0; cell < open.length; cell += 1) {
      const point = this.#point(cell);
      const known = contains(room.floor, point) || inFrontOf(room.floor, point);
      if (
        known &&
        !room.walls.some((wall) => nearLine(point, wall.from, wall.to) < HALF_WIDTH - this.#cell / 2)
      )
        open[cell] = 1;
    }
    return open;
  }

  #flood(open: Uint8Array): Uint8Array {
    const reached = new Uint8Array(open.length);
    const queue = new Int32Array(open.length);
    if (open[this.#start] !== 1) return reached;
    let filled = 1;
    queue[0] = this.#start;
    reached[this.#start] = 1;
    for (let next = 0; next < filled; next += 1) {
      const cell = queue[next] as number;
      const column = cell % this.#columns;
      for (const [step, inside] of [
        [-1, column > 0],
        [1, column < this.#columns - 1],
        [-this.#columns, true],
        [this.#columns, true],
      ] as const) {
        const to = cell + step;
        if (!inside || open[to] !== 1 || reached[to] === 1) continue;
        reached[to] = 1;
        queue[filled] = to;
        filled += 1;
      }
    }
    return reached;
  }
}

/** Whether the camera looks over a point to floor that it sees. */
function inFrontOf(floor: Room['floor'], [x, z]: FloorPoint): boolean {
  const far = Math.hypot(x, z);
  if (far < 1e-6) return true;
  return edges(floor).some(([[ax, az], [bx, bz]]) => {
    const wx = bx - ax;
    const wz = bz - az;
    const cross = x * wz - z * wx;
    if (Math.abs(cross) < 1e-12) return false;
    // The ray from the camera through the point meets the edge `times` as far away, `share` along it.
    const times = (ax * wz - az * wx) / cross;
    const share = (ax * z - az * x) / cross;
    return times >= 1 && share >= 0 && share <= 1;
  });
}

function nearLine([x, z]: FloorPoint, [ax, az]: FloorPoint, [bx, bz]: FloorPoint): number {
  const wx = bx - ax;
  const wz = bz - az;
  const squared = wx * wx + wz * wz || 1;
  const t = Math.min(1, Math.max(0, ((x - ax) * wx + (z - az) * wz) / squared));
  return Math.hypot(x - ax - t * wx, z - az - t * wz);
}

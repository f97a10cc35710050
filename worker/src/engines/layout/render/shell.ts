import type { FloorPoint, Room } from '../scene/types.ts';

/** Surfaces of the room as a ray finds them; a wall n of the room is `WALL + n`. */
export const FLOOR = 0;
export const CEILING = 1;
/** What stands where no wall is known. */
export const BEYOND = 2;
export const WALL = 3;

/** Metres that the room goes on behind the camera and beside it, where nothing is known. */
const BEHIND = 2.5;
const BESIDE = 1;
/** The box lies this far behind the walls, so that a ray ends at a wall where there is one. */
const OUTSIDE = 0.05;

interface Plane {
  readonly x: number;
  readonly z: number;
  /** Along the foot. */
  readonly dx: number;
  readonly dz: number;
  readonly length: number;
  /** Into the room. */
  readonly nx: number;
  readonly nz: number;
  readonly height: number;
}

/** The room as floor, ceiling, the known walls and a box about them all: a ray always ends. */
export class Shell {
  readonly walls: readonly Plane[];
  readonly height: number;
  /** Least x, most x, least z, most z of the box, metres. */
  readonly box: readonly [number, number, number, number];
  /** Of the last `hit`. */
  t = 0;
  surface = FLOOR;
  nx = 0;
  ny = 1;
  nz = 0;

  constructor(room: Room) {
    this.walls = room.walls.map(({ from, to, height }) => plane(from, to, height));
    const points = [...room.floor, ...room.walls.flatMap(({ from, to }) => [from, to])];
    const xs = points.map(([x]) => x);
    const zs = points.map(([, z]) => z);
    this.box = [
      Math.min(-BESIDE, ...xs) - OUTSIDE,
      Math.max(BESIDE, ...xs) + OUTSIDE,
      Math.min(-BEHIND, ...zs) - OUTSIDE,
      Math.max(2, ...zs) + OUTSIDE,
    ];
    this.height = Math.max(room.cameraHeight + 0.3, ...room.walls.map(({ height }) => height));
  }

  /** Where a ray from inside of the room ends; no number of the direction is 0. @returns metres in its lengths */
  hit(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number): number {
    const box = this.box;
    const across = ((dx > 0 ? box[1] : box[0]) - ox) / dx;
    const along = ((dz > 0 ? box[3] : box[2]) - oz) / dz;
    const level = ((dy > 0 ? this.height : 0) - oy) / dy;
    let t = Math.min(across, along);
    this.surface = BEYOND;
    this.ny = 0;
    this.nx = across < along ? -Math.sign(dx) : 0;
    this.nz = across < along ? 0 : -Math.sign(dz);
    if (level < t) {
      t = level;
      this.surface = dy > 0 ? CEILING : FLOOR;
      this.nx = 0;
      this.nz = 0;
      this.ny = dy > 0 ? -1 : 1;
    }
    for (let n = 0; n < this.walls.length; n += 1) {
      const wall = this.walls[n] as Plane;
      const facing = dx * wall.nx + dz * wall.nz;
      if (facing >= 0) continue;
      const far = ((wall.x - ox) * wall.nx + (wall.z - oz) * wall.nz) / facing;
      if (far <= 1e-6 || far >= t) continue;
      const place = (ox + far * dx - wall.x) * wall.dx + (oz + far * dz - wall.z) * wall.dz;
      if (place < 0 || place > wall.length || oy + far * dy > wall.height) continue;
      t = far;
      this.surface = WALL + n;
      this.nx = wall.nx;
      this.ny = 0;
      this.nz = wall.nz;
    }
    this.t = Math.max(t, 0);
    return this.t;
  }
}

function plane([x, z]: FloorPoint, to: FloorPoint, height: number): Plane {
  // A wall of no length has no side, and no ray meets it.
  const length = Math.hypot(to[0] - x, to[1] - z) || 1;
  const [dx, dz] = [(to[0] - x) / length, (to[1] - z) / length];
  return { x, z, dx, dz, length, nx: -dz, nz: dx, height };
}

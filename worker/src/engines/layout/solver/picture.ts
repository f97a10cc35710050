import { axesOf, type Vec3 } from '../geometry/camera.ts';
import type { FloorPoint, Opening, Placed, Room } from '../scene/types.ts';
import { area, corners, hull, intersect, type Polygon } from './plane.ts';
import { alongWall } from './walls.ts';

/** Metres in front of the camera from which on things are seen at all. */
const NEAR = 0.15;

/** Where things of the room appear in its photo. Outlines are pixels, counter-clockwise with y taken for up. */
export class Picture {
  readonly frame: Polygon;
  readonly #room: Room;
  readonly #axes: ReturnType<typeof axesOf>;

  constructor(room: Room) {
    this.#room = room;
    this.#axes = axesOf(room);
    this.frame = [
      [0, 0],
      [room.width, 0],
      [room.width, room.height],
      [0, room.height],
    ];
  }

  /** @returns undefined for what lies beside or behind the camera */
  project([x, y, z]: Vec3): FloorPoint | undefined {
    const { a, b, up } = this.#axes;
    const rise = y - this.#room.cameraHeight;
    const deep = x * b[2] + rise * up[2] + z * a[2];
    if (deep < NEAR) return undefined;
    const scale = this.#room.focal / deep;
    return [
      this.#room.cx + scale * (x * b[0] + rise * up[0] + z * a[0]),
      this.#room.cy + scale * (x * b[1] + rise * up[1] + z * a[1]),
    ];
  }

  /** What a piece's box covers; undefined when any of it lies beside or behind the camera. */
  outline({ at, turn, size, lift }: Placed): Polygon | undefined {
    const foot = corners({ at, turn, width: size[0], depth: size[1] });
    const points: FloorPoint[] = [];
    for (const [x, z] of foot)
      for (const y of [lift, lift + size[2]]) {
        const point = this.project([x, y, z]);
        if (!point) return undefined;
        points.push(point);
      }
    return hull(points);
  }

  /** What an opening covers; undefined when any of it lies beside or behind the camera. */
  opening({ wall, start, end, bottom, top }: Opening): Polygon | undefined {
    const line = this.#room.walls[wall];
    if (!line) return undefined;
    const points: FloorPoint[] = [];
    for (const along of [start, end])
      for (const y of [bottom, top]) {
        const [x, z] = alongWall(line, along, 0);
        const point = this.project([x, y, z]);
        if (!point) return undefined;
        points.push(point);
      }
    return hull(points);
  }

  /** Share of an outline that is in the photo, 0 to 1. */
  shareIn(outline: Polygon): number {
    const whole = area(outline);
    return whole <= 0 ? 0 : area(intersect(outline, this.frame)) / whole;
  }
}

/** Share of `what` that `by` covers, 0 to 1. */
export function covered(what: Polygon, by: Polygon): number {
  const whole = area(what);
  return whole <= 0 ? 0 : area(intersect(what, by)) / whole;
}

import { axesOf } from '../geometry/camera.ts';
import type { Room } from '../scene/types.ts';
import { steer } from './kernel/kernel.ts';

/** Nearer than this nothing is projected, metres. */
const NEAR = 0.05;

/** Left, top, right and bottom pixel; the last two lie outside. */
export type Frame = readonly [left: number, top: number, right: number, bottom: number];

/** The camera of a photo in the room's coordinates. Pixels are those of the photo, origin at the corner of the first. */
export class View {
  readonly width: number;
  readonly height: number;
  /** Pixels. */
  readonly focal: number;
  /** Where the camera stands: above the origin. */
  readonly eye: number;
  /** Direction of the last `aim`, of length one; z is never 0 nor are x and y. */
  x = 0;
  y = 0;
  z = 1;
  /** Pixel of the last `project`, and metres along the line of sight's middle. */
  u = 0;
  v = 0;
  depth = 0;
  readonly #cx: number;
  readonly #cy: number;
  /** The room's axes x, y, z in the frame of the camera. */
  readonly #rows: Float64Array;

  constructor(room: Room, width: number, height: number) {
    const scale = width / room.width;
    const { a, b, up } = axesOf(room);
    this.width = width;
    this.height = height;
    this.focal = room.focal * scale;
    this.eye = room.cameraHeight;
    this.#cx = room.cx * scale;
    this.#cy = room.cy * scale;
    this.#rows = Float64Array.of(...b, ...up, ...a);
  }

  /** Looks through a place in the picture. */
  aim(u: number, v: number): void {
    const m = this.#rows;
    const dx = (u - this.#cx) / this.focal;
    const dy = (v - this.#cy) / this.focal;
    const scale = 1 / Math.sqrt(dx * dx + dy * dy + 1);
    this.x = steer(scale * (at(m, 0) * dx + at(m, 1) * dy + at(m, 2)));
    this.y = steer(scale * (at(m, 3) * dx + at(m, 4) * dy + at(m, 5)));
    this.z = steer(scale * (at(m, 6) * dx + at(m, 7) * dy + at(m, 8)));
  }

  /** @returns whether the point lies before the camera; then `u`, `v` and `depth` are its own */
  project(x: number, y: number, z: number): boolean {
    const m = this.#rows;
    const h = y - this.eye;
    const cz = at(m, 2) * x + at(m, 5) * h + at(m, 8) * z;
    if (cz < NEAR) return false;
    const cx = at(m, 0) * x + at(m, 3) * h + at(m, 6) * z;
    const cy = at(m, 1) * x + at(m, 4) * h + at(m, 7) * z;
    this.u = this.#cx + (this.focal * cx) / cz;
    this.v = this.#cy + (this.focal * cy) / cz;
    this.depth = cz;
    return true;
  }

  /** Whether the last projection lies in the picture. */
  inside(): boolean {
    return this.u >= 0 && this.v >= 0 && this.u < this.width && this.v < this.height;
  }
}

function at(matrix: Float64Array, index: number): number {
  return matrix[index] as number;
}

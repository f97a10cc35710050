import { axesOf, type Camera, type Vec3 } from '../geometry/camera.ts';
import type { FloorPoint } from '../scene/types.ts';

/**
 * A place in the photo as a level camera would see it: `u` to the right and `t` up, as tangents from straight ahead.
 * The horizon is t = 0, upright edges have one `u`, and what stands on the floor at `u` stands on a straight line.
 */
export interface Spot {
  readonly u: number;
  readonly t: number;
}

/** A point in pixels of the photo; origin top left, y down. */
export type Pixel = readonly [x: number, y: number];

const BEHIND = 1e-3;

/** Changes between pixels, the upright view, and the floor. Lengths are camera heights. */
export class Upright {
  readonly camera: Camera;
  readonly #ahead: Vec3;
  readonly #right: Vec3;
  readonly #up: Vec3;
  readonly #sin: number;
  readonly #cos: number;

  constructor(camera: Camera) {
    const { a, b, up } = axesOf(camera);
    this.camera = camera;
    this.#sin = Math.sin(camera.yaw);
    this.#cos = Math.cos(camera.yaw);
    this.#ahead = mix(a, this.#cos, b, this.#sin);
    this.#right = mix(b, this.#cos, a, -this.#sin);
    this.#up = up;
  }

  /** @returns undefined for what lies beside or behind the camera */
  fromPixel(x: number, y: number): Spot | undefined {
    const ray: Vec3 = [x - this.camera.cx, y - this.camera.cy, this.camera.focal];
    const ahead = dot(ray, this.#ahead);
    if (ahead < BEHIND * this.camera.focal) return undefined;
    return { u: dot(ray, this.#right) / ahead, t: dot(ray, this.#up) / ahead };
  }

  /** @returns undefined for what lies beside or behind the picture plane */
  toPixel({ u, t }: Spot): Pixel | undefined {
    const ray = mix(this.#ahead, 1, mix(this.#right, u, this.#up, t), 1);
    if (ray[2] < BEHIND) return undefined;
    const { focal, cx, cy } = this.camera;
    return [cx + (focal * ray[0]) / ray[2], cy + (focal * ray[1]) / ray[2]];
  }

  /** @param spot below the horizon */
  toFloor({ u, t }: Spot): FloorPoint {
    const ahead = -1 / t;
    const right = u * ahead;
    return [ahead * this.#sin + right * this.#cos, ahead * this.#cos - right * this.#sin];
  }

  /** @param height above the floor */
  fromFloor([x, z]: FloorPoint, height = 0): Spot | undefined {
    const ahead = x * this.#sin + z * this.#cos;
    if (ahead < BEHIND) return undefined;
    return { u: (x * this.#cos - z * this.#sin) / ahead, t: (height - 1) / ahead };
  }

  /**
   * How far a wall is, seen along `u`: (p + q u) times the inverse of its distance is the tangent down to its foot.
   * @param axis 0 for a wall along axis `a`, 1 along `b`
   */
  normal(axis: 0 | 1): readonly [p: number, q: number] {
    return axis === 0 ? [this.#sin, this.#cos] : [this.#cos, -this.#sin];
  }
}

function dot(p: Vec3, q: Vec3): number {
  return p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
}

function mix(p: Vec3, s: number, q: Vec3, r: number): Vec3 {
  return [p[0] * s + q[0] * r, p[1] * s + q[1] * r, p[2] * s + q[2] * r];
}

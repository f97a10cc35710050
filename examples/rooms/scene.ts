import type { Material } from './materials.ts';
import type { Vec } from './vec.ts';

export interface Box {
  readonly min: Vec;
  readonly max: Vec;
  readonly material: Material;
}

/** A hole in a wall through which daylight comes. */
export interface Portal {
  readonly corner: Vec;
  readonly sideA: Vec;
  readonly sideB: Vec;
  /** Into the room. */
  readonly normal: Vec;
}

/** A sloping ceiling: all of the room is on the side of `normal`. */
export interface Slope {
  readonly point: Vec;
  readonly normal: Vec;
  readonly material: Material;
  /** Range of y that it covers. */
  readonly extent: readonly [number, number];
  /** Holes of roof windows, by their range of y and of z. */
  readonly holes: readonly { readonly y: readonly [number, number]; readonly z: readonly [number, number] }[];
}

export interface Sky {
  /** Towards the sun; null on a grey day. */
  readonly sun: Vec | null;
  readonly sunStrength: number;
  readonly strength: number;
}

export interface Scene {
  readonly boxes: readonly Box[];
  readonly slopes: readonly Slope[];
  readonly portals: readonly Portal[];
  readonly sky: Sky;
}

export interface Hit {
  t: number;
  normal: Vec;
  material: Material;
}

/** Boxes as numbers in a row: the loop over them is where the time goes. */
export interface Tracer {
  /** Nearest surface before `limit`, or null for the open air. */
  hit(origin: Vec, direction: Vec, limit: number): Hit | null;
  blocked(origin: Vec, direction: Vec, limit: number): boolean;
}

const NEAR = 1e-4;

export function createTracer(scene: Scene): Tracer {
  const count = scene.boxes.length;
  const bounds = new Float64Array(count * 6);
  scene.boxes.forEach(({ min, max }, i) => {
    bounds.set([...min, ...max], i * 6);
  });
  let axis = 0;

  function nearest(o: Vec, d: Vec, limit: number, any: boolean): number {
    const ix = 1 / (d[0] || 1e-12);
    const iy = 1 / (d[1] || 1e-12);
    const iz = 1 / (d[2] || 1e-12);
    let best = limit;
    let found = -1;
    for (let i = 0, b = 0; i < count; i += 1, b += 6) {
      // Six numbers a box: the indices are inside by construction.
      let t0 = ((bounds[b] as number) - o[0]) * ix;
      let t1 = ((bounds[b + 3] as number) - o[0]) * ix;
      let near = t0 < t1 ? t0 : t1;
      let far = t0 < t1 ? t1 : t0;
      let side = 0;
      t0 = ((bounds[b + 1] as number) - o[1]) * iy;
      t1 = ((bounds[b + 4] as number) - o[1]) * iy;
      const nearY = t0 < t1 ? t0 : t1;
      const farY = t0 < t1 ? t1 : t0;
      if (nearY > near) {
        near = nearY;
        side = 1;
      }
      if (farY < far) far = farY;
      if (near > far) continue;
      t0 = ((bounds[b + 2] as number) - o[2]) * iz;
      t1 = ((bounds[b + 5] as number) - o[2]) * iz;
      const nearZ = t0 < t1 ? t0 : t1;
      const farZ = t0 < t1 ? t1 : t0;
      if (nearZ > near) {
        near = nearZ;
        side = 2;
      }
      if (farZ < far) far = farZ;
      if (near > far || near < NEAR || near >= best) continue;
      best = near;
      found = i;
      axis = side;
      if (any) return found;
    }
    lastT = best;
    return found;
  }
  let lastT = 0;

  /** The nearest crossing of a slope; through a roof window it leads into the open. */
  function slope(o: Vec, d: Vec, limit: number): { t: number; slope: Slope; open: boolean } | null {
    let result: { t: number; slope: Slope; open: boolean } | null = null;
    let best = limit;
    for (const one of scene.slopes) {
      const { point, normal, holes, extent } = one;
      const facing = d[0] * normal[0] + d[1] * normal[1] + d[2] * normal[2];
      if (facing >= 0) continue;
      const t =
        ((point[0] - o[0]) * normal[0] + (point[1] - o[1]) * normal[1] + (point[2] - o[2]) * normal[2]) /
        facing;
      const y = o[1] + d[1] * t;
      const z = o[2] + d[2] * t;
      if (t < NEAR || t >= best || y < extent[0] || y > extent[1]) continue;
      best = t;
      const open = holes.some((hole) => y > hole.y[0] && y < hole.y[1] && z > hole.z[0] && z < hole.z[1]);
      result = { t, slope: one, open };
    }
    return result;
  }

  return {
    hit(o, d, limit) {
      const sloped = slope(o, d, limit);
      const index = nearest(o, d, sloped?.t ?? limit, false);
      const box = scene.boxes[index];
      if (!box) {
        return sloped && !sloped.open
          ? { t: sloped.t, normal: sloped.slope.normal, material: sloped.slope.material }
          : null;
      }
      const sign = (d[axis] ?? 0) > 0 ? -1 : 1;
      const normal: Vec = [axis === 0 ? sign : 0, axis === 1 ? sign : 0, axis === 2 ? sign : 0];
      return { t: lastT, normal, material: box.material };
    },
    blocked(o, d, limit) {
      const sloped = slope(o, d, limit);
      return nearest(o, d, sloped?.t ?? limit, true) >= 0 || (sloped !== null && !sloped.open);
    },
  };
}

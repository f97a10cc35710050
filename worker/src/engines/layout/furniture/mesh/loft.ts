import type { Vec3 } from '../../geometry/camera.ts';
import { add, at, cross, dot, type Part, scale, size, steps, subtract, unit } from './part.ts';

const middle = (ring: readonly Vec3[]): Vec3 =>
  scale(
    ring.reduce((sum, point) => add(sum, point), [0, 0, 0]),
    1 / ring.length,
  );

/** Skin over rings of equally many points, closed at both ends; u runs from ring to ring. */
export function loft(rings: readonly (readonly Vec3[])[], ends: 'closed' | 'joined' = 'closed'): Part {
  const part: Part = { positions: [], uvs: [], triangles: [] };
  const count = at(rings, 0).length;
  const all = ends === 'joined' ? [...rings, at(rings, 0)] : rings;
  let u = 0;
  for (const [n, ring] of all.entries()) {
    const before = all[n - 1];
    if (before) u += size(subtract(middle(ring), middle(before))) + 0.5 * spread(ring, before);
    let v = 0;
    for (let k = 0; k <= count; k += 1) {
      const point = at(ring, k % count);
      if (k > 0) v += size(subtract(point, at(ring, k - 1)));
      part.positions.push(point);
      part.uvs.push([u, v]);
    }
  }
  const width = count + 1;
  for (let r = 0; r + 1 < all.length; r += 1)
    for (let k = 0; k < count; k += 1) {
      const [p, q] = [r * width + k, (r + 1) * width + k];
      part.triangles.push([p, q, q + 1], [p, q + 1, p + 1]);
    }
  if (ends === 'closed') {
    cap(part, at(all, 0), true);
    cap(part, at(all, all.length - 1), false);
  }
  return part;
}

/** How much wider one ring is than another. */
function spread(ring: readonly Vec3[], before: readonly Vec3[]): number {
  const reach = (points: readonly Vec3[]) => size(subtract(at(points, 0), middle(points)));
  return Math.abs(reach(ring) - reach(before));
}

function cap(part: Part, ring: readonly Vec3[], start: boolean): void {
  const centre = middle(ring);
  const first = part.positions.length;
  const origin = at(ring, 0);
  const along = unit(subtract(at(ring, Math.floor(ring.length / 4)), at(ring, 0)));
  const across = unit(
    cross(along, cross(along, subtract(at(ring, Math.floor(ring.length / 2)), at(ring, 0)))),
  );
  for (const point of [centre, ...ring]) {
    part.positions.push(point);
    part.uvs.push([dot(subtract(point, origin), along), dot(subtract(point, origin), across)]);
  }
  for (let k = 0; k < ring.length; k += 1) {
    const [p, q] = [first + 1 + k, first + 1 + ((k + 1) % ring.length)];
    part.triangles.push(start ? [first, p, q] : [first, q, p]);
  }
}

export function circle(radius: number, count: number, level = 0): Vec3[] {
  return Array.from({ length: count }, (_, n): Vec3 => {
    const angle = (2 * Math.PI * n) / count;
    return [radius * Math.cos(angle), level, radius * Math.sin(angle)];
  });
}

/** A rectangle with round corners as a ring: `corner` points each. */
export function rectangle(x: number, z: number, round: number, corner = 3, level = 0): Vec3[] {
  const r = Math.min(round, x / 2, z / 2);
  return [
    [x / 2 - r, z / 2 - r, 0],
    [r - x / 2, z / 2 - r, 1],
    [r - x / 2, r - z / 2, 2],
    [x / 2 - r, r - z / 2, 3],
  ].flatMap(([cx = 0, cz = 0, quarter = 0]) =>
    steps(0, Math.PI / 2, Math.max(1, corner - 1)).map((angle): Vec3 => {
      const whole = angle + (quarter * Math.PI) / 2;
      return [cx + r * Math.cos(whole), level, cz + r * Math.sin(whole)];
    }),
  );
}

/** Turned on a lathe about the y axis. The profile is (radius, height); radius 0 closes it. */
export function lathe(profile: readonly (readonly [number, number])[], count = 24): Part {
  return loft(profile.map(([radius, level]) => circle(Math.max(1e-6, radius), count, level)));
}

/** A plate of any convex outline (a ring in x and z) with round edges, from y = 0 to `thick`. */
export function plate(ring: readonly Vec3[], thick: number, round = 0.004, bevel = 3): Part {
  const r = Math.min(round, thick / 2);
  const centre = middle(ring);
  const inset = (by: number, level: number) =>
    ring.map((point): Vec3 => {
      const out = [point[0] - centre[0], 0, point[2] - centre[2]] as const;
      const kept = Math.max(0, 1 - by / Math.max(by, size(out)));
      return [centre[0] + out[0] * kept, level, centre[2] + out[2] * kept];
    });
  const quarter = steps(0, Math.PI / 2, bevel);
  const part = loft([
    ...quarter.map((angle) => inset(r * (1 - Math.sin(angle)), r * (1 - Math.cos(angle)))),
    ...quarter.map((angle) => inset(r * (1 - Math.cos(angle)), thick - r * (1 - Math.sin(angle)))),
  ]);
  // The grain runs through top and edges alike.
  return { ...part, uvs: part.positions.map(([x, y, z]) => [x, z + y]) };
}

export interface TubeOptions {
  readonly sides?: number;
  readonly closed?: boolean;
  /** Radius at a share of the way, as a factor. */
  readonly taper?: (share: number) => number;
  /** Across: height by width, 1 is round. */
  readonly flat?: number;
}

/** A round bar along a line; its ends are rounded. */
export function tube(path: readonly Vec3[], radius: number, options: TubeOptions = {}): Part {
  const { sides = 8, closed = false, taper = () => 1, flat = 1 } = options;
  const last = path.length - 1;
  const along = (n: number): Vec3 => {
    const before = closed ? at(path, (n + last) % (last + 1)) : at(path, Math.max(0, n - 1));
    const after = closed ? at(path, (n + 1) % (last + 1)) : at(path, Math.min(last, n + 1));
    return unit(subtract(after, before));
  };
  const start = along(0);
  let side = unit(cross(Math.abs(start[1]) > 0.9 ? [1, 0, 0] : [0, 1, 0], start));
  const ring = (n: number, far: number, shrink: number) => {
    const way = along(n);
    side = unit(subtract(side, scale(way, dot(side, way))));
    const other = cross(way, side);
    const r = radius * taper(n / last) * shrink;
    const centre = add(at(path, n), scale(way, far * radius * taper(n / last)));
    return Array.from({ length: sides }, (_, k) => {
      const angle = (2 * Math.PI * k) / sides;
      return add(centre, add(scale(side, r * Math.cos(angle)), scale(other, r * flat * Math.sin(angle))));
    });
  };
  if (closed)
    return loft(
      path.map((_, n) => ring(n, 0, 1)),
      'joined',
    );
  return loft([
    ring(0, -0.6, 0.15),
    ring(0, -0.45, 0.7),
    ...path.map((_, n) => ring(n, 0, 1)),
    ring(last, 0.45, 0.7),
    ring(last, 0.6, 0.15),
  ]);
}

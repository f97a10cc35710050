import type { Vec3 } from '../../geometry/camera.ts';
import { add, at, cross, dot, type Part, scale, steps, subtract, unit } from './part.ts';

/**
 * A sheet of some thickness, closed round its rim: cloth, leaves, bent plywood.
 *
 * @param surface place of its middle at u and v, each 0 to 1
 * @param thick metres, at u and v
 */
export function shell(
  surface: (u: number, v: number) => Vec3,
  [across, along]: readonly [number, number],
  thick: (u: number, v: number) => number,
): Part {
  const part: Part = { positions: [], uvs: [], triangles: [] };
  const width = across + 1;
  const index = (r: number, c: number) => r * width + c;
  const lengths = { u: reach(surface, 'u'), v: reach(surface, 'v') };
  const grid = steps(0, 1, along).flatMap((v) => steps(0, 1, across).map((u) => [u, v] as const));
  const frame = grid.map(([u, v]) => {
    const [u0, u1, v0, v1] = [
      Math.max(0, u - 0.01),
      Math.min(1, u + 0.01),
      Math.max(0, v - 0.01),
      Math.min(1, v + 0.01),
    ];
    const du = subtract(surface(u1, v), surface(u0, v));
    const dv = subtract(surface(u, v1), surface(u, v0));
    return { place: surface(u, v), du: unit(du), dv: unit(dv), out: unit(cross(dv, du)) };
  });
  for (const side of [1, -1])
    for (const [n, [u, v]] of grid.entries()) {
      const { place, out } = at(frame, n);
      part.positions.push(add(place, scale(out, (side * thick(u, v)) / 2)));
      part.uvs.push([v * lengths.v, u * lengths.u]);
    }
  const under = grid.length;
  for (let r = 0; r < along; r += 1)
    for (let c = 0; c < across; c += 1) {
      const [a, b, d, e] = [index(r, c), index(r, c + 1), index(r + 1, c), index(r + 1, c + 1)];
      part.triangles.push(
        [a, d, e],
        [a, e, b],
        [under + a, under + e, under + d],
        [under + a, under + b, under + e],
      );
    }
  const rim = [
    ...steps(0, across - 1, across - 1).map((c) => index(0, c)),
    ...steps(0, along - 1, along - 1).map((r) => index(r, across)),
    ...steps(across, 1, across - 1).map((c) => index(along, c)),
    ...steps(along, 1, along - 1).map((r) => index(r, 0)),
  ];
  const edge = part.positions.length;
  for (const n of rim) {
    const [u, v] = at(grid, n);
    const { place, du, dv } = at(frame, n);
    // Square to the rim, which may run askew.
    const lean = dot(du, dv);
    const [eu, ev] = [subtract(du, scale(dv, lean)), subtract(dv, scale(du, lean))];
    const out = add(scale(eu, u === 0 ? -1 : u === 1 ? 1 : 0), scale(ev, v === 0 ? -1 : v === 1 ? 1 : 0));
    part.positions.push(add(place, scale(unit(out), thick(u, v) / 2)));
    part.uvs.push([v * lengths.v, u * lengths.u]);
  }
  for (const [k, n] of rim.entries()) {
    const next = (k + 1) % rim.length;
    const m = at(rim, next);
    part.triangles.push([n, m, edge + next], [n, edge + next, edge + k]);
    part.triangles.push([edge + k, edge + next, under + m], [edge + k, under + m, under + n]);
  }
  return part;
}

function reach(surface: (u: number, v: number) => Vec3, along: 'u' | 'v'): number {
  const points = steps(0, 1, 8).map((t) => (along === 'u' ? surface(t, 0.5) : surface(0.5, t)));
  return points.slice(1).reduce((sum, point, n) => {
    const [x, y, z] = subtract(point, at(points, n));
    return sum + Math.sqrt(x * x + y * y + z * z);
  }, 0);
}

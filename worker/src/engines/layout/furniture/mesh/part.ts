import type { Vec3 } from '../../geometry/camera.ts';

/** A closed surface on its way to a mesh: x, y (up), z in metres, nothing hidden, normals not yet made. */
export interface Part {
  readonly positions: Vec3[];
  /** Metres along the surface; u runs along the grain. */
  readonly uvs: [number, number][];
  readonly triangles: [number, number, number][];
}

export type Warp = (at: Vec3) => Vec3;

export const add = (a: Vec3, b: Vec3): Vec3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const subtract = (a: Vec3, b: Vec3): Vec3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const scale = (a: Vec3, by: number): Vec3 => [a[0] * by, a[1] * by, a[2] * by];
export const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
export const size = (a: Vec3): number => Math.sqrt(dot(a, a));
export const unit = (a: Vec3): Vec3 => scale(a, 1 / Math.max(1e-12, size(a)));
export const mix = (a: Vec3, b: Vec3, t: number): Vec3 => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
  a[2] + (b[2] - a[2]) * t,
];

/** The element of a list that is known to be there. */
export function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`there is no element ${index} of ${list.length}`);
  return found;
}

/** `count + 1` numbers from `from` to `to`. */
export const steps = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count + 1 }, (_, n) => from + ((to - from) * n) / Math.max(1, count));

export function warp(part: Part, by: Warp): Part {
  return { ...part, positions: part.positions.map(by) };
}

export const move = (part: Part, x: number, y: number, z: number): Part =>
  warp(part, (p) => [p[0] + x, p[1] + y, p[2] + z]);

/** Turns about an axis through the origin; from y to z, from z to x, from x to y. */
export function turn(part: Part, axis: 'x' | 'y' | 'z', angle: number): Part {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  if (axis === 'x') return warp(part, ([x, y, z]) => [x, y * c - z * s, y * s + z * c]);
  if (axis === 'y') return warp(part, ([x, y, z]) => [x * c + z * s, y, z * c - x * s]);
  return warp(part, ([x, y, z]) => [x * c - y * s, x * s + y * c, z]);
}

/** Another board of the same wood: the pattern begins elsewhere. */
export function shift(part: Part, u: number, v: number): Part {
  return { ...part, uvs: part.uvs.map(([a, b]) => [a + u, b + v]) };
}

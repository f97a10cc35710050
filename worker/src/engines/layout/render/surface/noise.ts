/** Smooth noise of the plane: the same everywhere, for one grain a unit. */

/** Slope of the last `noise`. */
export const slope = { x: 0, y: 0 };

/** From -1 to 1. @param seed an integer: another seed, another field */
export function noise(x: number, y: number, seed: number): number {
  const fx = Math.floor(x);
  const fy = Math.floor(y);
  const u = x - fx;
  const v = y - fy;
  const a = lattice(fx, fy, seed);
  const b = lattice(fx + 1, fy, seed);
  const c = lattice(fx, fy + 1, seed);
  const d = lattice(fx + 1, fy + 1, seed);
  const su = u * u * u * (u * (6 * u - 15) + 10);
  const sv = v * v * v * (v * (6 * v - 15) + 10);
  const k = a - b - c + d;
  slope.x = 30 * u * u * (u - 1) * (u - 1) * (b - a + k * sv);
  slope.y = 30 * v * v * (v - 1) * (v - 1) * (c - a + k * su);
  return a + (b - a) * su + (c - a) * sv + k * su * sv;
}

/** Three grains, each half as large as the last. */
export function cloud(x: number, y: number, seed: number): number {
  return (
    0.57 * noise(x, y, seed) +
    0.29 * noise(2.03 * x, 2.03 * y, seed + 1) +
    0.14 * noise(4.1 * x, 4.1 * y, seed + 2)
  );
}

/** From 0 to 1. */
export function speck(x: number, y: number, seed: number): number {
  return 0.5 + 0.5 * lattice(x, y, seed);
}

function lattice(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(seed, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h ^= h >>> 13;
  return h / 2147483648;
}

export function smooth(from: number, to: number, x: number): number {
  const t = Math.min(1, Math.max(0, (x - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

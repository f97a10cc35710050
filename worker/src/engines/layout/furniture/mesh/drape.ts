import type { Vec3 } from '../../geometry/camera.ts';
import { noise } from './random.ts';

export interface Drape {
  /** Half the width and half the length of what it lies on, and the height of its top. */
  readonly x: number;
  readonly z: number;
  readonly top: number;
  /** Radius over the edge. */
  readonly round: number;
  /** How far the cloth stands off what it lies on. */
  readonly off: number;
  readonly seed: number;
  /** Height of the hills on top and of the folds that hang, metres. */
  readonly puff: number;
  readonly folds: number;
}

/** Where a point of a cloth comes to lie that was spread flat at a (along x) and b (along z) over a box. */
export function drape({ x, z, top, round, off, seed, puff, folds }: Drape, a: number, b: number): Vec3 {
  const over = (value: number, half: number) => Math.max(0, Math.abs(value) - (half - round));
  const [ea, eb] = [over(a, x), over(b, z)];
  // At the corners a cloth hangs hardly lower than along the edges: what is too much lies in a fold.
  const excess = (ea ** 4 + eb ** 4) ** (1 / 4);
  const [sa, sb] = [a < 0 ? -1 : 1, b < 0 ? -1 : 1];
  const r = round + off;
  const arc = (Math.PI / 2) * r;
  const angle = Math.min(excess, arc) / r;
  const hang = Math.max(0, excess - arc);
  const hill =
    puff *
    (noise(a * 3.1, b * 3.1, 0.5, seed) + 0.45 * noise(a * 8, b * 7, 3.5, seed + 1) + 0.5) *
    Math.cos(angle);
  const ripple =
    folds *
    Math.min(1, hang / 0.12) *
    (noise(a * 7, b * 7, 7.5, seed + 2) + 0.5 * noise(a * 17, b * 17, 9.5, seed + 3) + 0.4);
  const out = r * Math.sin(angle) + hang * 0.07 + ripple + hill * Math.sin(angle);
  const down = r * (1 - Math.cos(angle)) + hang;
  const [wa, wb] = excess > 0 ? [(ea / excess) * out, (eb / excess) * out] : [0, 0];
  return [ea > 0 ? sa * (x - round + wa) : a, top + off + hill - down, eb > 0 ? sb * (z - round + wb) : b];
}

import type { Vec3 } from '../../geometry/camera.ts';
import { box, outline } from './box.ts';
import { lathe, tube } from './loft.ts';
import { type Part, steps } from './part.ts';
import { noise } from './random.ts';

export interface CushionOptions {
  /** How far the middle of its top stands out, metres. */
  readonly crown?: number;
  readonly round?: number;
  readonly seed?: number;
  /** Depth of folds, metres. */
  readonly folds?: number;
  readonly piping?: boolean;
  /** Pulled in at buttons or stitches; gives depth 0 to 1 at a place of its top. */
  readonly tufts?: (x: number, z: number) => number;
}

const bulge = (t: number) => Math.max(0, 1 - t * t);

/**
 * A stuffed cushion with a border, lying on y = 0 about the y axis: top crowned, sides full, folds where the stuffing
 * gives way, and piping along its seams.
 */
export function cushion(x: number, y: number, z: number, options: CushionOptions = {}): Part[] {
  const { crown = 0.03, seed = 1, folds = 0.003, piping = true, tufts } = options;
  const round = Math.min(options.round ?? 0.035, y * 0.45);
  const shape = ([px, py, pz]: Vec3): Vec3 => {
    const [sx, sz] = [px / (x / 2), pz / (z / 2)];
    const high = py / y;
    const full = Math.sqrt(bulge(sx) * bulge(sz));
    const rim = 1 - bulge(sx * sx) * bulge(sz * sz);
    const wave =
      folds *
      (noise(px * 9, py * 6, pz * 9, seed) * (0.35 + rim) +
        0.6 * noise(px * 23, py * 9, pz * 23, seed + 7) * rim);
    const tuft = tufts && high > 0.5 ? tufts(px, pz) : 0;
    const side = 0.016 * Math.sin(Math.PI * Math.min(1, Math.max(0, high)));
    return [
      px + side * sx * bulge(sz) + wave * 0.6 * sx,
      py + crown * full * (2 * high - 1) * (high > 0.5 ? 1 : 0.25) + wave * high - tuft * (crown + 0.02),
      pz + side * sz * bulge(sx) + wave * 0.6 * sz,
    ];
  };
  const cells = (length: number) =>
    Math.max(6, Math.min(tufts ? 44 : 16, Math.round(length / (tufts ? 0.034 : 0.055))));
  const body = box(x, y, z, { round, bevel: 6, grid: [cells(x), 2, cells(z)], warp: shape });
  if (!piping) return [body];
  // On the shoulder of the round edge, half sunk.
  const inset = round * 0.29 - 0.0022;
  const seam = (level: number) =>
    tube(outline(x - 2 * inset, z - 2 * inset, round, level).map(shape), 0.0048, { closed: true, sides: 6 });
  return [body, seam(y - inset), seam(inset)];
}

/** A throw pillow: two sheets sewn together, its corners pointed; it stands upright on y = 0, facing -z. */
export function pillow(x: number, y: number, thick: number, seed: number, piping = true): Part[] {
  const count = 14;
  const lines = steps(-1, 1, count).map((t) => Math.sin((t * Math.PI) / 2));
  const seam = (u: number, v: number): [number, number] => [
    (u * x * (1 - 0.075 * bulge(v) * u * u)) / 2,
    y / 2 + (v * y * (1 - 0.075 * bulge(u) * v * v)) / 2,
  ];
  const place = (u: number, v: number, side: number): Vec3 => {
    const [px, py] = seam(u, v);
    const edge = (1 - Math.abs(u) ** 2.6) * (1 - Math.abs(v) ** 2.6);
    const full = Math.max(0, edge) ** 0.5;
    const corner = Math.abs(u * v);
    const fold =
      noise(px * 12 + side * 31, py * 12, seed, seed) * 0.3 +
      noise(px * 30, py * 30, side, seed) * corner * 0.5;
    // Its own weight: fuller below the middle.
    const sag = 1 - 0.16 * v;
    return [px, py, side * (thick / 2) * full * (sag + 0.28 * fold)];
  };
  const body: Part = { positions: [], uvs: [], triangles: [] };
  for (const side of [-1, 1]) {
    const first = body.positions.length;
    for (const v of lines)
      for (const u of lines) {
        body.positions.push(place(u, v, side));
        body.uvs.push([(u * x) / 2, (v * y) / 2 + side]);
      }
    for (let r = 0; r < count; r += 1)
      for (let c = 0; c < count; c += 1) {
        const [p, q] = [first + r * (count + 1) + c, first + (r + 1) * (count + 1) + c];
        if (side > 0) body.triangles.push([p, p + 1, q + 1], [p, q + 1, q]);
        else body.triangles.push([p, q + 1, p + 1], [p, q, q + 1]);
      }
  }
  if (!piping) return [body];
  const rim = [
    ...lines.slice(0, -1).map((t) => [t, -1]),
    ...lines.slice(0, -1).map((t) => [1, t]),
    ...lines.slice(0, -1).map((t) => [-t, 1]),
    ...lines.slice(0, -1).map((t) => [-1, -t]),
  ].map(([u = 0, v = 0]): Vec3 => {
    const [px, py] = seam(u, v);
    return [px, py, 0];
  });
  return [body, tube(rim, 0.005, { closed: true, sides: 6 })];
}

/** A covered button that faces up, at the origin. */
export function button(radius = 0.013): Part {
  const dome = [
    [0.1, 0],
    [1, 0],
    [0.95, 0.3],
    [0.7, 0.55],
    [0.1, 0.65],
  ].map(([r = 0, y = 0]) => [r * radius, y * radius] as const);
  return lathe(dome, 10);
}

/** Depth 0 to 1 of buttons at a place: sharp at each, with soft valleys between neighbours. */
export function buttons(places: readonly (readonly [number, number])[], reach: number) {
  return (x: number, z: number): number =>
    places.reduce((deep, [bx, bz]) => {
      const far = Math.hypot(x - bx, z - bz) / reach;
      return Math.max(deep, far < 1 ? (1 - far) ** 2 : 0);
    }, 0);
}

export const evenly = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, n) => from + ((n + 0.5) * (to - from)) / count);

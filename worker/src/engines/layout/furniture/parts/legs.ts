import type { Vec3 } from '../../geometry/camera.ts';
import type { Material, Style } from '../../scene/types.ts';
import { box } from '../mesh/box.ts';
import { circle, lathe, loft, tube } from '../mesh/loft.ts';
import { move, type Part, steps } from '../mesh/part.ts';

export interface LegOptions {
  /** From the middle to the legs, metres. */
  readonly x: number;
  readonly z: number;
  /** Of the underside of what they carry. */
  readonly height: number;
  /** Radius of a round leg at its top; others follow. */
  readonly thick?: number;
  readonly legs?: Style['legs'];
}

/** Four legs, or two runners, in the way of the style. */
export function legs(style: Style, options: LegOptions): { material: Material; parts: Part[] } {
  const { x, z, height } = options;
  const kind = options.legs ?? style.legs;
  const thick = options.thick ?? Math.min(0.026, 0.012 + 0.03 * height);
  const corners = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ] as const;
  const each = (make: (sx: number, sz: number) => Part[]) => corners.flatMap(([sx, sz]) => make(sx, sz));
  const stand = (part: Part, sx: number, sz: number) => move(part, sx * x, 0, sz * z);
  if (kind === 'tapered') {
    const splay = Math.min(0.03, 0.16 * height);
    return {
      material: style.wood,
      parts: each((sx, sz) => [splayed(sx * x, sz * z, height, thick, sx * splay, sz * splay)]),
    };
  }
  if (kind === 'block')
    return {
      material: style.wood,
      parts: each((sx, sz) => [
        stand(box(2.2 * thick, height, 2.2 * thick, { round: 0.004, grain: 1 }), sx, sz),
      ]),
    };
  if (kind === 'turned')
    return { material: style.wood, parts: each((sx, sz) => [stand(turned(height, thick), sx, sz)]) };
  if (kind === 'hairpin')
    return { material: style.metal, parts: each((sx, sz) => hairpin(sx * x, sz * z, height, sx, sz)) };
  return { material: style.metal, parts: [-1, 1].flatMap((side) => runner(side * x, z, height)) };
}

/** A round leg that leans outwards and gets thinner; its foot is flat on the floor. */
function splayed(x: number, z: number, height: number, thick: number, dx: number, dz: number): Part {
  const rings = steps(0, 1, 6).map((t) => {
    const radius = thick * (0.52 + 0.48 * t ** 0.8);
    return circle(radius, 12, t * height).map(
      ([px, py, pz]): Vec3 => [px + x + dx * (1 - t), py, pz + z + dz * (1 - t)],
    );
  });
  return loft(rings);
}

function turned(height: number, thick: number): Part {
  const profile: readonly (readonly [number, number])[] = [
    [0.001, 0],
    [0.62, 0],
    [0.72, 0.02],
    [0.72, 0.05],
    [0.55, 0.08],
    [0.5, 0.12],
    [0.62, 0.3],
    [0.82, 0.5],
    [0.9, 0.62],
    [0.82, 0.7],
    [0.6, 0.74],
    [0.6, 0.755],
    [0.95, 0.78],
    [1, 0.8],
    [0.95, 0.82],
    [0.62, 0.845],
    [0.62, 0.86],
    [1, 0.875],
    [1, 1],
    [0.001, 1],
  ];
  return lathe(
    profile.map(([r, y]) => [r * thick * 1.25, y * height]),
    16,
  );
}

/** Two bent rods that meet at the floor. */
function hairpin(x: number, z: number, height: number, sx: number, sz: number): Part[] {
  const rod = 0.0055;
  const spread = Math.min(0.055, 0.18 * height);
  const foot: Vec3 = [x + sx * 0.012, rod, z + sz * 0.012];
  const bend = steps(0, Math.PI, 6).map((angle): readonly [number, number] => [
    Math.cos(angle) * 0.012,
    0.012 * (1 - Math.sin(angle)),
  ]);
  const along = [sx * Math.SQRT1_2, -sz * Math.SQRT1_2] as const;
  const path: Vec3[] = [
    [x - sx * 0.01 + along[0] * spread, height, z - sz * 0.01 + along[1] * spread],
    ...bend.map(([far, up]): Vec3 => [foot[0] + along[0] * far, foot[1] + up, foot[2] + along[1] * far]),
    [x - sx * 0.01 - along[0] * spread, height, z - sz * 0.01 - along[1] * spread],
  ];
  const plate = move(
    box(2.6 * spread, 0.004, 2.6 * spread, { round: 0.0015 }),
    x - sx * 0.01,
    height - 0.004,
    z - sz * 0.01,
  );
  return [tube(path, rod, { sides: 8 }), ...(height > 0.25 ? [plate] : [])];
}

/** A loop of flat steel from front to back. */
function runner(x: number, z: number, height: number): Part[] {
  const bar = Math.min(0.026, 0.014 + 0.03 * height);
  const thin = 0.012;
  return [
    move(box(bar, thin, 2 * z + bar, { round: 0.0025 }), x, 0, 0),
    move(box(bar, thin, 2 * z + bar, { round: 0.0025 }), x, height - thin, 0),
    ...[-1, 1].map((side) =>
      move(box(bar, height, thin, { round: 0.0025 }), x, 0, side * (z + bar / 2 - thin / 2)),
    ),
  ];
}

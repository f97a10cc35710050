import type { Vec3 } from '../../geometry/camera.ts';
import type { Material, Mesh, Style } from '../../scene/types.ts';
import { Assembly } from '../mesh/assembly.ts';
import { lathe, tube } from '../mesh/loft.ts';
import { at, mix, move, type Part, steps, turn } from '../mesh/part.ts';
import { type Random, random } from '../mesh/random.ts';
import { book, COVERS } from '../parts/books.ts';
import { leaf } from '../parts/leaves.ts';
import { colour } from '../styles.ts';

/** (radius, height) points from below. */
export type Outline = readonly (readonly [number, number])[];

/** A smooth line through given (radius, height) points, with about 30 of its own. */
export function profile(points: Outline, each = 4): [number, number][] {
  const last = points.length - 1;
  return points.flatMap((point, n): [number, number][] => {
    if (n === last) return [[point[0], point[1]]];
    const [a, b, c, d] = [
      at(points, Math.max(0, n - 1)),
      point,
      at(points, n + 1),
      at(points, Math.min(last, n + 2)),
    ];
    return steps(0, 1, each)
      .slice(0, -1)
      .map((t): [number, number] => {
        const curve = (k: 0 | 1) =>
          0.5 *
          (2 * b[k] +
            (c[k] - a[k]) * t +
            (2 * a[k] - 5 * b[k] + 4 * c[k] - d[k]) * t * t +
            (3 * b[k] - a[k] - 3 * c[k] + d[k]) * t ** 3);
        return [Math.max(0.0005, curve(0)), curve(1)];
      });
  });
}

/** A vessel: the profile outside from the foot to the lip, then the same inside, a wall's thickness in. */
export function vessel(outside: Outline, wall: number, count = 32): Part {
  const out = profile(outside);
  const top = at(out, out.length - 1)[1];
  const inside = out
    .filter(([, y]) => y > wall * 1.5 && y < top - wall * 0.4)
    .map(([r, y]): [number, number] => [Math.max(0.002, r - wall), y + wall * 0.1])
    .toReversed();
  return lathe(
    [
      [0.0005, 0],
      ...out,
      [at(out, out.length - 1)[0] - wall * 0.5, top + wall * 0.25],
      ...inside,
      [0.0005, wall * 1.6],
    ],
    count,
  );
}

const VASES: readonly [Outline, ...Outline[]] = [
  [
    [0.5, 0],
    [0.85, 0.12],
    [1, 0.36],
    [0.82, 0.62],
    [0.42, 0.8],
    [0.36, 0.9],
    [0.46, 1],
  ],
  [
    [0.6, 0],
    [0.74, 0.04],
    [0.86, 0.4],
    [0.95, 0.75],
    [0.82, 0.92],
    [0.55, 0.98],
    [0.52, 1],
  ],
  [
    [0.42, 0],
    [0.6, 0.05],
    [0.98, 0.28],
    [0.9, 0.46],
    [0.4, 0.62],
    [0.3, 0.8],
    [0.34, 1],
  ],
];

/** A vase of the given radius and height on y = 0. */
export function vasePart(radius: number, height: number, dice: Random): Part {
  const shape = dice.pick(VASES);
  return vessel(
    shape.map(([r, y]) => [r * radius, y * height] as const),
    0.004,
  );
}

const BOWLS: readonly [Outline, ...Outline[]] = [
  [
    [0.34, 0],
    [0.4, 0.05],
    [0.62, 0.24],
    [0.86, 0.58],
    [1, 1],
  ],
  [
    [0.5, 0],
    [0.62, 0.06],
    [0.88, 0.36],
    [0.97, 0.7],
    [1, 1],
  ],
];

const BRANCH: Material = {
  kind: 'wood',
  albedo: colour('#5a4632'),
  grain: colour('#3c2e20'),
  roughness: 0.7,
};

export function vase(size: Vec3, style: Style, seed: number): Mesh {
  const dice = random(seed);
  const [width, , height] = size;
  const pot = Math.min(height * 0.5, 0.28);
  const assembly = new Assembly();
  assembly.add(style.ceramic, vasePart(Math.min(0.085, width * 0.24), pot, dice));
  const green: Material = { kind: 'leaf', albedo: colour(dice.pick(['#5f7352', '#6d8060', '#7c8a63'])) };
  const stems = 4 + dice.below(3);
  for (let n = 0; n < stems; n += 1) {
    const way = (2 * Math.PI * n) / stems + dice.between(-0.4, 0.4);
    const out = (width / 2) * dice.between(0.35, 0.85);
    const end: Vec3 = [out * Math.cos(way), height * dice.between(0.8, 1), out * Math.sin(way)];
    const knee: Vec3 = [end[0] * 0.25, pot + (end[1] - pot) * 0.45, end[2] * 0.25];
    const path = steps(0, 1, 8).map((t) => mix(mix([0, pot * 0.4, 0], knee, t), mix(knee, end, t), t));
    assembly.add(BRANCH, tube(path, 0.0024, { sides: 6, taper: (t) => 1 - 0.6 * t }));
    for (const t of steps(0.42, 1, 9)) {
      const node = at(path, Math.round(t * 8));
      for (const side of [-1, 1])
        assembly.add(
          green,
          move(
            leaf({
              long: dice.between(0.04, 0.065),
              wide: dice.between(0.016, 0.026),
              droop: 0.3,
              lift: dice.between(0.1, 0.8),
              way: way + side * dice.between(0.7, 1.6),
              shape: 'round',
              cells: [2, 3],
            }),
            ...node,
          ),
        );
    }
  }
  return assembly.build(size);
}

export function bowl(size: Vec3, style: Style, seed: number): Mesh {
  const [width, , height] = size;
  const r = width / 2;
  const shape = random(seed).pick(BOWLS);
  return new Assembly()
    .add(
      style.ceramic,
      vessel(
        shape.map(([x, y]) => [x * r, y * height] as const),
        0.006,
        40,
      ),
    )
    .build(size);
}

export function books(size: Vec3, _style: Style, seed: number): Mesh {
  const dice = random(seed);
  const [width, depth, height] = size;
  const count = Math.max(2, Math.min(4, Math.round(height / 0.026)));
  const assembly = new Assembly();
  let level = 0;
  for (let n = 0; n < count; n += 1) {
    const thick = (height / count) * dice.between(0.8, 1.2);
    const shrink = 1 - 0.07 * n - dice.between(0, 0.05);
    const lying = book(thick, depth * shrink, width * shrink * 0.97, at(COVERS, dice.below(COVERS.length)));
    for (const { part, material } of lying)
      assembly.add(
        material,
        move(
          turn(turn(part, 'z', -Math.PI / 2), 'y', Math.PI / 2 + dice.between(-0.02, 0.02) + n * 0.05),
          0,
          level + thick / 2,
          0,
        ),
      );
    level += thick;
  }
  return assembly.build(size);
}

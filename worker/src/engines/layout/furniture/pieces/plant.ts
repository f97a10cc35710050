import type { Vec3 } from '../../geometry/camera.ts';
import type { Material, Mesh, Style } from '../../scene/types.ts';
import { Assembly } from '../mesh/assembly.ts';
import { lathe, tube } from '../mesh/loft.ts';
import { at, mix, move, steps } from '../mesh/part.ts';
import { type Random, random } from '../mesh/random.ts';
import { leaf } from '../parts/leaves.ts';
import { colour, paint } from '../styles.ts';
import { type Outline, vessel } from './props.ts';

const SOIL = paint('#2f251d', 1);
const BARK: Material = { kind: 'wood', albedo: colour('#7a6650'), grain: colour('#57473a'), roughness: 0.8 };
const GOLDEN = 2.39996;

const green = (hex: string): Material => ({ kind: 'leaf', albedo: colour(hex) });

/** Radius and height as shares. */
const POTS: readonly [Outline, ...Outline[]] = [
  [
    [0.72, 0],
    [0.78, 0.03],
    [0.86, 0.4],
    [0.95, 0.8],
    [1, 1],
  ],
  [
    [0.88, 0],
    [0.97, 0.05],
    [1, 0.3],
    [1, 0.7],
    [0.98, 1],
  ],
  [
    [0.6, 0],
    [0.74, 0.06],
    [0.97, 0.4],
    [1, 0.66],
    [0.86, 1],
  ],
];

type Grow = (assembly: Assembly, width: number, from: number, height: number, dice: Random) => void;

/** A pot of the style with soil; the plant grows from its middle. Half of the pots stand on feet where the style has them. */
export function plant(size: Vec3, style: Style, seed: number): Mesh {
  const dice = random(seed);
  const [width, , height] = size;
  const assembly = new Assembly();
  const grow = dice.pick<Grow>([fiddle, olive, snake]);
  const potHeight = Math.min(0.36, height * (grow === snake ? 0.3 : 0.25));
  const radius = Math.min(width * 0.34, potHeight * 0.56, 0.19);
  const stand = style.arms === 'frame' ? 0.16 : 0;
  const shape = dice.pick(POTS);
  assembly.add(
    style.ceramic,
    move(
      vessel(
        shape.map(([r, y]) => [r * radius, y * potHeight] as const),
        0.009,
        36,
      ),
      0,
      stand,
      0,
    ),
  );
  const soil = stand + potHeight * 0.88;
  assembly.add(
    SOIL,
    move(
      lathe(
        [
          [0.001, -0.03],
          [radius * 0.88, -0.03],
          [radius * 0.9, -0.004],
          [radius * 0.4, 0.006],
          [0.001, 0.008],
        ],
        24,
      ),
      0,
      soil,
      0,
    ),
  );
  if (stand > 0) {
    const reach = radius + 0.012;
    const tall = stand + potHeight * 0.5;
    const outline: Outline = [
      [0.001, 0],
      [0.009, 0],
      [0.0135, tall * 0.7],
      [0.0115, tall - 0.004],
      [0.001, tall],
    ];
    for (const quarter of [0, 1, 2, 3]) {
      const way = 0.4 + (quarter * Math.PI) / 2;
      const [x, z] = [reach * Math.cos(way), reach * Math.sin(way)];
      assembly.add(style.wood, move(lathe(outline, 12), x, 0, z));
      if (quarter < 2)
        assembly.add(
          style.wood,
          tube(
            [
              [x, stand - 0.012, z],
              [-x, stand - 0.012, -z],
            ],
            0.011,
          ),
        );
    }
  }
  grow(assembly, width, soil, height, dice);
  return assembly.build(size);
}

/** Fiddle-leaf fig: one or two trunks, large stiff leaves in a spiral, smaller and steeper at the top. */
const fiddle: Grow = (assembly, width, from, height, dice) => {
  const trunks = height > 1.3 ? 2 : 1;
  for (let n = 0; n < trunks; n += 1) {
    const lean = dice.between(0, 2 * Math.PI);
    const top = height * (n === 0 ? 0.9 : 0.72);
    const end: Vec3 = [0.05 * Math.cos(lean), top, 0.05 * Math.sin(lean)];
    const foot: Vec3 = [n * 0.05 - 0.02, from - 0.02, n * 0.03];
    const path = steps(0, 1, 10).map((t): Vec3 => {
      const p = mix(foot, end, t);
      return [p[0] + 0.02 * Math.sin(5 * t + lean), p[1], p[2] + 0.02 * Math.cos(4 * t + lean)];
    });
    assembly.add(BARK, tube(path, 0.013, { sides: 8, taper: (t) => 1 - 0.6 * t }));
    const count = Math.round(20 + 16 * (height - 0.7));
    const greens = ['#3f6b35', '#4a7a3c', '#365f30'].map(green);
    const long = Math.min(0.3, width * 0.44);
    for (let k = 0; k < count; k += 1) {
      const t = (k + 0.5) / count;
      const y = 0.24 + 0.76 * t;
      const node = along(path, y);
      const scale = (0.72 + 0.5 * Math.sin(Math.PI * Math.min(1, t * 1.1 + 0.1))) * dice.between(0.85, 1.1);
      assembly.add(
        at(greens, dice.below(3)),
        move(
          leaf({
            long: long * scale * 0.85,
            wide: long * scale * 0.56,
            way: k * GOLDEN + dice.between(-0.3, 0.3),
            lift: 0.25 + 0.95 * t ** 2 + dice.between(-0.15, 0.2),
            droop: dice.between(0.5, 1.1) - 0.3 * t,
            shape: 'fiddle',
            wave: 0.006,
            twist: dice.between(-0.3, 0.3),
          }),
          ...node,
        ),
      );
    }
  }
};

/** Olive: a bare stem, a loose round crown of thin branches, many small leaves with a silvery tint. */
const olive: Grow = (assembly, width, from, height, dice) => {
  const fork = from + (height - from) * 0.34;
  const stem = steps(0, 1, 8).map(
    (t): Vec3 => [0.012 * Math.sin(7 * t), from - 0.02 + (fork - from + 0.02) * t, 0.01 * Math.cos(6 * t)],
  );
  assembly.add(BARK, tube(stem, 0.015, { sides: 8, taper: (t) => 1 - 0.3 * t }));
  const greens = ['#6f7d5a', '#7f8c69', '#5f6e4c'].map(green);
  const branches = 15;
  for (let n = 0; n < branches; n += 1) {
    const way = n * GOLDEN;
    // Tips spread evenly over the crown, a ball cut off below.
    const rise = 1 - (1.45 * (n + 0.5)) / branches;
    const out = (width / 2) * 0.86 * Math.sqrt(1 - rise * rise) * dice.between(0.8, 1);
    const start = at(stem, 8 - (n % 4));
    const middle = fork + (height - fork) * 0.52;
    const end: Vec3 = [out * Math.cos(way), middle + (height - middle) * 0.92 * rise, out * Math.sin(way)];
    const knee: Vec3 = [end[0] * 0.5, start[1] + (end[1] - start[1]) * 0.75 + 0.05, end[2] * 0.5];
    const path = steps(0, 1, 10).map((t) => mix(mix(start, knee, t), mix(knee, end, t), t));
    assembly.add(BARK, tube(path, 0.005, { sides: 6, taper: (t) => 1 - 0.75 * t }));
    for (let k = 0; k < 30; k += 1) {
      const t = 0.3 + (0.7 * (k + 0.5)) / 30;
      const node = along(path, t);
      assembly.add(
        at(greens, dice.below(3)),
        move(
          leaf({
            long: dice.between(0.07, 0.115),
            wide: dice.between(0.017, 0.026),
            way: way + (k % 2 ? 1 : -1) * dice.between(0.3, 1.7),
            lift: dice.between(-0.3, 1),
            droop: dice.between(0, 0.7),
            shape: 'lance',
            cells: [1, 2],
          }),
          ...node,
        ),
      );
    }
  }
};

/** The point at a share of a line of evenly spaced points. */
function along(path: readonly Vec3[], share: number): Vec3 {
  const place = share * (path.length - 1);
  const before = Math.min(path.length - 2, Math.floor(place));
  return mix(at(path, before), at(path, before + 1), place - before);
}

/** Snake plant: stiff upright blades from the soil. */
const snake: Grow = (assembly, width, from, height, dice) => {
  const greens = ['#4d6b45', '#5d7a4f', '#6b8452'].map(green);
  const count = 13;
  // The outer blades lean as far as the plant is wide.
  const open = Math.min(0.5, Math.atan(width / 2 / (height - from)));
  for (let n = 0; n < count; n += 1) {
    const way = n * GOLDEN;
    const far = Math.min(0.11, width * 0.18) * Math.sqrt((n + 0.5) / count);
    const tall = (height - from) * (1 - 0.45 * (n / count)) * dice.between(0.92, 1.02);
    assembly.add(
      at(greens, dice.below(3)),
      move(
        leaf({
          long: tall,
          wide: 0.055 + 0.03 * dice.next(),
          way: way + dice.between(-0.5, 0.5),
          lift: Math.PI / 2 - open * Math.sqrt((n + 0.5) / count) * dice.between(0.7, 1),
          droop: dice.between(-0.12, 0.1),
          shape: 'blade',
          cells: [4, 9],
          twist: dice.between(-0.9, 0.9),
          wave: 0.003,
        }),
        far * Math.cos(way),
        from - 0.01,
        far * Math.sin(way),
      ),
    );
  }
};

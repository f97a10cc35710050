import type { Vec3 } from '../../geometry/camera.ts';
import type { Material, Mesh, Style } from '../../scene/types.ts';
import { Assembly } from '../mesh/assembly.ts';
import { box } from '../mesh/box.ts';
import { circle, loft, tube } from '../mesh/loft.ts';
import { move, type Part, turn } from '../mesh/part.ts';
import { random } from '../mesh/random.ts';
import { cushion, evenly } from '../mesh/soft.ts';
import { boards, casework, type Front } from '../parts/casework.ts';
import { legs } from '../parts/legs.ts';
import { BLACK } from '../parts/materials.ts';
import { colour } from '../styles.ts';

/** A cabinet on the legs of the style; `lift` is their height. */
function onLegs(
  size: Vec3,
  style: Style,
  seed: number,
  lift: number,
  columns: readonly (readonly Front[])[],
  board = 0.022,
): Assembly {
  const [width, depth, height] = size;
  const assembly = new Assembly();
  const stand = legs(style, {
    x: width / 2 - Math.min(0.14, width * 0.12),
    z: depth / 2 - 0.065,
    height: lift + 0.001,
    thick: 0.022,
  });
  assembly.add(stand.material, ...stand.parts);
  casework(assembly, style, { x: width, y: height - lift, z: depth, lift, columns, board, seed });
  return assembly;
}

const columnsOf = (width: number, each: number, make: (n: number, count: number) => readonly Front[]) => {
  const count = Math.max(2, Math.round(width / each));
  return Array.from({ length: count }, (_, n) => make(n, count));
};

export function sideboard(size: Vec3, style: Style, seed: number): Mesh {
  const [width, , height] = size;
  const drawers = random(seed).below(2);
  const columns = columnsOf(width, 0.45, (n, count) =>
    n === (drawers ? 0 : count - 1) ? ['drawer', 'drawer', 'drawer'] : ['door'],
  );
  return onLegs(size, style, seed, Math.min(0.18, height * 0.25), columns).build(size);
}

export function tvUnit(size: Vec3, style: Style, seed: number): Mesh {
  const [width, , height] = size;
  const columns = columnsOf(width, 0.52, (n, count) =>
    n === Math.floor(count / 2) ? ['open', 'open'] : ['door'],
  );
  return onLegs(size, style, seed, Math.min(0.15, height * 0.3), columns).build(size);
}

export function dresser(size: Vec3, style: Style, seed: number): Mesh {
  const [width, , height] = size;
  const rows = Math.max(3, Math.round((height - 0.15) / 0.22));
  const columns = Array.from({ length: width > 0.8 ? 2 : 1 }, () =>
    Array.from({ length: rows }, (): Front => 'drawer'),
  );
  return onLegs(size, style, seed, Math.min(0.16, height * 0.18), columns).build(size);
}

export function wardrobe(size: Vec3, style: Style, seed: number): Mesh {
  const [width] = size;
  const count = Math.max(2, Math.round(width / 0.5));
  const columns = Array.from({ length: count }, (): readonly Front[] => ['door']);
  return onLegs(size, style, seed, style.edges === 'soft' ? 0.11 : 0.07, columns, 0.022).build(size);
}

export function filingCabinet(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const assembly = new Assembly();
  const rows = Math.max(2, Math.round(height / 0.26));
  const material = style.legs === 'hairpin' || style.legs === 'sled' ? style.metal : style.wood;
  casework(assembly, style, {
    x: width,
    y: height - 0.03,
    z: depth,
    lift: 0.03,
    columns: [Array.from({ length: rows }, (): Front => 'drawer')],
    board: 0.014,
    material,
    seed,
  });
  assembly.add(BLACK, move(box(width - 0.05, 0.032, depth - 0.05, { round: 0.002 }), 0, 0, 0));
  return assembly.build(size);
}

export function consoleTable(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const assembly = new Assembly();
  const make = boards(random(seed));
  const thick = style.legs === 'hairpin' ? 0.035 : 0.024;
  assembly.add(
    style.wood,
    move(make(width, thick, depth, 0, style.edges === 'soft' ? 0.007 : 0.002), 0, height - thick, 0),
  );
  const [x, z] = [width / 2 - 0.06, depth / 2 - 0.05];
  const stand = legs(style, { x, z, height: height - thick + 0.001, thick: 0.02 });
  assembly.add(stand.material, ...stand.parts);
  if (style.legs === 'hairpin') return assembly.build(size);
  const tall = 0.11;
  casework(assembly, style, {
    x: 2 * x + 0.02,
    y: tall,
    z: 2 * z + 0.02,
    lift: height - thick - tall + 0.001,
    columns: columnsOf(width, 0.5, () => ['drawer']),
    board: 0.014,
    seed: seed + 1,
  });
  assembly.add(style.wood, move(make(2 * x + 0.02, 0.016, 2 * z, 0), 0, height * 0.2, 0));
  return assembly.build(size);
}

/** A low bench with a cushion and room for shoes below. */
export function shoeBench(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const assembly = new Assembly();
  const pad = 0.06;
  const lift = Math.min(0.1, height * 0.22);
  const stand = legs(style, { x: width / 2 - 0.07, z: depth / 2 - 0.06, height: lift + 0.001, thick: 0.02 });
  assembly.add(stand.material, ...stand.parts);
  const columns = columnsOf(width, 0.42, (): readonly Front[] => ['open', 'open']);
  casework(assembly, style, { x: width, y: height - lift - pad, z: depth, lift, columns, board: 0.02, seed });
  assembly.add(
    style.second,
    ...cushion(width - 0.02, pad - 0.008, depth - 0.02, {
      crown: 0.012,
      round: 0.022,
      seed,
      folds: 0.002,
    }).map((part) => move(part, 0, height - pad, 0)),
  );
  return assembly.build(size);
}

const SCREEN: Material = { kind: 'ceramic', albedo: colour('#121315'), roughness: 0.08 };

/** A flat television on its foot. */
export function television(size: Vec3): Mesh {
  const [width, depth, height] = size;
  const foot = 0.06;
  const tall = height - foot;
  const assembly = new Assembly();
  assembly.add(BLACK, move(box(width, tall, 0.03, { round: 0.005, bevel: 4 }), 0, foot, 0));
  assembly.add(
    SCREEN,
    move(box(width - 0.014, tall - 0.022, 0.004, { round: 0.001 }), 0, foot + 0.014, -0.0148),
  );
  assembly.add(
    BLACK,
    move(box(width * 0.55, tall * 0.5, 0.02, { round: 0.008 }), 0, foot + tall * 0.12, 0.02),
  );
  for (const side of [-1, 1]) {
    assembly.add(BLACK, move(box(0.03, 0.006, depth, { round: 0.0025 }), side * width * 0.3, 0, 0));
    assembly.add(
      BLACK,
      move(box(0.024, foot + 0.03, 0.014, { round: 0.003 }), side * width * 0.3, 0.002, 0.004),
    );
  }
  return assembly.build(size);
}

/** A stand with pegs for coats; two of them hang there. */
export function coatRack(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const dice = random(seed);
  const assembly = new Assembly();
  const material = style.edges === 'soft' ? style.wood : style.metal;
  const make = boards(dice);
  const r = Math.min(width, depth) / 2;
  assembly.add(material, move(make(0.036, height - 0.01, 0.036, 1, 0.008), 0, 0.01, 0));
  for (const way of evenly(0, Math.PI * 2, 4)) {
    const foot = turn(
      move(
        turn(box(r * 1.02, 0.026, 0.03, { round: 0.006, grain: 0 }), 'z', -0.18),
        r * 0.5,
        0.115 - 0.013,
        0,
      ),
      'y',
      way,
    );
    assembly.add(material, foot);
    for (const [level, reach] of [
      [height - 0.1, 0.13],
      [height - 0.4, 0.09],
    ] as const)
      assembly.add(
        material,
        move(
          turn(
            move(
              turn(box(reach, 0.017, 0.017, { round: 0.006, bevel: 4, grain: 0 }), 'z', 0.6),
              reach / 2,
              0,
              0,
            ),
            'y',
            way + (level < height - 0.2 ? 0.6 : 0),
          ),
          0,
          level - 0.03,
          0,
        ),
      );
  }
  assembly.add(style.second, ...coat(r, height - 0.1, Math.min(0.98, height * 0.55), dice.between(0, 9)));
  for (const part of coat(r, height - 0.13, Math.min(0.74, height * 0.42), 11))
    assembly.add(style.upholstery, turn(part, 'y', Math.PI * 0.9));
  return assembly.build(size);
}

/** A coat that hangs by its collar, its back to the post, towards +z: body, sleeves and a collar that stands. */
function coat(reach: number, top: number, long: number, seed: number): Part[] {
  const cut = [
    [0, 0.14, 0.3],
    [0.03, 0.26, 0.36],
    [0.07, 0.42, 0.42],
    [0.12, 0.5, 0.46],
    [0.22, 0.5, 0.5],
    [0.45, 0.47, 0.5],
    [0.7, 0.53, 0.56],
    [0.985, 0.62, 0.62],
    [1, 0.6, 0.58],
  ] as const;
  const depth = reach * 0.5;
  const body = cut.map(([down, wide, deep]) =>
    circle(1, 40).map(([x, , z], n): Vec3 => {
      // Folds deepen towards the hem.
      const fold = 1 + down * (0.1 * Math.sin(n * 0.94 + seed) + 0.07 * Math.sin(n * 1.73 + 2 * seed));
      return [x * wide * reach * fold, top - down * long, 0.02 + depth * (0.5 + 0.5 * z * deep * fold)];
    }),
  );
  const front = 0.02 + 0.5 * depth;
  const sleeves = [-1, 1].map((side) =>
    tube(
      [
        [side * 0.4 * reach, top - 0.11 * long, front],
        [side * 0.55 * reach, top - 0.2 * long, front + 0.01],
        [side * 0.62 * reach, top - 0.42 * long, front + 0.015],
        [side * 0.6 * reach, top - 0.62 * long, front + 0.03],
        [side * 0.57 * reach, top - 0.72 * long, front + 0.035],
      ],
      0.19 * reach,
      { sides: 14, taper: (share) => 1 - 0.28 * share, flat: 0.8 },
    ),
  );
  const collar = tube(
    circle(1, 20).map(
      ([x, , z]): Vec3 => [0.2 * reach * x, top - 0.015 + 0.02 * z, front + 0.16 * depth * z],
    ),
    0.014,
    { closed: true, sides: 8 },
  );
  return [loft(body.toReversed()), ...sleeves, collar];
}

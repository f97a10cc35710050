import type { Vec3 } from '../../geometry/camera.ts';
import type { Mesh, Style } from '../../scene/types.ts';
import { Assembly } from '../mesh/assembly.ts';
import { box } from '../mesh/box.ts';
import { circle, lathe, plate, rectangle } from '../mesh/loft.ts';
import { move, type Part } from '../mesh/part.ts';
import { random } from '../mesh/random.ts';
import { boards, casework } from '../parts/casework.ts';
import { legs } from '../parts/legs.ts';
import { GLASS } from '../parts/materials.ts';

/** A top of boards joined side by side along x; its upper face lies at `height`. */
function top(
  assembly: Assembly,
  style: Style,
  [width, depth, height]: Vec3,
  thick: number,
  seed: number,
): void {
  if (style.edges === 'soft') {
    const ring = rectangle(width, depth, Math.min(0.035, depth / 4), 5);
    assembly.add(style.wood, move(plate(ring, thick, Math.min(0.009, thick * 0.4), 4), 0, height - thick, 0));
    return;
  }
  const make = boards(random(seed));
  const count = Math.max(2, Math.round(depth / (style.legs === 'hairpin' ? 0.14 : 0.3)));
  const wide = depth / count;
  for (let n = 0; n < count; n += 1)
    assembly.add(
      style.wood,
      move(
        make(width, thick, wide, 0, style.legs === 'hairpin' ? 0.003 : 0.0012),
        0,
        height - thick,
        -depth / 2 + (n + 0.5) * wide,
      ),
    );
}

/** A pane in a frame of metal. */
function glassTop(assembly: Assembly, style: Style, [width, depth, height]: Vec3): void {
  const [bar, thick] = [0.022, 0.022];
  for (const side of [-1, 1]) {
    assembly.add(
      style.metal,
      move(box(width, thick, bar, { round: 0.003 }), 0, height - thick, (side * (depth - bar)) / 2),
      move(box(bar, thick, depth - 2 * bar, { round: 0.003 }), (side * (width - bar)) / 2, height - thick, 0),
    );
  }
  const inner = [width - 2 * bar + 0.004, depth - 2 * bar + 0.004] as const;
  assembly.add(GLASS, move(box(inner[0], 0.008, inner[1], { round: 0.001 }), 0, height - 0.0085, 0));
}

/** A frame of rails under the top. */
function apron(
  assembly: Assembly,
  style: Style,
  x: number,
  z: number,
  tall: number,
  height: number,
  seed: number,
): void {
  const make = boards(random(seed + 5));
  const rail = 0.02;
  for (const side of [-1, 1]) {
    assembly.add(style.wood, move(make(2 * x, tall, rail, 0), 0, height - tall, side * (z - rail / 2)));
    assembly.add(
      style.wood,
      move(make(rail, tall, 2 * z - 2 * rail, 2), side * (x - rail / 2), height - tall, 0),
    );
  }
}

export function coffeeTable(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const thick = style.legs === 'hairpin' ? 0.04 : style.legs === 'sled' ? 0.03 : 0.024;
  const assembly = new Assembly();
  const pane = style.legs === 'sled' && seed % 2 === 0;
  if (pane) glassTop(assembly, style, size);
  else top(assembly, style, size, thick, seed);
  const [x, z] = [width / 2 - 0.09, depth / 2 - 0.075];
  const stand = legs(style, { x, z, height: height - thick + 0.001, thick: 0.021 });
  assembly.add(stand.material, ...stand.parts);
  if (style.legs === 'tapered' || style.legs === 'turned' || style.legs === 'block') {
    apron(assembly, style, x + 0.012, z + 0.012, 0.045, height - thick, seed);
    // A shelf of slats between the legs, for magazines.
    const make = boards(random(seed + 9));
    const slats = Math.max(5, Math.round((2 * z - 0.03) / 0.055));
    const pitch = (2 * z - 0.03) / slats;
    const level = height * 0.36;
    for (let n = 0; n < slats; n += 1)
      assembly.add(
        style.wood,
        move(make(2 * x + 0.03, 0.011, pitch - 0.014, 0), 0, level, -z + 0.015 + (n + 0.5) * pitch),
      );
    for (const side of [-1, 1])
      assembly.add(style.wood, move(make(0.022, 0.018, 2 * z, 2), side * x, level - 0.018, 0));
  } else if (style.legs === 'sled') {
    const make = boards(random(seed + 9));
    assembly.add(style.wood, move(make(2 * x - 0.01, 0.018, 2 * z - 0.01, 0), 0, height * 0.34, 0));
    for (const side of [-1, 1])
      assembly.add(
        style.metal,
        move(box(2 * x, 0.014, 0.014, { round: 0.002 }), 0, height * 0.34 - 0.014, side * (z - 0.02)),
      );
  }
  return assembly.build(size);
}

export function sideTable(size: Vec3, style: Style): Mesh {
  const [width, depth, height] = size;
  const assembly = new Assembly();
  const round = (level: number, radius: number, thick: number): Part =>
    move(
      plate(
        circle(radius, 40).map(([px, py, pz]): Vec3 => [px, py, (pz * depth) / width]),
        thick,
        0.006,
        3,
      ),
      0,
      level,
      0,
    );
  if (style.legs === 'sled') {
    const r = width / 2;
    const t = 0.02 / height;
    const column: [number, number][] = [
      [0.001, 0],
      [0.62 * r, 0],
      [0.64 * r, 0.004],
      [0.62 * r, 0.012],
      [0.3 * r, 0.018],
      [0.022, 0.024],
      [0.016, 0.04],
      [0.016, height * (0.96 - t)],
      [0.05, height * (1 - t) - 0.004],
      [0.05, height * (1 - t)],
      [0.001, height * (1 - t)],
    ];
    assembly.add(style.metal, lathe(column, 28));
    assembly.add(style.wood, round(height - 0.02, r, 0.02));
    return assembly.build(size);
  }
  const thick = style.legs === 'hairpin' ? 0.032 : 0.02;
  assembly.add(style.wood, round(height - thick, width / 2, thick));
  const inset = style.legs === 'hairpin' ? 0.2 : 0.25;
  const stand = legs(style, {
    x: width * inset,
    z: depth * inset,
    height: height - thick + 0.001,
    thick: 0.018,
  });
  assembly.add(stand.material, ...stand.parts);
  if (style.legs !== 'hairpin') assembly.add(style.wood, round(height * 0.3, width * 0.28, 0.014));
  return assembly.build(size);
}

export function diningTable(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const thick = style.legs === 'hairpin' ? 0.045 : 0.028;
  const assembly = new Assembly();
  top(assembly, style, size, thick, seed);
  const iron = style.legs === 'hairpin' || style.legs === 'sled';
  const [x, z] = [width / 2 - (iron ? 0.2 : 0.1), depth / 2 - (iron ? 0.1 : 0.09)];
  if (iron) {
    // Frames of square steel, joined by a beam under the top.
    const bar = style.legs === 'hairpin' ? 0.05 : 0.06;
    const under = height - thick;
    for (const side of [-1, 1]) {
      const px = side * x;
      assembly.add(
        style.metal,
        move(box(bar, 0.03, 2 * z, { round: 0.003 }), px, 0, 0),
        move(box(bar, 0.03, 2 * z, { round: 0.003 }), px, under - 0.03, 0),
        ...[-1, 1].map((end) =>
          move(box(bar, under - 0.02, 0.03, { round: 0.003 }), px, 0.01, end * (z - 0.015)),
        ),
      );
    }
    assembly.add(style.metal, move(box(2 * x, 0.03, 0.05, { round: 0.003 }), 0, under - 0.032, 0));
  } else {
    const stand = legs(style, { x, z, height: height - thick + 0.001, thick: 0.032 });
    assembly.add(stand.material, ...stand.parts);
    apron(assembly, style, x + 0.015, z + 0.015, 0.085, height - thick, seed);
  }
  return assembly.build(size);
}

export function desk(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const thick = style.legs === 'hairpin' ? 0.04 : 0.025;
  const assembly = new Assembly();
  top(assembly, style, size, thick, seed);
  const under = height - thick;
  const [x, z] = [width / 2 - 0.07, depth / 2 - 0.07];
  const stand = legs(style, { x, z, height: under + 0.001, thick: 0.026 });
  assembly.add(stand.material, ...stand.parts);
  if (style.legs === 'hairpin') {
    const make = boards(random(seed + 3));
    assembly.add(style.wood, move(make(2 * x - 0.1, 0.02, depth * 0.5, 0), 0, under - 0.14, depth * 0.08));
    for (const side of [-1, 1])
      assembly.add(
        style.metal,
        move(box(0.012, 0.14, depth * 0.5, { round: 0.002 }), side * (x - 0.055), under - 0.14, depth * 0.08),
      );
    return assembly.build(size);
  }
  const tall = style.edges === 'soft' ? 0.11 : 0.13;
  const columns = Math.max(2, Math.round((2 * x) / 0.45));
  casework(assembly, style, {
    x: 2 * x - (style.legs === 'sled' ? 0.04 : -0.02),
    y: tall,
    z: 2 * z - 0.01,
    lift: under - tall + 0.001,
    columns: Array.from({ length: columns }, (_, n) =>
      columns > 2 && n === Math.floor(columns / 2) ? ['open' as const] : ['drawer' as const],
    ),
    board: 0.014,
    seed: seed + 1,
  });
  return assembly.build(size);
}

export function nightstand(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const assembly = new Assembly();
  const lift = Math.min(
    0.24,
    { tapered: 0.19, hairpin: 0.2, block: 0.1, turned: 0.16, sled: 0.12 }[style.legs],
    height * 0.42,
  );
  const stand = legs(style, {
    x: width / 2 - 0.055,
    z: depth / 2 - 0.055,
    height: lift + 0.001,
    thick: 0.019,
  });
  assembly.add(stand.material, ...stand.parts);
  casework(assembly, style, {
    x: width,
    y: height - lift,
    z: depth,
    lift,
    columns: [style.arms === 'slim' ? ['open', 'drawer'] : ['drawer', 'drawer']],
    board: style.legs === 'hairpin' ? 0.026 : 0.019,
    seed,
  });
  return assembly.build(size);
}

/** A round table top on one turned foot or on legs of the style, for a small dining place. */
export function roundTable(size: Vec3, style: Style): Mesh {
  const [width, depth, height] = size;
  const assembly = new Assembly();
  const thick = style.legs === 'hairpin' ? 0.038 : 0.026;
  const top = circle(width / 2, 56).map(([x, y, z]): Vec3 => [x, y, (z * depth) / width]);
  assembly.add(
    style.wood,
    move(plate(top, thick, style.edges === 'soft' ? 0.01 : 0.004, 4), 0, height - thick, 0),
  );
  const under = height - thick + 0.001;
  if (style.legs === 'tapered' || style.legs === 'hairpin') {
    const stand = legs(style, { x: width * 0.27, z: depth * 0.27, height: under, thick: 0.03 });
    assembly.add(stand.material, ...stand.parts);
    return assembly.build(size);
  }
  const r = width / 2;
  const foot: readonly (readonly [number, number])[] = [
    [0.001, 0],
    [0.56 * r, 0],
    [0.57 * r, 0.01],
    [0.54 * r, 0.022],
    [0.3 * r, 0.04],
    [0.12 * r, 0.09],
    [0.085 * r, 0.18],
    [0.075 * r, under * 0.45],
    [0.085 * r, under * 0.75],
    [0.12 * r, under * 0.9],
    [0.26 * r, under - 0.015],
    [0.27 * r, under],
    [0.001, under],
  ];
  assembly.add(style.legs === 'sled' ? style.metal : style.wood, lathe(foot, 36));
  return assembly.build(size);
}

import type { Vec3 } from '../../geometry/camera.ts';
import type { Mesh, Style } from '../../scene/types.ts';
import { Assembly } from '../mesh/assembly.ts';
import { box } from '../mesh/box.ts';
import { circle, loft, tube } from '../mesh/loft.ts';
import { move, steps } from '../mesh/part.ts';
import { noise, random } from '../mesh/random.ts';
import { shell } from '../mesh/shell.ts';
import { button, buttons, cushion, evenly } from '../mesh/soft.ts';
import { boards } from '../parts/casework.ts';
import { legs } from '../parts/legs.ts';

/** A bench for the foot of a bed or a table: upholstered, or of boards where seats are of wood. */
export function bench(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const assembly = new Assembly();
  const wooden = style.legs === 'hairpin' || style.arms === 'slim';
  const thick = wooden ? 0.035 : 0.11;
  const stand = legs(style, {
    x: width / 2 - 0.11,
    z: depth / 2 - 0.07,
    height: height - thick + 0.002,
    thick: 0.021,
  });
  assembly.add(stand.material, ...stand.parts);
  if (wooden) {
    const make = boards(random(seed));
    const count = Math.max(3, Math.round(depth / 0.11));
    const pitch = depth / count;
    for (const z of evenly(-depth / 2, depth / 2, count))
      assembly.add(style.wood, move(make(width, thick, pitch - 0.004, 0, 0.005), 0, height - thick, z));
    for (const side of [-1, 1])
      assembly.add(
        style.wood,
        move(make(0.05, 0.022, depth - 0.06, 2), side * (width / 2 - 0.12), height - thick - 0.021, 0),
      );
    return assembly.build(size);
  }
  const places = evenly(-width / 2, width / 2, Math.round(width / 0.2)).flatMap((x) =>
    [-depth / 5, depth / 5].map((z) => [x, z] as const),
  );
  const tufted = style.backs === 'tufted';
  assembly.add(
    style.wood,
    move(box(width - 0.02, 0.03, depth - 0.02, { round: 0.004 }), 0, height - thick, 0),
  );
  const pad = [
    ...cushion(width, thick - 0.03, depth, {
      crown: 0.015,
      round: 0.03,
      seed,
      folds: 0.002,
      ...(tufted ? { tufts: buttons(places, 0.09) } : {}),
    }),
    ...(tufted ? places.map(([x, z]) => move(button(), x, thick - 0.05, z)) : []),
  ];
  assembly.add(style.second, ...pad.map((part) => move(part, 0, height - thick + 0.025, 0)));
  return assembly.build(size);
}

/** A round stuffed pouf, gathered at its seams. */
export function pouf(size: Vec3, style: Style, seed: number): Mesh {
  const [width, , height] = size;
  const r = width / 2;
  const gores = 12;
  const count = gores * 6;
  const line = steps(0, Math.PI, 22).map((a) => {
    const s = Math.sin(a);
    // Flattened above and below, full at the waist.
    return [
      r * s ** 0.55,
      (height / 2) * (1 - Math.sign(Math.cos(a)) * Math.abs(Math.cos(a)) ** 0.72),
    ] as const;
  });
  const rings = line.map(([radius, y], n) => {
    const waist = Math.sin((Math.PI * n) / 22);
    return circle(1, count, y).map(([x, py, z], k): Vec3 => {
      const seam = Math.abs(Math.cos((Math.PI * k) / 6)) ** 14;
      const full = Math.max(
        0.002,
        radius * (1 - 0.03 * seam * waist + 0.02 * noise(x * 2.5, py * 5, z * 2.5, seed)),
      );
      return [x * full, py, z * full];
    });
  });
  const assembly = new Assembly();
  assembly.add(style.accent, loft(rings), move(button(0.022), 0, height - 0.006, 0));
  return assembly.build(size);
}

export function barStool(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const assembly = new Assembly();
  const seat = Math.min(0.76, height - 0.12);
  const splay = 0.045;
  const [x, z] = [width / 2 - 0.02 - splay, depth / 2 - 0.03 - splay];
  const leg = style.edges === 'soft' ? style.wood : style.metal;
  const r = style.edges === 'soft' ? 0.016 : 0.011;
  const corners = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ] as const;
  const point = (sx: number, sz: number, y: number): Vec3 => {
    const t = 1 - y / seat;
    return [sx * (x + splay * t), y, sz * (z + splay * t)];
  };
  for (const [n, [sx, sz]] of corners.entries()) {
    assembly.add(
      leg,
      tube([point(sx, sz, r * 0.6), point(sx, sz, seat * 0.5), point(sx, sz, seat - 0.03)], r, {
        sides: 10,
        taper: (t) => 0.8 + 0.2 * t,
      }),
    );
    const [nx, nz] = corners[(n + 1) % 4] ?? [0, 0];
    const y = n % 2 === 0 ? 0.2 : 0.27;
    assembly.add(leg, tube([point(sx, sz, y), point(nx, nz, y)], r * 0.62, { sides: 8 }));
  }
  const pad = cushion(width - 0.03, 0.05, depth - 0.06, { crown: 0.014, round: 0.022, seed, folds: 0.002 });
  assembly.add(
    style.wood,
    move(box(width - 0.04, 0.018, depth - 0.07, { round: 0.006 }), 0, seat - 0.035, -0.01),
  );
  assembly.add(style.second, ...pad.map((part) => move(part, 0, seat - 0.018, -0.01)));
  const back = shell(
    (u, v) => {
      const s = 2 * v - 1;
      return [
        s * (width / 2 - 0.02),
        height - 0.09 + 0.15 * (u - 0.5) * (1 - 0.25 * s * s),
        depth / 2 - 0.012 - 0.06 * s * s + 0.02 * (u - 0.5),
      ];
    },
    [4, 18],
    () => 0.016,
  );
  assembly.add(style.edges === 'soft' ? style.wood : style.second, back);
  for (const side of [-1, 1])
    assembly.add(
      leg,
      tube(
        [
          [side * (width / 2 - 0.06), seat - 0.02, depth / 2 - 0.07],
          [side * (width / 2 - 0.055), height - 0.09, depth / 2 - 0.045],
        ],
        r * 0.8,
        { sides: 8 },
      ),
    );
  return assembly.build(size);
}

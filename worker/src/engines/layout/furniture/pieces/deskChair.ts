import type { Vec3 } from '../../geometry/camera.ts';
import type { Mesh, Style } from '../../scene/types.ts';
import { Assembly } from '../mesh/assembly.ts';
import { box } from '../mesh/box.ts';
import { lathe, tube } from '../mesh/loft.ts';
import { move, type Part, turn, warp } from '../mesh/part.ts';
import { shell } from '../mesh/shell.ts';
import { cushion, evenly } from '../mesh/soft.ts';
import { BLACK } from '../parts/materials.ts';

/** A swivel chair on five castors. */
export function deskChair(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const assembly = new Assembly();
  const seat = Math.min(0.48, height * 0.52);
  const r = Math.min(width, depth) / 2 - 0.02;
  for (const way of evenly(0, 2 * Math.PI, 5)) {
    const [c, s] = [Math.cos(way), Math.sin(way)];
    assembly.add(
      style.metal,
      tube(
        [
          [0, 0.11, 0],
          [r * 0.5 * c, 0.1, r * 0.5 * s],
          [r * c, 0.065, r * s],
        ],
        0.016,
        { sides: 8, taper: (t) => 1.15 - 0.4 * t },
      ),
    );
    const wheel = turn(
      lathe(
        [
          [0.001, -0.017],
          [0.024, -0.017],
          [0.028, -0.012],
          [0.028, 0.012],
          [0.024, 0.017],
          [0.001, 0.017],
        ],
        16,
      ),
      'z',
      Math.PI / 2,
    );
    assembly.add(
      BLACK,
      move(turn(wheel, 'y', way + 0.8), r * c, 0.028, r * s),
      tube(
        [
          [r * c, 0.035, r * s],
          [r * c, 0.066, r * s],
        ],
        0.008,
        { sides: 6 },
      ),
    );
  }
  assembly.add(
    style.metal,
    lathe(
      [
        [0.001, 0.085],
        [0.034, 0.085],
        [0.034, 0.13],
        [0.026, 0.135],
        [0.026, seat - 0.14],
        [0.015, seat - 0.135],
        [0.015, seat - 0.06],
        [0.001, seat - 0.06],
      ],
      18,
    ),
  );
  assembly.add(BLACK, move(box(0.24, 0.03, 0.26, { round: 0.01 }), 0, seat - 0.095, 0));
  const wide = width - 0.12;
  const pad = cushion(wide, 0.075, depth - 0.14, { crown: 0.02, round: 0.034, seed, folds: 0.003 });
  assembly.add(
    style.second,
    ...pad.map((part) =>
      move(
        warp(part, ([x, y, z]) => [
          x * (1 - 0.08 * (z / depth + 0.5)),
          y - 0.03 * Math.max(0, -z / depth - 0.2),
          z,
        ]),
        0,
        seat - 0.075,
        -0.02,
      ),
    ),
  );
  const rise = height - seat - 0.1;
  const place = (u: number, v: number): Vec3 => {
    const s = 2 * u - 1;
    const half =
      (wide / 2) *
      (0.94 - 0.1 * v) *
      Math.sqrt(1 - (0.62 * Math.max(0, (v - 0.8) / 0.2)) ** 2) *
      Math.sqrt(1 - (0.5 * Math.max(0, (0.15 - v) / 0.15)) ** 2);
    return [
      s * half,
      seat + 0.09 + rise * v,
      depth / 2 - 0.1 - 0.055 * s * s + 0.07 * v - 0.05 * Math.sin(Math.PI * v * 0.9),
    ];
  };
  assembly.add(
    style.second,
    shell(place, [14, 18], (u, v) => 0.05 * (1 - 0.3 * Math.abs(2 * u - 1) ** 4) * (1 - 0.15 * v)),
  );
  assembly.add(
    style.metal,
    tube(
      [
        [0, seat - 0.08, 0.08],
        [0, seat - 0.075, depth / 2 - 0.12],
        [0, seat - 0.03, depth / 2 - 0.07],
        [0, seat + 0.08, depth / 2 - 0.065],
        [0, seat + rise * 0.5, depth / 2 - 0.085],
      ],
      0.017,
      { sides: 10, flat: 0.6 },
    ),
  );
  const arms: Part[] = [-1, 1].flatMap((side) => [
    tube(
      [
        [side * (wide / 2 - 0.06), seat - 0.07, 0.02],
        [side * (width / 2 - 0.03), seat - 0.06, 0.03],
        [side * (width / 2 - 0.028), seat + 0.05, 0.04],
        [side * (width / 2 - 0.03), seat + 0.19, 0.03],
      ],
      0.012,
      { sides: 8 },
    ),
  ]);
  assembly.add(style.metal, ...arms);
  for (const side of [-1, 1])
    assembly.add(
      BLACK,
      move(box(0.055, 0.026, 0.25, { round: 0.011, bevel: 4 }), side * (width / 2 - 0.0275), seat + 0.185, 0),
    );
  return assembly.build(size);
}

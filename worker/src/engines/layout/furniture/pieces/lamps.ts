import type { Vec3 } from '../../geometry/camera.ts';
import type { Material, Mesh, Style } from '../../scene/types.ts';
import { Assembly } from '../mesh/assembly.ts';
import { circle, lathe, loft, tube } from '../mesh/loft.ts';
import { add, mix, move, type Part, steps } from '../mesh/part.ts';
import { random } from '../mesh/random.ts';
import { colour } from '../styles.ts';
import { vasePart } from './props.ts';

const PAPER: Material = { kind: 'shade', albedo: colour('#f3ecdd') };
const BULB: Material = { kind: 'shade', albedo: colour('#fff4dc') };

/** An open shade, `low` and `high` its radii below and above; both its faces are seen. */
function shade(low: number, high: number, tall: number, wall = 0.003): Part {
  const line = steps(0, 1, 6).map((t) => [low + (high - low) * t, tall * t] as const);
  const rings = [...line, ...line.toReversed().map(([r, y]) => [r - wall, y] as const)];
  return loft(
    rings.map(([r, y]) => circle(r, 40, y)),
    'joined',
  );
}

/** The spider that holds a shade, and the bulb in it. */
/** `reach` is the radius of the shade at 0.8 of its height. */
function fitting(assembly: Assembly, style: Style, level: number, reach: number, tall: number): void {
  const y = level + tall * 0.8;
  assembly.add(
    style.metal,
    ...[0, 1, 2].map((n) =>
      tube(
        [
          [0, y, 0],
          [reach * Math.cos(n * 2.094), y, reach * Math.sin(n * 2.094)],
        ],
        0.002,
        { sides: 6 },
      ),
    ),
  );
  assembly.add(
    BULB,
    move(
      lathe(
        [
          [0.001, 0],
          [0.013, 0.004],
          [0.016, 0.02],
          [0.03, 0.05],
          [0.032, 0.065],
          [0.024, 0.085],
          [0.001, 0.096],
        ],
        16,
      ),
      0,
      level + tall * 0.3,
      0,
    ),
  );
}

export function floorLamp(size: Vec3, style: Style, seed: number): Mesh {
  const [width, , height] = size;
  const r = width / 2;
  const assembly = new Assembly();
  const tall = Math.min(0.34, r * 1.35);
  const level = height - tall;
  const tripod = style.legs === 'tapered' || style.legs === 'turned';
  if (style.legs === 'hairpin') {
    studio(assembly, style, r, height);
    return assembly.build(size);
  }
  const cone = style.arms === 'frame' ? 0.72 : style.arms === 'slim' ? 0.84 : 1;
  assembly.add(PAPER, move(shade(r, r * cone, tall), 0, level, 0));
  fitting(assembly, style, level, r * (1 - 0.8 * (1 - cone)) - 0.004, tall);
  if (tripod && random(seed).next() < 0.6) {
    const hub: Vec3 = [0, level - 0.1, 0];
    assembly.add(
      style.metal,
      move(
        lathe(
          [
            [0.001, 0],
            [0.03, 0.002],
            [0.032, 0.03],
            [0.012, 0.05],
            [0.009, 0.18 + tall * 0.6],
            [0.001, 0.18 + tall * 0.6],
          ],
          18,
        ),
        0,
        level - 0.12,
        0,
      ),
    );
    for (const n of [0, 1, 2]) {
      const way = n * 2.0944 + 0.5;
      const foot: Vec3 = [r * 0.97 * Math.cos(way), 0, r * 0.97 * Math.sin(way)];
      const tip = add(hub, [0.02 * Math.cos(way), 0.01, 0.02 * Math.sin(way)]);
      assembly.add(
        style.wood,
        loft(
          steps(0, 1, 6).map((t) => {
            const c = mix(foot, tip, t);
            return circle(0.0085 + 0.0065 * Math.sin(Math.PI * (0.2 + 0.6 * t)), 10).map((p) => add(p, c));
          }),
        ),
      );
      const brace = mix(foot, tip, 0.45);
      assembly.add(style.metal, tube([brace, [0, brace[1], 0]], 0.003, { sides: 6 }));
    }
  } else {
    const base = Math.min(0.15, r * 0.75);
    assembly.add(
      style.metal,
      lathe(
        [
          [0.001, 0],
          [base * 0.97, 0],
          [base, 0.004],
          [base, 0.014],
          [base * 0.97, 0.019],
          [0.03, 0.024],
          [0.016, 0.03],
          [0.0105, 0.05],
          [0.0105, level + tall * 0.8],
          [0.001, level + tall * 0.8 + 0.004],
        ],
        32,
      ),
    );
  }
  return assembly.build(size);
}

/** A metal reflector on a jointed stand. */
function studio(assembly: Assembly, style: Style, r: number, height: number): void {
  const dome: [number, number][] = [
    [1, 0],
    [0.985, 0.12],
    [0.93, 0.3],
    [0.8, 0.5],
    [0.58, 0.68],
    [0.3, 0.8],
    [0.14, 0.86],
  ];
  const big = r * 0.8;
  const outer = dome.map(([x, y]) => [x * big, y * big] as const);
  const inner = outer.toReversed().map(([x, y]) => [Math.max(0.002, x - 0.003), y - 0.002] as const);
  const head = loft(
    [...outer, ...inner].map(([x, y]) => circle(x, 36, y)),
    'joined',
  );
  const top = height - big * 0.98;
  const tilt = 0.35;
  const aim = (part: Part): Part => ({
    ...part,
    positions: part.positions.map(
      ([x, y, z]): Vec3 => [
        x,
        y * Math.cos(tilt) + z * Math.sin(tilt) + top,
        z * Math.cos(tilt) - y * Math.sin(tilt),
      ],
    ),
  });
  assembly.add(
    style.metal,
    aim(head),
    aim(
      move(
        lathe(
          [
            [0.001, 0],
            [0.03, 0],
            [0.03, 0.03],
            [0.018, 0.08],
            [0.001, 0.085],
          ],
          18,
        ),
        0,
        big * 0.8,
        0,
      ),
    ),
  );
  assembly.add(
    BULB,
    aim(
      move(
        lathe(
          [
            [0.001, 0],
            [0.03, 0.015],
            [0.04, 0.045],
            [0.03, 0.08],
            [0.014, 0.11],
            [0.001, 0.11],
          ],
          16,
        ),
        0,
        big * 0.32,
        0,
      ),
    ),
  );
  const neck: Vec3 = [0, top + big * 0.86 * Math.cos(tilt), -big * 0.86 * Math.sin(tilt)];
  assembly.add(
    style.metal,
    tube(
      [
        [0, 0.17, r * 0.4],
        [0, height * 0.5, r * 0.4],
        [0, top - 0.08, r * 0.4],
        [0, top + 0.06, r * 0.28],
        neck,
      ],
      0.011,
      { sides: 10 },
    ),
  );
  for (const n of [0, 1, 2]) {
    const way = n * 2.0944 + Math.PI / 2 + Math.PI;
    assembly.add(
      style.metal,
      tube(
        [
          [0, 0.2, r * 0.4],
          [r * 0.55 * Math.cos(way) * 1.6, 0.008, r * 0.4 + r * 0.58 * Math.sin(way)],
        ],
        0.0085,
        { sides: 8 },
      ),
    );
  }
}

export function tableLamp(size: Vec3, style: Style, seed: number): Mesh {
  const [width, , height] = size;
  const r = width / 2;
  const assembly = new Assembly();
  const tall = Math.min(height * 0.46, r * 1.4);
  const level = height - tall;
  const cone = style.edges === 'soft' ? 0.74 : 0.94;
  assembly.add(PAPER, move(shade(r, r * cone, tall, 0.0025), 0, level, 0));
  fitting(assembly, style, level, r * (1 - 0.8 * (1 - cone)) - 0.004, tall);
  const dice = random(seed);
  const foot = level - 0.03;
  if (style.legs === 'hairpin')
    assembly.add(
      style.metal,
      lathe(
        [
          [0.001, 0],
          [r * 0.6, 0],
          [r * 0.6, 0.016],
          [0.02, 0.02],
          [0.009, 0.03],
          [0.009, level + tall * 0.8],
          [0.001, level + tall * 0.8],
        ],
        24,
      ),
    );
  else {
    assembly.add(style.ceramic, vasePart(r * 0.56, foot, dice));
    assembly.add(
      style.metal,
      move(
        lathe(
          [
            [0.001, 0],
            [r * 0.28, 0],
            [r * 0.26, 0.008],
            [0.01, 0.012],
            [0.006, 0.02],
            [0.006, 0.05 + tall * 0.8],
            [0.001, 0.05 + tall * 0.8],
          ],
          18,
        ),
        0,
        foot - 0.006,
        0,
      ),
    );
  }
  return assembly.build(size);
}

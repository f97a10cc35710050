import type { Vec3 } from '../../geometry/camera.ts';
import type { Mesh, Style } from '../../scene/types.ts';
import { Assembly } from '../mesh/assembly.ts';
import { circle, loft, plate, rectangle, tube } from '../mesh/loft.ts';
import { mix, move, type Part, steps, warp } from '../mesh/part.ts';
import { shell } from '../mesh/shell.ts';
import { cushion } from '../mesh/soft.ts';

/** Half the width at the front and the back of the seat, and where these lie. */
interface Seat {
  readonly front: number;
  readonly rear: number;
  readonly z0: number;
  readonly z1: number;
  readonly level: number;
}

/** A chair to sit at a table or desk: its seat at 0.45 m, its back leaning. */
export function chair(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const seat: Seat = {
    front: width / 2 - 0.012,
    rear: width / 2 - 0.045,
    z0: -depth / 2 + 0.02,
    z1: depth / 2 - 0.1,
    level: Math.min(0.46, height * 0.56),
  };
  const assembly = new Assembly();
  if (style.legs === 'sled') sled(assembly, size, seat, style);
  else if (style.legs === 'hairpin') school(assembly, size, seat, style);
  else if (style.arms === 'frame') plywood(assembly, size, seat, style, seed);
  else spindles(assembly, size, seat, style);
  return assembly.build(size);
}

/** A straight round leg from floor to seat, thickest at two thirds. */
function stick(from: Vec3, to: Vec3, thick: number): Part {
  return loft(
    steps(0, 1, 8).map((t) => {
      const centre = mix(from, to, t);
      const r = thick * (0.62 + 0.38 * Math.sin(Math.PI * Math.min(1, 0.12 + 0.72 * t)));
      return circle(r, 10).map(([x, y, z]): Vec3 => [centre[0] + x, centre[1] + y, centre[2] + z]);
    }),
  );
}

/** The saddle of a wooden seat: a plate hollowed towards its middle. */
function saddle({ front, rear, z0, z1, level }: Seat, thick: number): Part {
  const ring = rectangle(2 * front, z1 - z0, 0.06, 6).map(([x, , z]): Vec3 => {
    const t = (z + (z1 - z0) / 2) / (z1 - z0);
    return [(x * (front + (rear - front) * t)) / front, 0, z];
  });
  const flat = plate(ring, thick, thick * 0.45, 4);
  return move(
    warp(flat, ([x, y, z]) => [x, y + 0.012 * Math.max(0, z / (z1 - z0)) + 0.01 * (x / front) ** 2, z]),
    0,
    level - thick - 0.008,
    (z0 + z1) / 2,
  );
}

function fourLegs(
  seat: Seat,
  style: Style,
  splay: number,
  under: number,
): { assembly: (to: Assembly) => void } {
  const { front, rear, z0, z1 } = seat;
  const corners = [
    [-(front - 0.035), z0 + 0.05, -splay, -splay],
    [front - 0.035, z0 + 0.05, splay, -splay],
    [rear - 0.02, z1 - 0.04, splay, splay * 1.3],
    [-(rear - 0.02), z1 - 0.04, -splay, splay * 1.3],
  ] as const;
  const bars = corners.map(([x, z, dx, dz]) =>
    stick([x + dx, 0, z + dz], [x - dx * 0.2, under, z - dz * 0.2], 0.0165),
  );
  const stretchers = [-1, 1].map((side) =>
    tube(
      [
        [side * (front - 0.028 + splay * 0.55), under * 0.42, z0 + 0.05 - splay * 0.5],
        [side * (rear - 0.014 + splay * 0.55), under * 0.42, z1 - 0.04 + splay * 0.6],
      ],
      0.008,
      { sides: 7 },
    ),
  );
  return { assembly: (to) => void to.add(style.wood, ...bars, ...stretchers) };
}

/** A bent rail as the top of a back; `arc` is how far its middle lies behind its ends. */
function rail(half: number, y: number, z: number, arc: number, tall: number, thick: number): Part {
  return shell(
    (u, v) => {
      const s = 2 * v - 1;
      const slim = 1 - 0.3 * s * s - 0.2 * Math.abs(s) ** 9;
      return [s * half, y + tall * (u - 0.5) * slim, z + arc * (1 - s * s) + 0.12 * tall * (u - 0.5)];
    },
    [4, 20],
    () => thick,
  );
}

function spindles(assembly: Assembly, [, depth, height]: Vec3, seat: Seat, style: Style): void {
  const { rear, z1, level } = seat;
  assembly.add(style.wood, saddle(seat, 0.03));
  fourLegs(seat, style, 0.035, level - 0.03).assembly(assembly);
  const count = 7;
  const z = depth / 2 - 0.055;
  const arc = 0.05;
  assembly.add(style.wood, rail(rear + 0.025, height - 0.04, z - arc, arc, 0.085, 0.02));
  for (let n = 0; n < count; n += 1) {
    const s = (2 * n) / (count - 1) - 1;
    const edge = Math.abs(s) > 0.9;
    const foot: Vec3 = [s * (rear - 0.03), level - 0.012, z1 - 0.035 - 0.02 * s * s];
    const tip: Vec3 = [s * (rear + 0.005), height - 0.05, z - arc + arc * (1 - s * s)];
    assembly.add(style.wood, stick(foot, tip, edge ? 0.0125 : 0.0075));
  }
}

function plywood(assembly: Assembly, [, depth, height]: Vec3, seat: Seat, style: Style, seed: number): void {
  const { front, rear, z0, z1, level } = seat;
  fourLegs(seat, style, 0.03, level - 0.045).assembly(assembly);
  assembly.add(style.wood, saddle({ ...seat, level: level - 0.035 }, 0.02));
  const pad = cushion(2 * front - 0.016, 0.034, z1 - z0 - 0.016, {
    crown: 0.016,
    round: 0.015,
    folds: 0.0015,
    seed,
  });
  assembly.add(
    style.second,
    ...pad.map((part) =>
      move(
        warp(part, ([x, y, z]) => [x * (1 - 0.1 * ((z - z0) / (z1 - z0))), y, z]),
        0,
        level - 0.045,
        (z0 + z1) / 2,
      ),
    ),
  );
  const z = depth / 2 - 0.05;
  assembly.add(style.wood, rail(rear + 0.03, height - 0.085, z - 0.055, 0.055, 0.17, 0.014));
  for (const side of [-1, 1])
    assembly.add(
      style.wood,
      stick(
        [side * (rear - 0.03), level - 0.05, z1 - 0.03],
        [side * (rear - 0.05), height - 0.06, z - 0.002],
        0.015,
      ),
    );
}

function school(assembly: Assembly, [, depth, height]: Vec3, seat: Seat, style: Style): void {
  const { front, rear, z0, z1, level } = seat;
  const pipe = 0.0115;
  for (const side of [-1, 1]) {
    const x = side * (rear + 0.005);
    const under = level - 0.025;
    assembly.add(
      style.metal,
      tube(
        [
          [side * (front - 0.01), pipe * 0.5, z0 + 0.01],
          [side * (front - 0.02), under - 0.05, z0 + 0.035],
          [side * (front - 0.022), under - 0.012, z0 + 0.05],
          [side * (front - 0.024), under, z0 + 0.09],
          [x, under, z1 - 0.06],
          [x, under + 0.012, z1 - 0.02],
          [x, level + 0.06, z1 + 0.005],
          [x, height - 0.03, depth / 2 - 0.02],
        ],
        pipe,
        { sides: 10 },
      ),
      tube(
        [
          [side * (rear + 0.015), pipe * 0.5, depth / 2 - 0.03],
          [x, under, z1 - 0.09],
        ],
        pipe,
        { sides: 10 },
      ),
      tube(
        [
          [side * (front - 0.016), under * 0.36, z0 + 0.025],
          [side * (rear + 0.012), under * 0.36, depth / 2 - 0.055],
        ],
        0.007,
        { sides: 8 },
      ),
    );
  }
  assembly.add(
    style.metal,
    tube(
      [
        [-(rear + 0.012), level * 0.34, depth / 2 - 0.055],
        [rear + 0.012, level * 0.34, depth / 2 - 0.055],
      ],
      0.007,
      { sides: 8 },
    ),
  );
  assembly.add(style.wood, saddle(seat, 0.016));
  for (const [y, tall] of [
    [height - 0.055, 0.1],
    [height - 0.19, 0.075],
  ] as const)
    assembly.add(
      style.wood,
      rail(rear + 0.016, y, depth / 2 - 0.062 - (height - y) * 0.06, 0.022, tall, 0.011),
    );
}

function sled(assembly: Assembly, [width, depth, height]: Vec3, seat: Seat, style: Style): void {
  const { z0, z1, level } = seat;
  // Seat and back are one padded shell that turns up at the rear.
  const half = width / 2 - 0.012;
  const run = z1 - z0 - 0.02;
  const rise = height - level + 0.02;
  const bend = 0.07;
  const line = (v: number): readonly [number, number] => {
    const total = run + rise - bend * 0.43 * 2;
    const s = v * total;
    const flat = run - bend;
    const lean = 0.19;
    const arc = bend * (Math.PI / 2 - lean);
    if (s < flat) return [z0 + 0.01 + s, level - 0.03 - 0.012 * Math.sin((Math.PI * s) / flat)];
    if (s < flat + arc) {
      const a = (s - flat) / bend;
      return [z0 + 0.01 + flat + bend * Math.sin(a), level - 0.03 + bend * (1 - Math.cos(a))];
    }
    const a = arc / bend;
    const t = s - flat - arc;
    return [
      z0 + 0.01 + flat + bend * Math.sin(a) + t * Math.sin(lean),
      level - 0.03 + bend * (1 - Math.cos(a)) + t * Math.cos(lean),
    ];
  };
  const surface = (u: number, t: number): Vec3 => {
    const s = 2 * u - 1;
    // Closer lines at both ends, where the outline is round.
    const v = t - (0.7 / (2 * Math.PI)) * Math.sin(2 * Math.PI * t);
    const [z, y] = line(v);
    const back = Math.max(0, v - 0.5) * 2;
    const w =
      half *
      (1 - 0.16 * back ** 2) *
      Math.sqrt(1 - (0.8 * Math.max(0, (v - 0.86) / 0.14)) ** 2) *
      Math.sqrt(1 - (0.6 * Math.max(0, (0.1 - v) / 0.1)) ** 2);
    return [s * w, y + 0.02 * s * s * (1 - back), z - 0.05 * s * s * back];
  };
  assembly.add(
    style.second,
    shell(surface, [14, 34], (u, v) => 0.042 * (1 - 0.35 * Math.abs(2 * u - 1) ** 4) * (1 - 0.2 * v)),
  );
  const pipe = 0.009;
  for (const side of [-1, 1]) {
    const x = side * (half - 0.045);
    const foot = side * (half + 0.002);
    const [front, rear] = [z0 + 0.05, depth / 2 - 0.06];
    assembly.add(
      style.metal,
      tube(
        [
          [x, level - 0.055, z1 - 0.1],
          [x, level - 0.058, z0 + 0.1],
          [x + side * 0.004, level - 0.075, z0 + 0.062],
          [foot - side * 0.003, 0.05, front - 0.02],
          [foot, 0.018, front - 0.012],
          [foot, pipe, front + 0.02],
          [foot, pipe, rear - 0.03],
          [foot, 0.018, rear + 0.002],
          [foot - side * 0.003, 0.05, rear + 0.008],
          [x + side * 0.004, level - 0.09, z1 - 0.06],
          [x, level - 0.06, z1 - 0.09],
        ],
        pipe,
        { sides: 9 },
      ),
    );
  }
  assembly.add(
    style.metal,
    ...[z0 + 0.14, z1 - 0.13].map((z) =>
      tube(
        [
          [-(half - 0.05), level - 0.058, z],
          [half - 0.05, level - 0.058, z],
        ],
        pipe * 0.9,
        { sides: 8 },
      ),
    ),
  );
}

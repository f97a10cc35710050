import type { Vec3 } from '../../geometry/camera.ts';
import type { Style } from '../../scene/types.ts';
import type { Assembly } from '../mesh/assembly.ts';
import { box } from '../mesh/box.ts';
import { loft } from '../mesh/loft.ts';
import { move, type Part, steps, turn } from '../mesh/part.ts';
import { evenly } from '../mesh/soft.ts';

/** Heights and widths of a seat, metres. */
export interface Frame {
  readonly width: number;
  readonly depth: number;
  readonly height: number;
  /** Underside of the body. */
  readonly lift: number;
  /** Underside of the seat cushions, and how thick they are. */
  readonly deck: number;
  readonly seat: number;
  readonly arm: number;
  readonly armHeight: number;
  readonly back: number;
  readonly inner: number;
}

/** An arm with a round scroll on top, the scroll outwards on the right. */
export function rolled(wide: number, tall: number, deep: number): Part {
  const roll = wide * 0.46;
  const stem = wide * 0.5 - 0.03;
  const scroll = steps(-0.9, Math.PI + 0.7, 16).map((angle): readonly [number, number] => [
    roll * Math.cos(angle),
    tall - roll + roll * Math.sin(angle),
  ]);
  const section: readonly (readonly [number, number])[] = [
    [0.3 * stem, 0],
    [stem, 0.004],
    [stem, tall * 0.35],
    [stem * 0.98, tall - 2.1 * roll],
    ...scroll,
    [-stem * 0.98, tall - 2.1 * roll],
    [-stem, tall * 0.35],
    [-stem, 0.004],
    [-0.3 * stem, 0],
  ];
  const ring = (z: number, inset: number): Vec3[] =>
    section.map(
      ([x, y]): Vec3 => [x * (1 - inset / roll), tall / 2 + (y - tall / 2) * (1 - (2 * inset) / tall), z],
    );
  const end = steps(0, Math.PI / 2, 3).map(
    (a) => [deep / 2 - 0.014 * (1 - Math.sin(a)), 0.014 * (1 - Math.cos(a))] as const,
  );
  return loft([
    ...end.toReversed().map(([z, inset]) => ring(-z, inset)),
    ...steps(-deep / 2 + 0.06, deep / 2 - 0.06, 5).map((z) => ring(z, 0)),
    ...end.map(([z, inset]) => ring(z, inset)),
  ]);
}

/** Open sides of bent wood: legs run up into the arms, rails between them. */
export function woodenFrame(assembly: Assembly, frame: Frame, style: Style): void {
  const { width, depth, deck, armHeight, height, arm } = frame;
  const rail = 0.062;
  const x = width / 2 - arm / 2;
  const front = -depth / 2 + 0.085;
  const rear = depth / 2 - 0.16;
  const post = (px: number, z0: number, z1: number, tall: number): Part => {
    const rings = steps(0, 1, 8).map((t) => {
      const r = 0.0125 + 0.0095 * Math.sin(Math.PI * (0.15 + 0.6 * t));
      return Array.from({ length: 10 }, (_, k): Vec3 => {
        const a = (2 * Math.PI * k) / 10;
        return [px + r * Math.cos(a), t * tall, z0 + (z1 - z0) * t + 1.35 * r * Math.sin(a)];
      });
    });
    return loft(rings);
  };
  const armrest = (side: number): Part =>
    move(
      box(arm, 0.028, depth * 0.78, {
        round: 0.011,
        bevel: 6,
        grid: [1, 1, 10],
        grain: 2,
        warp: ([px, y, z]) => {
          const t = z / (depth * 0.39);
          return [px * (1 - 0.28 * Math.max(0, t) ** 2), y - 0.03 * Math.max(0, t) + 0.008 * t * t, z];
        },
      }),
      side * x,
      armHeight - 0.028,
      -depth * 0.07,
    );
  for (const side of [-1, 1]) {
    assembly.add(
      style.wood,
      post(side * x, front - 0.02, front + 0.02, armHeight - 0.012),
      post(side * x, rear + 0.07, rear, armHeight - 0.03),
      armrest(side),
      move(box(0.024, rail, depth - 0.2, { round: 0.006, grain: 2 }), side * (x - 0.012), deck - rail, -0.02),
    );
  }
  const across = (z: number, y: number) =>
    move(box(2 * x - 0.03, rail, 0.024, { round: 0.006, grain: 0 }), 0, y, z);
  assembly.add(style.wood, across(-depth / 2 + 0.07, deck - rail), across(depth / 2 - 0.16, deck - rail));
  // Slatted back that the cushions lean on.
  const lean = 0.2;
  const tall = height - deck - 0.05;
  const slats = Math.max(6, Math.round(frame.inner / 0.1));
  const leaning = (part: Part) =>
    move(turn(part, 'x', lean), 0, deck - 0.02, depth / 2 - 0.045 - tall * Math.sin(lean));
  assembly.add(
    style.wood,
    leaning(move(box(2 * x, 0.045, 0.024, { round: 0.008, bevel: 4, grain: 0 }), 0, tall - 0.045, 0)),
    ...evenly(-frame.inner / 2, frame.inner / 2, slats).map((px) =>
      leaning(move(box(0.022, tall - 0.02, 0.014, { round: 0.005, grain: 1 }), px, 0, 0)),
    ),
    ...[-1, 1].map((side) =>
      leaning(move(box(0.034, tall, 0.026, { round: 0.009, grain: 1 }), side * (x - 0.017), 0, 0)),
    ),
  );
}

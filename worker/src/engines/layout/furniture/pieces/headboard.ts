import type { Vec3 } from '../../geometry/camera.ts';
import type { Style } from '../../scene/types.ts';
import type { Assembly } from '../mesh/assembly.ts';
import { box } from '../mesh/box.ts';
import { tube } from '../mesh/loft.ts';
import { move, type Part, turn } from '../mesh/part.ts';
import type { Random } from '../mesh/random.ts';
import { button, buttons, cushion, evenly } from '../mesh/soft.ts';
import { boards } from '../parts/casework.ts';

/** Measures of a bed, metres. */
export interface Frame {
  readonly width: number;
  readonly depth: number;
  readonly height: number;
  /** Upper face of the mattress. */
  readonly top: number;
  readonly mattress: number;
  /** Thickness of the headboard. */
  readonly head: number;
}

/** Of bars, spindles, boards or upholstery, as the style has it. */
export function headboard(
  assembly: Assembly,
  { width, depth, height, top, head }: Frame,
  style: Style,
  dice: Random,
): void {
  const z = depth / 2 - head / 2;
  const put = (part: Part, x: number, y: number) => move(part, x, y, z);
  const make = boards(dice);
  if (style.legs === 'hairpin') {
    const bar = 0.014;
    const bend: Vec3[] = [-1, 1].flatMap((side): Vec3[] => {
      const corner = [
        [width / 2 - bar, 0],
        [width / 2 - bar, height * 0.5],
        [width / 2 - bar, height - 0.14],
        [width / 2 - bar - 0.02, height - 0.065],
        [width / 2 - bar - 0.06, height - 0.025],
        [width / 2 - bar - 0.13, height - bar],
      ] as const;
      const points = corner.map(([x, y]): Vec3 => [side * x, y, 0]);
      return side < 0 ? points : points.toReversed();
    });
    const rail = (y: number) =>
      tube(
        [
          [-width / 2 + bar, y, 0],
          [width / 2 - bar, y, 0],
        ],
        0.009,
      );
    const count = Math.round(width / 0.13);
    assembly.add(
      style.metal,
      ...[
        tube(bend, bar, { sides: 10 }),
        rail(top - 0.1),
        rail(height - 0.16),
        ...evenly(-width / 2 + 0.03, width / 2 - 0.03, count).map((x) =>
          tube(
            [
              [x, top - 0.1, 0],
              [x, height - 0.16, 0],
            ],
            0.006,
            { sides: 6 },
          ),
        ),
      ].map((part) => put(part, 0, 0)),
    );
    return;
  }
  if (style.arms === 'slim') {
    const post = 0.036;
    assembly.add(
      style.wood,
      put(make(width, 0.06, head, 0, 0.012), 0, height - 0.06),
      put(make(width - 2 * post, 0.05, 0.024, 0), 0, top - 0.08),
    );
    for (const side of [-1, 1])
      assembly.add(
        style.wood,
        put(make(post, height - 0.02, head, 1, 0.01), side * (width / 2 - post / 2), 0),
      );
    const count = Math.max(7, Math.round(width / 0.1));
    assembly.add(
      style.wood,
      ...evenly(-width / 2 + post, width / 2 - post, count).map((x) =>
        put(
          tube(
            [
              [x, top - 0.05, 0],
              [x, height - 0.05, 0],
            ],
            0.008,
            { sides: 8 },
          ),
          0,
          0,
        ),
      ),
    );
    return;
  }
  if (style.arms === 'frame') {
    panel(assembly, style, width, height, head, z, make);
    return;
  }
  // Upholstered: channels or buttons in a board as wide as the bed.
  const bottom = 0.12;
  const tall = height - bottom;
  const tufted = style.backs === 'tufted';
  const columns = Math.max(3, Math.round(width / (tufted ? 0.24 : 0.2)));
  const stand = (part: Part) => put(turn(part, 'x', -Math.PI / 2), 0, bottom + tall / 2);
  if (tufted) {
    const rows = evenly(tall * 0.02, tall / 2 - 0.03, 2);
    const places = rows.flatMap((y, n) =>
      evenly(-width / 2, width / 2, columns - (n % 2)).map((x) => [x, y] as const),
    );
    assembly.add(
      style.upholstery,
      ...cushion(width, head * 0.7, tall, {
        crown: 0.02,
        round: 0.03,
        folds: 0.002,
        tufts: buttons(places, 0.13),
      }).map((part) => move(stand(part), 0, 0, head * 0.35)),
      ...places.map(([x, y]) => move(stand(move(button(), x, head * 0.7 - 0.016, y)), 0, 0, head * 0.35)),
    );
    return;
  }
  const wide = width / columns;
  assembly.add(
    style.upholstery,
    move(box(width - 0.01, tall, head * 0.4, { round: 0.012, bevel: 4 }), 0, bottom, depth / 2 - head * 0.2),
    ...evenly(-width / 2, width / 2, columns).flatMap((x, n) =>
      cushion(wide - 0.002, head * 0.62, tall, {
        crown: 0.012,
        round: 0.03,
        folds: 0.0015,
        piping: false,
        seed: n,
      }).map((part) => move(stand(part), x, 0, head * 0.1)),
    ),
  );
}

function panel(
  assembly: Assembly,
  style: Style,
  width: number,
  height: number,
  head: number,
  z: number,
  make: ReturnType<typeof boards>,
): void {
  const count = Math.max(2, Math.round(width / 0.8));
  const wide = width / count;
  for (const x of evenly(-width / 2, width / 2, count))
    assembly.add(style.wood, move(make(wide - 0.004, height * 0.62, head, 0, 0.008), x, height * 0.38, z));
  for (const side of [-1, 1])
    assembly.add(style.wood, move(make(0.06, height * 0.5, head, 1, 0.008), side * (width / 2 - 0.1), 0, z));
}

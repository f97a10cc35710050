import type { Vec3 } from '../../geometry/camera.ts';
import type { Mesh, Style } from '../../scene/types.ts';
import { Assembly } from '../mesh/assembly.ts';
import { box } from '../mesh/box.ts';
import { drape } from '../mesh/drape.ts';
import { tube } from '../mesh/loft.ts';
import { move, type Part, turn, warp } from '../mesh/part.ts';
import { type Random, random } from '../mesh/random.ts';
import { shell } from '../mesh/shell.ts';
import { button, buttons, cushion, evenly, pillow } from '../mesh/soft.ts';
import { boards } from '../parts/casework.ts';
import { legs } from '../parts/legs.ts';
import { COTTON, LINEN } from '../parts/materials.ts';

interface Frame {
  readonly width: number;
  readonly depth: number;
  readonly height: number;
  /** Upper face of the mattress. */
  readonly top: number;
  readonly mattress: number;
  /** Thickness of the headboard. */
  readonly head: number;
}

/** A made bed, its headboard at the back: mattress, duvet turned down, pillows, a throw at the foot. */
export function bed(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const dice = random(seed);
  const frame: Frame = {
    width,
    depth,
    height,
    top: Math.min(0.53, height * 0.55),
    mattress: 0.22,
    head: style.legs === 'hairpin' ? 0.03 : style.arms !== 'slim' && style.arms !== 'frame' ? 0.09 : 0.035,
  };
  const assembly = new Assembly();
  base(assembly, frame, style, seed);
  headboard(assembly, frame, style, dice);
  bedding(assembly, frame, style, dice, seed);
  return assembly.build(size);
}

function base(
  assembly: Assembly,
  { width, depth, top, mattress, head }: Frame,
  style: Style,
  seed: number,
): void {
  const floor = top - mattress;
  const rail = style.legs === 'hairpin' ? 0.05 : style.edges === 'crisp' ? 0.2 : 0.13;
  const under = floor + 0.045 - rail;
  const long = depth - head;
  const middle = -head / 2;
  const soft = style.edges === 'crisp' && style.legs !== 'hairpin';
  const material = style.legs === 'hairpin' ? style.metal : soft ? style.upholstery : style.wood;
  const make = boards(random(seed + 2));
  const side = (x: number, z: number, grain: 0 | 2) =>
    soft ? box(x, rail, z, { round: 0.016, bevel: 4 }) : make(x, rail, z, grain, 0.006);
  const thick = soft ? 0.05 : 0.028;
  for (const sign of [-1, 1]) {
    assembly.add(
      material,
      move(side(thick, long - 0.01, 2), sign * (width / 2 - 0.014 - thick / 2), under, middle),
    );
    assembly.add(
      material,
      move(
        side(width - (soft ? 0.034 : 2 * thick + 0.028), thick, 0),
        0,
        under,
        middle + sign * (long / 2 - 0.012 - thick / 2),
      ),
    );
  }
  assembly.add(
    style.wood,
    move(
      box(width - 2 * thick + 0.01, 0.02, long - 2 * thick + 0.01, { round: 0 }),
      0,
      floor - 0.015,
      middle,
    ),
  );
  const feet = legs(style, {
    x: width / 2 - 0.06,
    z: long / 2 - 0.06,
    height: under + 0.01,
    thick: 0.03,
    legs: style.legs === 'hairpin' || style.legs === 'sled' ? 'block' : style.legs,
  });
  assembly.add(
    style.legs === 'hairpin' ? style.metal : feet.material,
    ...feet.parts.map((part) => move(part, 0, 0, middle)),
  );
  assembly.add(
    COTTON,
    move(
      box(width - 0.06, mattress, long - 0.05, {
        round: 0.05,
        bevel: 6,
        grid: [10, 1, 10],
        warp: ([x, y, z]) => [x, y + (y > mattress / 2 ? 0.006 * Math.cos(x * 6) * Math.cos(z * 5) : 0), z],
      }),
      0,
      floor + 0.003,
      middle,
    ),
  );
}

function headboard(
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
      put(
        warp(make(width, 0.06, head, 0, 0.012), ([x, y, pz]) => [x, y, pz]),
        0,
        height - 0.06,
      ),
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

function bedding(assembly: Assembly, frame: Frame, style: Style, dice: Random, seed: number): void {
  const { width, depth, top, head } = frame;
  const [x, z] = [width / 2 - 0.03, (depth - head) / 2 - 0.03];
  const middle = -head / 2;
  const cloth = { x, z, top, round: 0.05, seed, puff: 0.012, folds: 0.02 };
  const drop = Math.min(0.3, top - 0.16);
  const fold = z - (width > 1.2 ? 0.56 : 0.5);
  // From the turned-down edge, b = fold, over the foot, b = -z.
  const puff = 0.02;
  /** A cloth from `from` to `to` along the bed, thinner at its hems, lying `off` above the mattress. */
  const spread = (
    off: number,
    from: number,
    to: number,
    hang: number,
    thick: number,
    cells: readonly [number, number],
    skew = 0,
  ) => {
    const thickness = (u: number, v: number) => {
      const hem = Math.min(1, 5 * Math.min(v, 1 - v), 9 * Math.min(u, 1 - u));
      return 0.004 + (thick - 0.004) * Math.sqrt(hem);
    };
    const surface = (u: number, v: number) => {
      const t = 2 * u - 1;
      return drape(
        { ...cloth, off: off + thickness(u, v) / 2, puff },
        t * (x + hang - 0.02),
        from + (to - from) * v + skew * t,
      );
    };
    return move(shell(surface, cells, thickness), 0, 0, middle);
  };
  const duvet = 0.026;
  assembly.add(LINEN, spread(0.004, fold, -z - drop * 0.8, drop, duvet, [34, 30]));
  // The turned-down end shows the sheet; it and the throw lie on the duvet.
  assembly.add(COTTON, spread(duvet + 0.004, fold + 0.012, fold - 0.24, drop * 0.96, 0.013, [34, 8]));
  assembly.add(style.accent, spread(duvet + 0.004, -z * 0.38, -z * 0.84, drop * 0.82, 0.013, [34, 12], 0.05));
  const each = width > 1.2 ? 2 : 1;
  const wide = Math.min(0.74, (width - 0.08) / each - 0.03);
  for (const px of evenly(-width / 2 + 0.03, width / 2 - 0.03, each)) {
    const rest = (deep: number, w: number, h: number, lean: number, dx: number) =>
      pillow(w, h, 0.17, dice.below(1e6), deep > 0.2).map((part) =>
        move(
          turn(turn(turn(part, 'z', dice.between(-0.03, 0.03)), 'x', lean), 'y', dice.between(-0.05, 0.05)),
          px + dx,
          top + 0.03,
          z + middle - deep,
        ),
      );
    assembly.add(COTTON, ...rest(0.17, wide, 0.46, 0.5, 0));
    assembly.add(
      each === 2
        ? style.second.kind === 'fabric'
          ? style.second
          : style.upholstery.kind === 'fabric'
            ? style.upholstery
            : LINEN
        : LINEN,
      ...rest(0.33, wide * 0.9, 0.42, 0.6, dice.between(-0.02, 0.02)),
    );
  }
  assembly.add(
    style.accent,
    ...pillow(Math.min(0.52, width * 0.45), 0.3, 0.13, seed + 4).map((part) =>
      move(
        turn(turn(part, 'x', 0.62), 'y', dice.between(-0.08, 0.08)),
        dice.between(-0.04, 0.04),
        top + 0.035,
        z + middle - 0.48,
      ),
    ),
  );
}

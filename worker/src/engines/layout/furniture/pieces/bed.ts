import type { Vec3 } from '../../geometry/camera.ts';
import type { Mesh, Style } from '../../scene/types.ts';
import { Assembly } from '../mesh/assembly.ts';
import { box } from '../mesh/box.ts';
import { drape } from '../mesh/drape.ts';
import { move, turn } from '../mesh/part.ts';
import { type Random, random } from '../mesh/random.ts';
import { shell } from '../mesh/shell.ts';
import { evenly, pillow } from '../mesh/soft.ts';
import { boards } from '../parts/casework.ts';
import { legs } from '../parts/legs.ts';
import { COTTON, LINEN } from '../parts/materials.ts';
import { type Frame, headboard } from './headboard.ts';

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

import type { Vec3 } from '../../geometry/camera.ts';
import type { Material, Mesh, Style } from '../../scene/types.ts';
import { Assembly } from '../mesh/assembly.ts';
import { box } from '../mesh/box.ts';
import { move, type Part, turn } from '../mesh/part.ts';
import { type Random, random } from '../mesh/random.ts';
import { button, buttons, cushion, evenly, pillow } from '../mesh/soft.ts';
import { legs } from '../parts/legs.ts';
import { type Frame, rolled, woodenFrame } from './seatFrames.ts';

function frameOf([width, depth, height]: Vec3, style: Style, seats: number): Frame {
  const lift = { slim: 0.15, track: 0.09, frame: 0.2, rolled: 0.11 }[style.arms];
  const arm = Math.min(
    { slim: 0.12, track: 0.17, frame: 0.07, rolled: 0.19 }[style.arms],
    width * (seats > 1 ? 0.1 : 0.17),
  );
  const seatTop = Math.min(0.46, 0.54 * height);
  const seat = style.arms === 'frame' ? 0.13 : 0.16;
  const armHeight = Math.min(height - 0.1, { slim: 0.6, track: 0.57, frame: 0.58, rolled: 0.63 }[style.arms]);
  return {
    width,
    depth,
    height,
    lift,
    arm,
    seat,
    armHeight,
    deck: seatTop - seat - 0.015,
    back: style.arms === 'frame' ? 0.05 : 0.13,
    inner: width - 2 * arm,
  };
}

/** A sofa, or an armchair when it is for one. */
export function seating(size: Vec3, style: Style, seed: number, one: boolean): Mesh {
  const dice = random(seed);
  const inner = size[0] - 0.3;
  const seats = one ? 1 : Math.max(2, Math.round(inner / 0.72));
  const frame = frameOf(size, style, seats);
  const fabric = one ? style.second : style.upholstery;
  const assembly = new Assembly();
  if (style.arms === 'frame') woodenFrame(assembly, frame, style);
  else body(assembly, frame, style, fabric, one);
  assembly.add(
    fabric,
    ...seatCushions(frame, style, seats, seed),
    ...backCushions(frame, style, seats, seed),
  );
  throwPillows(assembly, frame, style, one, dice);
  return assembly.build(size);
}

function body(assembly: Assembly, frame: Frame, style: Style, fabric: Material, one: boolean): void {
  const { width, depth, height, lift, deck, arm, armHeight, back } = frame;
  const round = style.edges === 'soft' ? 0.05 : 0.026;
  const stand = legs(style, {
    x: width / 2 - (style.legs === 'sled' ? 0.14 : 0.09),
    z: depth / 2 - 0.09,
    height: lift + 0.005,
    thick: 0.024,
    legs: style.legs === 'hairpin' || style.legs === 'turned' ? 'block' : style.legs,
  });
  assembly.add(stand.material, ...stand.parts);
  const base = move(
    box(width - (style.arms === 'rolled' ? 0.62 * arm : 0.02), deck - lift + 0.02, depth - 0.03, {
      round: 0.018,
      bevel: 4,
    }),
    0,
    lift,
    0.005,
  );
  const high = one
    ? height - 0.045
    : Math.min(height - 0.07, armHeight + (style.arms === 'track' ? 0.06 : 0.13));
  const rear = move(
    turn(
      box(width - 2 * arm + 0.04, high - lift, back, {
        round: Math.min(round, back * 0.4),
        bevel: 6,
        grid: [8, 4, 1],
      }),
      'x',
      0.05,
    ),
    0,
    lift,
    depth / 2 - back / 2 - 0.05,
  );
  assembly.add(fabric, base, rear, ...[-1, 1].map((side) => armOf(frame, style, round, side)));
}

function armOf(
  { width, depth, lift, arm, armHeight }: Frame,
  style: Style,
  round: number,
  side: number,
): Part {
  if (style.arms === 'rolled') {
    const part = rolled(arm, armHeight - lift, depth - 0.02);
    return move(side > 0 ? part : turn(part, 'y', Math.PI), side * (width / 2 - arm / 2), lift, 0);
  }
  const tall = armHeight - lift;
  const slope = style.arms === 'slim' ? 0.05 : 0;
  const part = box(arm, tall, depth - 0.01, {
    round: Math.min(round, arm * 0.42),
    bevel: 6,
    grid: [1, 5, 8],
    warp: ([x, y, z]) => {
      const t = y / tall;
      const puff = 0.008 * Math.sin(Math.PI * Math.min(1, t)) * (1 - (z / (depth / 2)) ** 2);
      // Slim arms fall a little towards the front and lean out.
      return [
        x + side * slope * 0.5 * (t - 1) * 0.6 + Math.sign(x) * puff,
        y - slope * t * Math.max(0, -z / depth),
        z,
      ];
    },
  });
  return move(part, side * (width / 2 - arm / 2), lift, 0);
}

function seatCushions(frame: Frame, style: Style, seats: number, seed: number): Part[] {
  const { depth, deck, seat, inner, back } = frame;
  const gap = 0.006;
  const bench = style.arms === 'frame' && seats > 1 ? 1 : seats;
  const wide = (inner - gap) / bench;
  const deep = depth - back - (style.arms === 'frame' ? 0.16 : 0.1);
  return evenly(-inner / 2, inner / 2, bench).flatMap((x, n) =>
    cushion(wide - gap, seat, deep, {
      crown: bench === 1 && seats > 1 ? 0.014 : 0.024,
      round: style.edges === 'soft' ? 0.042 : 0.03,
      seed: seed + 3 * n,
      folds: style.backs === 'tight' ? 0.005 : 0.0035,
    }).map((part) =>
      move(part, x, deck + 0.008, -depth / 2 + deep / 2 + (style.arms === 'frame' ? 0.03 : 0.012)),
    ),
  );
}

function backCushions(frame: Frame, style: Style, seats: number, seed: number): Part[] {
  const { depth, height, deck, seat, inner, back } = frame;
  const gap = 0.006;
  const wide = (inner - gap) / seats;
  const bottom = deck + seat + 0.004;
  const lean = style.arms === 'frame' ? 0.2 : 0.16;
  const tall = (height - bottom) / Math.cos(lean) - 0.012;
  const thick = style.arms === 'frame' ? 0.1 : style.backs === 'tight' ? 0.14 : 0.16;
  const rows = tall > 0.36 ? 2 : 1;
  return evenly(-inner / 2, inner / 2, seats).flatMap((x, n) => {
    const columns = Math.max(2, Math.round(wide / 0.2));
    const places = evenly(-tall / 2, tall / 2, rows + 1).flatMap((z) =>
      evenly(-wide / 2, wide / 2, columns).map((px) => [px, z] as const),
    );
    const tufted = style.backs === 'tufted';
    const made = cushion(wide - gap, thick, tall, {
      crown: style.backs === 'loose' ? 0.045 : 0.022,
      round: 0.045,
      seed: seed + 11 + 5 * n,
      folds: style.backs === 'loose' ? 0.007 : 0.004,
      ...(tufted ? { tufts: buttons(places, 0.1) } : {}),
    });
    const studs = tufted ? places.map(([px, z]) => move(button(), px, thick - 0.016, z)) : [];
    return [...made, ...studs].map((part) =>
      move(
        turn(part, 'x', lean - Math.PI / 2),
        x,
        bottom + tall / 2,
        depth / 2 -
          back -
          thick * 0.25 +
          (tall / 2) * Math.sin(lean) * 0.35 -
          (style.arms === 'frame' ? 0.075 : 0.02),
      ),
    );
  });
}

function throwPillows(assembly: Assembly, frame: Frame, style: Style, one: boolean, dice: Random): void {
  const { depth, deck, seat, inner, back, height } = frame;
  const side = Math.min(0.46, height - deck - seat - 0.02);
  const lay = (x: number, width: number, tall: number, yaw: number, roll: number, ahead: number) =>
    pillow(width, tall, 0.15, Math.floor(dice.next() * 1e6)).map((part) =>
      move(
        turn(turn(turn(part, 'z', roll), 'x', 0.36), 'y', yaw),
        x,
        deck + seat + 0.012,
        depth / 2 - back - 0.33 - ahead,
      ),
    );
  if (one) {
    if (dice.next() < 0.8)
      assembly.add(
        style.accent,
        ...lay(
          dice.between(-0.03, 0.03),
          Math.min(0.46, inner - 0.04),
          side * 0.68,
          dice.between(-0.12, 0.12),
          0,
          0,
        ),
      );
    return;
  }
  const end = inner / 2 - side / 2 - 0.02;
  const right = dice.next() < 0.5 ? 1 : -1;
  assembly.add(
    style.second.kind === 'leather' ? style.accent : style.second,
    ...lay(right * end, side, side, -right * 0.3, right * 0.08, 0.05),
  );
  assembly.add(
    style.accent,
    ...lay(right * (end - side * 0.62), side * 0.92, side * 0.78, -right * 0.14, -right * 0.04, 0.14),
  );
  assembly.add(style.accent, ...lay(-right * end, side, side, right * 0.26, right * 0.05, 0.05));
}

import type { Vec3 } from '../../geometry/camera.ts';
import type { Mesh, Style } from '../../scene/types.ts';
import { Assembly } from '../mesh/assembly.ts';
import { box } from '../mesh/box.ts';
import { drape } from '../mesh/drape.ts';
import { tube } from '../mesh/loft.ts';
import { move, turn } from '../mesh/part.ts';
import { random } from '../mesh/random.ts';
import { shell } from '../mesh/shell.ts';
import { evenly, pillow } from '../mesh/soft.ts';
import { boards } from '../parts/casework.ts';
import { COTTON, LINEN } from '../parts/materials.ts';

/** A mattress with pillow and blanket; its middle lies at x = 0, the head towards +z. */
function berth(
  assembly: Assembly,
  style: Style,
  wide: number,
  long: number,
  floor: number,
  thick: number,
  seed: number,
): void {
  const top = floor + thick;
  assembly.add(COTTON, move(box(wide, thick, long, { round: 0.04, bevel: 4, grid: [4, 1, 6] }), 0, floor, 0));
  const cloth = { x: wide / 2, z: long / 2, top, round: 0.04, seed, puff: 0.012, folds: 0.004, off: 0.014 };
  const drop = thick * 0.55;
  assembly.add(
    LINEN,
    shell(
      (u, v) =>
        drape(
          cloth,
          (2 * u - 1) * (wide / 2 + drop),
          long / 2 - 0.5 + (-long / 2 - drop * 0.6 - long / 2 + 0.5) * v,
        ),
      [20, 22],
      () => 0.02,
    ),
  );
  assembly.add(
    style.accent,
    shell(
      (u, v) =>
        drape(
          { ...cloth, off: 0.032 },
          (2 * u - 1) * (wide / 2 + drop * 0.8),
          -long * 0.12 - long * 0.22 * v,
        ),
      [20, 8],
      () => 0.012,
    ),
  );
  assembly.add(
    COTTON,
    ...pillow(Math.min(0.6, wide - 0.12), 0.36, 0.14, seed + 1).map((part) =>
      move(turn(part, 'x', 1), 0, top + 0.01, long / 2 - 0.3),
    ),
  );
}

/** A child's bed along x: a low frame with boards at head and foot, and a guard at the back. */
export function kidsBed(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const dice = random(seed);
  const make = boards(dice);
  const assembly = new Assembly();
  const post = 0.045;
  const deck = Math.min(0.26, height * 0.4);
  for (const sx of [-1, 1]) {
    const high = height - (sx > 0 ? 0.12 : 0);
    for (const sz of [-1, 1])
      assembly.add(
        style.wood,
        move(make(post, high, post, 1, 0.01), sx * (width / 2 - post / 2), 0, sz * (depth / 2 - post / 2)),
      );
    assembly.add(
      style.wood,
      move(
        make(0.022, high - deck - 0.02, depth - 2 * post + 0.01, 2, 0.008),
        sx * (width / 2 - post / 2),
        deck - 0.02,
        0,
      ),
    );
  }
  for (const sz of [-1, 1])
    assembly.add(
      style.wood,
      move(make(width - 2 * post + 0.01, 0.12, 0.022, 0, 0.006), 0, deck - 0.06, sz * (depth / 2 - post / 2)),
    );
  assembly.add(style.wood, move(box(width - 2 * post, 0.018, depth - post, { round: 0 }), 0, deck - 0.02, 0));
  const inner = new Assembly();
  berth(inner, style, depth - 0.075, width - 2 * post - 0.02, deck, 0.15, seed);
  for (const { part, material } of inner.parts()) assembly.add(material, turn(part, 'y', -Math.PI / 2));
  return assembly.build(size);
}

/** Two beds above each other along x, with a ladder in front. */
export function bunkBed(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const make = boards(random(seed));
  const assembly = new Assembly();
  const post = 0.06;
  const decks = [0.28, height - 0.46];
  for (const sx of [-1, 1])
    for (const sz of [-1, 1])
      assembly.add(
        style.wood,
        move(make(post, height, post, 1, 0.008), sx * (width / 2 - post / 2), 0, sz * (depth / 2 - post / 2)),
      );
  for (const [n, deck] of decks.entries()) {
    for (const sz of [-1, 1])
      assembly.add(
        style.wood,
        move(
          make(width - 2 * post + 0.01, 0.13, 0.024, 0, 0.005),
          0,
          deck - 0.07,
          sz * (depth / 2 - post / 2),
        ),
      );
    assembly.add(
      style.wood,
      move(box(width - 2 * post, 0.018, depth - post, { round: 0 }), 0, deck - 0.02, 0),
    );
    for (const sx of [-1, 1])
      for (const y of [deck + 0.1, deck + 0.26])
        if (y + 0.09 < height)
          assembly.add(
            style.wood,
            move(make(0.022, 0.085, depth - 2 * post + 0.01, 2, 0.005), sx * (width / 2 - post / 2), y, 0),
          );
    if (n === 1)
      for (const y of [deck + 0.16, deck + 0.32]) {
        assembly.add(
          style.wood,
          move(make(width - 2 * post + 0.01, 0.085, 0.02, 0, 0.005), 0, y, depth / 2 - post / 2),
        );
        assembly.add(
          style.wood,
          move(
            make((width - 2 * post) * 0.7, 0.085, 0.02, 0, 0.005),
            -width * 0.14 + post * 0.3,
            y,
            -depth / 2 + post / 2,
          ),
        );
      }
    const inner = new Assembly();
    berth(inner, style, depth - 0.085, width - 2 * post - 0.02, deck, 0.13, seed + n);
    for (const { part, material } of inner.parts()) assembly.add(material, turn(part, 'y', -Math.PI / 2));
  }
  const [low, high] = [width / 2 - post - 0.4, width / 2 - post - 0.03];
  for (const x of [low, high])
    assembly.add(style.wood, move(make(0.03, height - 0.1, 0.024, 1, 0.005), x, 0, -depth / 2 + 0.012));
  for (const y of evenly(0.1, height - 0.45, 5))
    assembly.add(
      style.wood,
      tube(
        [
          [low, y, -depth / 2 + 0.014],
          [high, y, -depth / 2 + 0.014],
        ],
        0.0125,
        { sides: 8 },
      ),
    );
  return assembly.build(size);
}

/** A cot with bars all round. */
export function crib(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const make = boards(random(seed));
  const assembly = new Assembly();
  const post = 0.045;
  const deck = height * 0.36;
  for (const sx of [-1, 1])
    for (const sz of [-1, 1])
      assembly.add(
        style.wood,
        move(make(post, height, post, 1, 0.012), sx * (width / 2 - post / 2), 0, sz * (depth / 2 - post / 2)),
      );
  const rails = [deck - 0.1, height - 0.06] as const;
  for (const y of rails) {
    for (const sz of [-1, 1])
      assembly.add(
        style.wood,
        move(make(width - 2 * post + 0.01, 0.045, 0.03, 0, 0.01), 0, y, sz * (depth / 2 - post / 2)),
      );
    for (const sx of [-1, 1])
      assembly.add(
        style.wood,
        move(make(0.03, 0.045, depth - 2 * post + 0.01, 2, 0.01), sx * (width / 2 - post / 2), y, 0),
      );
  }
  const bar = (x: number, z: number) =>
    tube(
      [
        [x, rails[0] + 0.02, z],
        [x, rails[1] + 0.01, z],
      ],
      0.0085,
      { sides: 8 },
    );
  const clear = width - 2 * post;
  for (const sz of [-1, 1])
    assembly.add(
      style.wood,
      ...evenly(-clear / 2, clear / 2, Math.round(clear / 0.075)).map((x) =>
        bar(x, sz * (depth / 2 - post / 2)),
      ),
    );
  const side = depth - 2 * post;
  for (const sx of [-1, 1])
    assembly.add(
      style.wood,
      ...evenly(-side / 2, side / 2, Math.round(side / 0.075)).map((z) =>
        bar(sx * (width / 2 - post / 2), z),
      ),
    );
  assembly.add(style.wood, move(box(clear, 0.02, side, { round: 0 }), 0, deck - 0.05, 0));
  assembly.add(
    COTTON,
    move(box(clear + 0.01, 0.11, side + 0.01, { round: 0.03, bevel: 4 }), 0, deck - 0.03, 0),
  );
  const top = deck + 0.08;
  const cloth = { x: clear / 2, z: side / 2, top, round: 0.02, seed, puff: 0.014, folds: 0, off: 0.012 };
  assembly.add(
    style.second.kind === 'fabric' ? style.second : LINEN,
    shell(
      (u, v) => drape(cloth, -clear * 0.12 + clear * 0.58 * v, (2 * u - 1) * (side / 2 - 0.04)),
      [12, 12],
      () => 0.016,
    ),
  );
  return assembly.build(size);
}

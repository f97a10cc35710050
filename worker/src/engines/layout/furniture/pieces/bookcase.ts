import type { Vec3 } from '../../geometry/camera.ts';
import type { Mesh, Style } from '../../scene/types.ts';
import { Assembly } from '../mesh/assembly.ts';
import { box } from '../mesh/box.ts';
import { at, move, turn } from '../mesh/part.ts';
import { type Random, random } from '../mesh/random.ts';
import { book, COVERS, type Piece, row } from '../parts/books.ts';
import { boards } from '../parts/casework.ts';
import { leaf } from '../parts/leaves.ts';
import { legs } from '../parts/legs.ts';
import { colour } from '../styles.ts';
import { vasePart, vessel } from './props.ts';

/** A bookcase with books, vessels and a plant on its shelves. */
export function bookcase(size: Vec3, style: Style, seed: number): Mesh {
  const [width, depth, height] = size;
  const dice = random(seed);
  const assembly = new Assembly();
  const iron = style.legs === 'hairpin';
  const board = iron ? 0.03 : 0.022;
  const lift = iron ? 0.1 : style.legs === 'block' ? 0.07 : Math.min(0.18, height * 0.1);
  const shelves = Math.max(3, Math.round((height - lift) / 0.36));
  const pitch = (height - lift - board - (iron ? 0.02 : 0)) / shelves;
  const make = boards(dice);
  const post = iron ? 0.024 : board;
  if (iron) {
    for (const sx of [-1, 1])
      for (const sz of [-1, 1])
        assembly.add(
          style.metal,
          move(
            box(post, height, post, { round: 0.002 }),
            sx * (width / 2 - post / 2),
            0,
            sz * (depth / 2 - post / 2),
          ),
        );
    for (const sx of [-1, 1]) {
      assembly.add(
        style.metal,
        move(
          box(post, post, depth - 2 * post, { round: 0.002 }),
          sx * (width / 2 - post / 2),
          height - post,
          0,
        ),
      );
      assembly.add(
        style.metal,
        move(
          box(post, post, depth - 2 * post, { round: 0.002 }),
          sx * (width / 2 - post / 2),
          lift - post,
          0,
        ),
      );
    }
    for (const sz of [-1, 1])
      assembly.add(
        style.metal,
        move(
          box(width - 2 * post, post, post, { round: 0.002 }),
          0,
          height - post,
          sz * (depth / 2 - post / 2),
        ),
      );
  } else {
    const feet = legs(style, {
      x: width / 2 - 0.06,
      z: depth / 2 - 0.055,
      height: lift + 0.001,
      thick: 0.02,
    });
    assembly.add(feet.material, ...feet.parts);
    for (const sx of [-1, 1])
      assembly.add(
        style.wood,
        move(make(board, height - lift, depth, 1, 0.004), sx * (width / 2 - board / 2), lift, 0),
      );
    assembly.add(
      style.wood,
      move(make(width - 0.006, height - lift - 0.006, 0.008, 1), 0, lift + 0.003, depth / 2 - 0.006),
    );
  }
  const inner = width - 2 * post;
  const rows = [...Array(shelves + 1).keys()];
  for (const n of rows)
    assembly.add(
      style.wood,
      move(
        make(inner + 0.002, board, depth - (iron ? 0.006 : 0.012), 0),
        0,
        lift + n * pitch,
        iron ? 0 : -0.002,
      ),
    );
  for (const n of rows.slice(0, -1)) {
    const level = lift + n * pitch + board;
    fill(assembly, style, inner - 0.016, pitch - board, depth, level, n, dice);
  }
  return assembly.build(size);
}

/** One shelf: books on a part of it, things on the rest. */
function fill(
  assembly: Assembly,
  style: Style,
  wide: number,
  room: number,
  depth: number,
  level: number,
  n: number,
  dice: Random,
): void {
  const deep = depth - 0.03;
  const put = (pieces: readonly Piece[], x: number, z = 0) => {
    for (const { part, material } of pieces) assembly.add(material, move(part, x, level, z));
  };
  const share = dice.between(0.42, 0.68);
  const left = (n + dice.below(2)) % 2 === 0;
  const full = dice.next() < 0.22;
  const bookWidth = full ? wide : wide * share;
  const x = full ? 0 : (left ? -1 : 1) * ((wide - bookWidth) / 2);
  put(row(bookWidth, room, deep, dice, full ? 0.97 : 1), x, -0.02);
  if (full) return;
  const rest = wide - bookWidth;
  const middle = (left ? 1 : -1) * (wide / 2 - rest / 2);
  const kind = (n + dice.below(2)) % 4;
  const round = Math.min(rest * 0.36, deep * 0.42, 0.11);
  if (kind === 0) {
    assembly.add(
      style.ceramic,
      move(vasePart(round * 0.8, Math.min(room * 0.78, round * 2.6), dice), middle, level, -0.01),
    );
    return;
  }
  if (kind === 1) {
    let high = 0;
    for (let k = 0; k < 3; k += 1) {
      const thick = dice.between(0.02, 0.036);
      const long = Math.min(rest * 0.86, 0.27) * (1 - 0.06 * k);
      const lying = book(thick, long, Math.min(deep * 0.84, 0.2), at(COVERS, dice.below(COVERS.length)));
      put(
        lying.map(({ part, material }) => ({
          material,
          part: move(
            turn(move(turn(part, 'z', Math.PI / 2), long / 2, 0, 0), 'y', dice.between(-0.06, 0.06)),
            0,
            high + thick / 2,
            0,
          ),
        })),
        middle,
      );
      high += thick;
    }
    if (rest > 0.16)
      assembly.add(
        style.ceramic,
        move(
          vessel(
            [
              [0.4, 0],
              [0.6, 0.1],
              [0.92, 0.55],
              [1, 1],
            ].map(([r = 0, y = 0]) => [r * round * 0.8, y * round * 0.8] as const),
            0.004,
            24,
          ),
          middle,
          level + high,
          0,
        ),
      );
    return;
  }
  if (kind === 2) {
    const pot = Math.min(room * 0.36, 0.11);
    assembly.add(
      style.ceramic,
      move(
        vessel(
          [
            [0.7, 0],
            [0.8, 0.05],
            [0.95, 0.6],
            [1, 1],
          ].map(([r = 0, y = 0]) => [r * pot * 0.55, y * pot] as const),
          0.005,
          24,
        ),
        middle,
        level,
        -0.02,
      ),
    );
    const green = { kind: 'leaf', albedo: colour('#557a48') } as const;
    for (let k = 0; k < 16; k += 1)
      assembly.add(
        green,
        move(
          leaf({
            long: Math.min(rest * 0.4, 0.13) * dice.between(0.7, 1.1),
            wide: 0.028,
            way: k * 2.4,
            lift: dice.between(0.4, 1.35),
            droop: dice.between(0.8, 1.6),
            shape: 'lance',
            cells: [2, 4],
          }),
          middle,
          level + pot * 0.86,
          -0.02,
        ),
      );
    return;
  }
  const tall = Math.min(room * 0.62, 0.24);
  assembly.add(
    style.wood,
    move(turn(box(tall * 0.78, tall, 0.014, { round: 0.002 }), 'x', 0.14), middle, level + 0.002, deep * 0.2),
  );
  assembly.add(
    { kind: 'paint', albedo: colour('#e4ded0'), roughness: 0.5 },
    move(
      turn(move(box(tall * 0.64, tall * 0.86, 0.004, { round: 0 }), 0, tall * 0.07, -0.007), 'x', 0.14),
      middle,
      level + 0.002,
      deep * 0.2,
    ),
  );
}

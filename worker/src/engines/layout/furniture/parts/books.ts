import type { Material } from '../../scene/types.ts';
import { box } from '../mesh/box.ts';
import { move, type Part, turn } from '../mesh/part.ts';
import type { Random } from '../mesh/random.ts';
import { paint } from '../styles.ts';

/** Cloth and paper bindings: mostly quiet, a few that stand out. */
export const COVERS: readonly Material[] = [
  '#d9d2c3',
  '#c8bfae',
  '#b7a88f',
  '#8e8573',
  '#e3ded2',
  '#6f7a78',
  '#4f5d63',
  '#39464d',
  '#8a4b3a',
  '#b06a45',
  '#2f3133',
  '#a3a79a',
  '#5c6b55',
  '#d6c39a',
  '#76604c',
  '#45536b',
].map((hex) => paint(hex, 0.6));

const PAGES = paint('#ddd5c0', 0.9);

export interface Piece {
  readonly part: Part;
  readonly material: Material;
}

/** A book that stands upright on y = 0 about the y axis, its spine towards -z. */
export function book(thick: number, tall: number, deep: number, cover: Material): Piece[] {
  const board = Math.min(0.003, thick * 0.14);
  const plain = { round: 0, bevel: 0 };
  return [
    { part: move(box(board, tall, deep, plain), -thick / 2 + board / 2, 0, 0), material: cover },
    { part: move(box(board, tall, deep, plain), thick / 2 - board / 2, 0, 0), material: cover },
    { part: move(box(thick, tall, 0.004, plain), 0, 0, -deep / 2 + 0.001), material: cover },
    {
      part: move(box(thick - 2 * board, tall - 0.006, deep - 0.008, plain), 0, 0.003, -0.001),
      material: PAGES,
    },
  ];
}

/** Books side by side from `-width / 2` on, on y = 0, spines towards -z; they may end before the width does. */
export function row(width: number, room: number, deep: number, dice: Random, full = 1): Piece[] {
  const pieces: Piece[] = [];
  let x = -width / 2;
  const usual = room * dice.between(0.7, 0.84);
  const end = -width / 2 + width * full;
  while (x < end) {
    const run = 1 + dice.below(4);
    const [tall, thick] = [
      Math.min(room * 0.93, usual * dice.between(0.82, 1.12)),
      dice.between(0.014, 0.042),
    ];
    const cover = COVERS[dice.below(COVERS.length)] ?? PAGES;
    // Volumes of one set look alike.
    const set = dice.next() < 0.3 ? run : 1;
    for (let n = 0; n < set; n += 1) {
      if (x + thick > end) return pieces;
      const lean = set === 1 && dice.next() < 0.08 && x > -width / 2 + 0.05 ? 0.16 : 0;
      const space = thick + lean * tall * 0.9;
      if (x + space > end) return pieces;
      const back = dice.between(0, deep * 0.08);
      for (const { part, material } of book(thick, tall, Math.min(deep * 0.86, tall * 0.78), cover))
        pieces.push({
          material,
          part: move(
            lean ? move(turn(part, 'z', lean), lean * tall * 0.9, thick * lean * 0.5, 0) : part,
            x + thick / 2,
            0,
            back,
          ),
        });
      x += space + 0.0008;
    }
  }
  return pieces;
}

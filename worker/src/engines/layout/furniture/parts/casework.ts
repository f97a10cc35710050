import type { Material, Style } from '../../scene/types.ts';
import type { Assembly } from '../mesh/assembly.ts';
import { box } from '../mesh/box.ts';
import { lathe, tube } from '../mesh/loft.ts';
import { move, type Part, shift, turn } from '../mesh/part.ts';
import { type Random, random } from '../mesh/random.ts';
import { paint } from '../styles.ts';

export type Front = 'drawer' | 'door' | 'open';

export interface Casework {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Height of its underside. */
  readonly lift: number;
  /** Fronts from bottom to top for each column, columns from left to right; all of a column share its height. */
  readonly columns: readonly (readonly Front[])[];
  readonly board?: number;
  readonly material?: Material;
  readonly seed: number;
}

const SHADOW = paint('#1c1815', 0.9);

/** A board: each with a pattern of its own. */
export function boards(dice: Random) {
  return (x: number, y: number, z: number, grain: 0 | 1 | 2, round = 0.003): Part =>
    shift(box(x, y, z, { round, bevel: 2, grain }), dice.between(0, 9), dice.between(0, 9));
}

/** A cabinet of boards about the y axis: mitred case, recessed back, fronts with gaps and handles of the style. */
export function casework(assembly: Assembly, style: Style, given: Casework): void {
  const { x, y, z, lift, columns, seed } = given;
  const board = given.board ?? 0.02;
  const material = given.material ?? style.wood;
  const make = boards(random(seed));
  const round = style.edges === 'soft' ? 0.005 : 0.002;
  const add = (part: Part, px: number, py: number, pz: number) =>
    assembly.add(material, move(part, px, py, pz));
  add(make(x, board, z, 0, round), 0, lift + y - board, 0);
  add(make(x, board, z, 0, round), 0, lift, 0);
  const inside = y - 2 * board + 0.004;
  for (const side of [-1, 1])
    add(make(board, inside, z - 0.001, 1, round), (side * (x - board)) / 2, lift + board - 0.002, 0);
  add(make(x - 0.01, y - 0.01, 0.008, 0), 0, lift + 0.005, z / 2 - 0.012);
  const wide = (x - 2 * board) / columns.length;
  for (const [n, fronts] of columns.entries()) {
    const px = -x / 2 + board + wide * (n + 0.5);
    if (n > 0) add(make(board, inside, z - 0.02, 1), px - wide / 2, lift + board - 0.002, 0.008);
    const clear = wide - (columns.length > 1 ? board * 0.5 : 0);
    const tall = (y - 2 * board) / fronts.length;
    for (const [row, front] of fronts.entries()) {
      const py = lift + board + tall * row;
      if (row > 0 && front === 'open')
        add(make(clear, board * 0.8, z - 0.03, 0), px, py - board * 0.4, 0.005);
      if (front === 'open') continue;
      const gap = 0.003;
      // What lies behind a gap is dark.
      assembly.add(SHADOW, move(box(clear, tall, 0.004, { round: 0 }), px, py, -z / 2 + 0.03));
      const [w, h] = [clear - 2 * gap, tall - 2 * gap];
      add(
        // Upright on what is higher than wide.
        make(w, h, 0.019, front === 'door' && (style.edges === 'crisp' || h > w) ? 1 : 0, 0.0025),
        px,
        py + gap,
        -z / 2 + 0.0125,
      );
      handle(assembly, style, front, px, py + tall / 2, -z / 2 + 0.003, w, h, n % 2 === 0 ? 1 : -1);
    }
  }
}

function handle(
  assembly: Assembly,
  style: Style,
  front: Front,
  x: number,
  y: number,
  z: number,
  wide: number,
  tall: number,
  hinge: number,
): void {
  const place =
    front === 'door'
      ? ([x + hinge * (wide / 2 - 0.035), y + tall * 0.1] as const)
      : ([x, y + (tall > 0.22 ? tall * 0.2 : 0)] as const);
  if (style.edges === 'soft') {
    const knob = lathe(
      [
        [0.001, 0],
        [0.007, 0],
        [0.0065, 0.01],
        [0.0085, 0.014],
        [0.0135, 0.019],
        [0.0145, 0.024],
        [0.012, 0.028],
        [0.001, 0.0295],
      ],
      14,
    );
    assembly.add(
      style.arms === 'slim' ? style.wood : style.metal,
      move(turn(knob, 'x', -Math.PI / 2), place[0], place[1], z + 0.002),
    );
    return;
  }
  const long = front === 'door' ? Math.min(0.16, tall * 0.4) : Math.min(0.16, wide * 0.5);
  const half = long / 2;
  const bow = [
    [-half, 0],
    [-half, -0.022],
    [-half + 0.006, -0.027],
    [half - 0.006, -0.027],
    [half, -0.022],
    [half, 0],
  ] as const;
  const path = bow.map(([along, out]) =>
    front === 'door'
      ? ([place[0], place[1] + along, z + out] as const)
      : ([place[0] + along, place[1], z + out] as const),
  );
  assembly.add(style.metal, tube(path, 0.0045, { sides: 6 }));
}

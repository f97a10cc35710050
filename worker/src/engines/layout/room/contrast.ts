import { numberAt } from '../geometry/score.ts';
import { byteAt, type Picture } from './picture.ts';
import { rowOf, type View } from './view.ts';

/** Cells beside an edge that are left out: the edge itself and what lies along it. */
const SKIPPED = 1;
/** Cells on each side that are compared. */
const SIDE = 6;
/** Difference of colour, in levels of 255, that parts two surfaces for certain. */
const CLEAR = 30;
/** Mean of red from which the sun lies on it. */
const SUNLIT = 225;

/** Sums down each column of the view; entry `row` holds what lies above that row. */
export interface Sums {
  readonly red: Float64Array;
  readonly green: Float64Array;
  readonly blue: Float64Array;
  readonly count: Float64Array;
}

export function sumsOf(view: View, { rgb }: Picture): Sums {
  const { columns, rows, pixels } = view;
  const make = () => new Float64Array(columns * (rows + 1));
  const sums = { red: make(), green: make(), blue: make(), count: make() };
  for (let cell = 0; cell < columns * rows; cell += 1) {
    const pixel = pixels[cell] as number;
    const seen = pixel < 0 ? 0 : 1;
    const at = Math.max(0, pixel) * 3;
    const below = cell + columns;
    sums.red[below] = numberAt(sums.red, cell) + seen * byteAt(rgb, at);
    sums.green[below] = numberAt(sums.green, cell) + seen * byteAt(rgb, at + 1);
    sums.blue[below] = numberAt(sums.blue, cell) + seen * byteAt(rgb, at + 2);
    sums.count[below] = numberAt(sums.count, cell) + seen;
  }
  return sums;
}

/** How much the colours above and below a place of a column differ, 0 to 1; 0.5 where one side is not seen. */
export function contrastAt(view: View, sums: Sums, column: number, t: number): number {
  const row = rowOf(view, t);
  const above = mean(view, sums, column, row - SKIPPED - SIDE, row - SKIPPED);
  const below = mean(view, sums, column, row + 1 + SKIPPED, row + 1 + SKIPPED + SIDE);
  if (!above || !below) return 0.5;
  return Math.min(1, Math.hypot(above[0] - below[0], above[1] - below[1], above[2] - below[2]) / CLEAR);
}

/** The same, but 0 for the edge of what the sun has blown out and for what is not seen. */
export function shadedContrastAt(view: View, sums: Sums, column: number, t: number): number {
  const row = rowOf(view, t);
  const above = mean(view, sums, column, row - SKIPPED - SIDE, row - SKIPPED);
  const below = mean(view, sums, column, row + 1 + SKIPPED, row + 1 + SKIPPED + SIDE);
  if (!above || !below || Math.max(above[0], below[0]) > SUNLIT) return 0;
  return contrastAt(view, sums, column, t);
}

function mean(view: View, sums: Sums, column: number, from: number, to: number) {
  const top = Math.min(view.rows, Math.max(0, from)) * view.columns + column;
  const bottom = Math.min(view.rows, Math.max(0, to)) * view.columns + column;
  const count = numberAt(sums.count, bottom) - numberAt(sums.count, top);
  if (count < 2) return undefined;
  const part = (sum: Float64Array) => (numberAt(sum, bottom) - numberAt(sum, top)) / count;
  return [part(sums.red), part(sums.green), part(sums.blue)] as const;
}

import { numberAt } from '../geometry/score.ts';
import type { Sums } from './contrast.ts';
import { rowOf, type View } from './view.ts';

/** Cells on each side that are compared, and how far from the place the largest step is looked for. */
const SIDE = 3;
const REACH = 5;
/** Cells from a place within which its step lies. */
const NEAR = 1;
/** Difference of colour, in levels of 255, that is a step. */
const STEP = 13;

/**
 * Whether colours change at a place of a column more than anywhere near: the foot of a wall that is too soft, or too broken,
 * for a straight edge to be found.
 */
export function stepsAt(view: View, sums: Sums, column: number, t: number): boolean {
  const off = stepOffset(view, sums, column, t);
  return off !== undefined && Math.abs(off) <= NEAR;
}

/** Cells from a place of a column down to the largest step near it; undefined where there is none. */
export function stepOffset(view: View, sums: Sums, column: number, t: number): number | undefined {
  const row = rowOf(view, t);
  let best = 0;
  let at = 0;
  for (let off = -REACH; off <= REACH; off += 1) {
    const step = stepOver(view, sums, column, row + off);
    if (step > best) {
      best = step;
      at = off;
    }
  }
  return best >= STEP ? at : undefined;
}

/** Difference of colour between the cells above the lower side of a row and those below, in levels of 255. */
function stepOver(view: View, sums: Sums, column: number, row: number): number {
  const above = mean(view, sums, column, row + 1 - SIDE, row + 1);
  const below = mean(view, sums, column, row + 1, row + 1 + SIDE);
  if (!above || !below) return 0;
  return Math.hypot(above[0] - below[0], above[1] - below[1], above[2] - below[2]);
}

function mean({ rows, columns }: View, sums: Sums, column: number, from: number, to: number) {
  if (from < 0 || to > rows) return undefined;
  const [top, bottom] = [from * columns + column, to * columns + column];
  const count = numberAt(sums.count, bottom) - numberAt(sums.count, top);
  if (count < SIDE) return undefined;
  const part = (sum: Float64Array) => (numberAt(sum, bottom) - numberAt(sum, top)) / count;
  return [part(sums.red), part(sums.green), part(sums.blue)] as const;
}

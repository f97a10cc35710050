import { numberAt } from '../geometry/score.ts';
import type { Picture } from './picture.ts';
import type { Spot, Upright } from './upright.ts';

/** Columns of the upright view. */
const COLUMNS = 320;
const ROWS_MOST = 640;

/** The photo as a level camera sees it, in small: columns are upright edges, rows go down from the top. */
export interface View {
  readonly upright: Upright;
  readonly columns: number;
  readonly rows: number;
  /** `u` of the left side, `t` of the upper one, and the size of a cell in both. */
  readonly left: number;
  readonly top: number;
  readonly cell: number;
  /** Lowest and highest `t` of the picture in each column. */
  readonly lowest: Float64Array;
  readonly highest: Float64Array;
  /** Index of the pixel of each cell in the photo, row by row; -1 outside of it. */
  readonly pixels: Int32Array;
}

export function columnU(view: View, column: number): number {
  return view.left + (column + 0.5) * view.cell;
}

export function rowT(view: View, row: number): number {
  return view.top - (row + 0.5) * view.cell;
}

/** Row of a cell, not bounded by the view. */
export function rowOf(view: View, t: number): number {
  return Math.floor((view.top - t) / view.cell);
}

export function columnOf(view: View, u: number): number {
  return Math.floor((u - view.left) / view.cell);
}

/** @returns undefined when the camera is held in a way that no level view shows, as when it looks at its own feet */
export function makeView(upright: Upright, { width, height }: Picture): View | undefined {
  const corners = [
    upright.fromPixel(0, 0),
    upright.fromPixel(width, 0),
    upright.fromPixel(width, height),
    upright.fromPixel(0, height),
  ].filter((corner) => corner !== undefined);
  if (corners.length < 4) return undefined;
  const left = Math.min(...corners.map(({ u }) => u));
  const top = Math.max(...corners.map(({ t }) => t));
  const cell = (Math.max(...corners.map(({ u }) => u)) - left) / COLUMNS;
  const rows = Math.ceil((top - Math.min(...corners.map(({ t }) => t))) / cell);
  if (rows > ROWS_MOST || top > 6) return undefined;
  const base = { upright, columns: COLUMNS, rows, left, top, cell };
  const lowest = new Float64Array(COLUMNS);
  const highest = new Float64Array(COLUMNS);
  for (let column = 0; column < COLUMNS; column += 1) {
    const crossings = crossingsAt(corners, left + (column + 0.5) * cell);
    lowest[column] = Math.min(...crossings);
    highest[column] = Math.max(...crossings);
  }
  const pixels = new Int32Array(COLUMNS * rows).fill(-1);
  for (let row = 0, cellAt = 0; row < rows; row += 1) {
    const t = top - (row + 0.5) * cell;
    for (let column = 0; column < COLUMNS; column += 1, cellAt += 1) {
      if (t < numberAt(lowest, column) || t > numberAt(highest, column)) continue;
      const pixel = upright.toPixel({ u: left + (column + 0.5) * cell, t });
      if (!pixel) continue;
      const x = Math.min(width - 1, Math.max(0, Math.floor(pixel[0])));
      const y = Math.min(height - 1, Math.max(0, Math.floor(pixel[1])));
      pixels[cellAt] = y * width + x;
    }
  }
  return { ...base, lowest, highest, pixels };
}

/** Where an upright line crosses the sides of the picture. */
function crossingsAt(corners: readonly Spot[], u: number): number[] {
  return corners.flatMap((from, n) => {
    const to = corners[(n + 1) % corners.length];
    if (!to || from.u === to.u) return [];
    const share = (u - from.u) / (to.u - from.u);
    return share < 0 || share > 1 ? [] : [from.t + share * (to.t - from.t)];
  });
}

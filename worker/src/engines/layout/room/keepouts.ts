import type { FloorPoint, KeepOut } from '../scene/types.ts';
import { byteAt, type Picture } from './picture.ts';
import type { Edges } from './planes.ts';
import { connectedCells, floorArea, floorPoint, hullOf } from './regions.ts';
import { fitSurface, type Sample } from './surface.ts';
import { columnOf, columnU, rowOf, rowT, type View } from './view.ts';

/** Luma from which the sun has blown the floor out. */
const SUN = 232;
/** Colour off the floor's own, in levels of 255 and in its own spread. */
const OFF = 42;
const OFF_SPREADS = 5;
/** Cells from which the floor's own colour is learnt. */
const SAMPLES = 1500;
/** Squared camera heights. */
const AREA_MIN = 0.012;
const CELLS_MIN = 30;
/** Cells at the wall that are its skirting's shadow, not a thing. */
const MARGIN = 3;
/** Half the side of what is kept free where an upright edge stands on the floor, in camera heights. */
const FOOTPRINT = 0.12;
const STANDS_OFF = 5;

export interface Taken {
  /** In camera heights. */
  readonly keepOuts: readonly KeepOut[];
  /** Of the floor's cells in the picture, taken by things. */
  readonly share: number;
}

/**
 * What lies or stands on the floor: sun, things of other colours, edges that rise from it before the wall.
 * @param feet `t` of the foot of the wall in each column; NaN where there is none
 */
export function findTaken(view: View, picture: Picture, edges: Edges, feet: Float64Array): Taken {
  const floor = floorCells(view, feet);
  const sun = new Uint8Array(view.pixels.length);
  const things = new Uint8Array(view.pixels.length);
  const colour = (cell: number, channel: number) =>
    byteAt(picture.rgb, (view.pixels[cell] as number) * 3 + channel);
  const luma = (cell: number) => 0.3 * colour(cell, 0) + 0.59 * colour(cell, 1) + 0.11 * colour(cell, 2);
  const place = (cell: number) => {
    const column = cell % view.columns;
    return { x: columnU(view, column), y: rowT(view, (cell - column) / view.columns) };
  };
  const every = Math.max(1, Math.floor(floor.length / SAMPLES));
  const surfaces = [0, 1, 2].map((channel) =>
    fitSurface(
      floor
        .filter((_, n) => n % every === 0)
        .map((cell): Sample => ({ ...place(cell), value: colour(cell, channel) })),
    ),
  );
  for (const cell of floor) {
    if (luma(cell) > SUN) {
      sun[cell] = 1;
      continue;
    }
    const { x, y } = place(cell);
    const off = surfaces.map((surface, channel) => (surface ? colour(cell, channel) - surface.at(x, y) : 0));
    const spread = Math.max(...surfaces.map((surface) => surface?.spread ?? 0));
    // Brighter in all colours is the sky or a window mirrored in the boards.
    const mirrored = off.every((difference) => difference > 0);
    if (!mirrored && Math.hypot(...off) > Math.max(OFF, OFF_SPREADS * spread)) things[cell] = 1;
  }
  const standing = standingOn(view, edges, feet);
  const solid = connectedCells(view, eroded(view, things)).filter((region) => isBig(view, region));
  const lit = connectedCells(view, eroded(view, sun)).filter((region) => isBig(view, region));
  const taken = solid.reduce((sum, region) => sum + region.length, 0);
  return {
    keepOuts: [
      ...lit.map((region): KeepOut => ({ why: 'sun', outline: outlineOf(view, region), confidence: 0.8 })),
      ...solid.map(
        (region): KeepOut => ({ why: 'object', outline: outlineOf(view, region), confidence: 0.6 }),
      ),
      ...standing.map(
        ([x, z]): KeepOut => ({
          why: 'object',
          outline: [
            [x - FOOTPRINT, z - FOOTPRINT],
            [x + FOOTPRINT, z - FOOTPRINT],
            [x + FOOTPRINT, z + FOOTPRINT],
            [x - FOOTPRINT, z + FOOTPRINT],
          ],
          confidence: 0.5,
        }),
      ),
    ],
    share: floor.length === 0 ? 1 : taken / floor.length,
  };
}

function floorCells(view: View, feet: Float64Array): number[] {
  const cells: number[] = [];
  for (const [column, foot] of feet.entries()) {
    if (Number.isNaN(foot)) continue;
    for (let row = Math.max(0, rowOf(view, foot) + MARGIN); row < view.rows; row += 1) {
      const cell = row * view.columns + column;
      if ((view.pixels[cell] as number) >= 0) cells.push(cell);
    }
  }
  return cells;
}

/** Without lines a cell or two wide, as between boards and tiles. */
function eroded({ columns }: View, marked: Uint8Array): Uint8Array {
  return marked.map((mark, cell) => {
    if (mark === 0) return 0;
    let around = 0;
    for (const row of [-columns, 0, columns])
      for (const column of [-1, 0, 1]) around += marked[cell + row + column] ?? 0;
    return around >= 7 ? 1 : 0;
  });
}

function isBig(view: View, region: readonly number[]): boolean {
  return (
    region.length >= CELLS_MIN && region.reduce((sum, cell) => sum + floorArea(view, cell), 0) >= AREA_MIN
  );
}

function outlineOf(view: View, region: readonly number[]): FloorPoint[] {
  return hullOf(region.map((cell) => floorPoint(view, cell)));
}

/** Where upright edges that reach above the foot of the wall end on the floor before it: posts, legs, open doors. */
function standingOn(view: View, edges: Edges, feet: Float64Array): FloorPoint[] {
  const found: FloorPoint[] = [];
  for (const { u1, t1, u2, t2 } of edges[2]) {
    const low = t1 < t2 ? { u: u1, t: t1 } : { u: u2, t: t2 };
    const foot = feet[columnOf(view, low.u)] ?? Number.NaN;
    // Also where there is no foot.
    if (!(low.t <= foot - STANDS_OFF * view.cell)) continue;
    if (Math.max(t1, t2) < foot + STANDS_OFF * view.cell) continue;
    const at = view.upright.toFloor(low);
    if (!found.some((other) => Math.hypot(other[0] - at[0], other[1] - at[1]) < FOOTPRINT)) found.push(at);
  }
  return found;
}

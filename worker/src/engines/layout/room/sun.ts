import type { KeepOut } from '../scene/types.ts';
import { byteAt, type Picture } from './picture.ts';
import { connectedCells, floorArea, floorPoint, hullOf } from './regions.ts';
import type { View } from './view.ts';

/** Luma from which the sun has blown the floor out. */
const SUN = 232;
/** Squared camera heights. */
const AREA_MIN = 0.02;
const CELLS_MIN = 30;
/** Cells across which the border of what the sun lights is over, and how far luma falls there, in levels of 255. */
const ACROSS = 3;
const FALL = 38;

/** Floor in the sun. A window that is mirrored in the boards may be as bright, but has no sharp border. */
export function sunOn(view: View, picture: Picture, ground: Uint8Array): KeepOut[] {
  const luma = (cell: number) => lumaAt(view, picture, cell);
  const lit = ground.map((kind, cell) => (kind > 0 && luma(cell) > SUN ? 1 : 0));
  return connectedCells(view, lit)
    .filter((region) => region.length >= CELLS_MIN)
    .filter((region) => region.reduce((sum, cell) => sum + floorArea(view, cell), 0) >= AREA_MIN)
    .filter((region) => isSharp(view, region, lit, ground, luma))
    .map((region) => ({
      why: 'sun',
      outline: hullOf(region.map((cell) => floorPoint(view, cell))),
      confidence: 0.8,
    }));
}

function isSharp(
  { columns }: View,
  region: readonly number[],
  lit: Uint8Array,
  ground: Uint8Array,
  luma: (cell: number) => number,
): boolean {
  const falls: number[] = [];
  for (const cell of region)
    for (const way of [-1, 1, -columns, columns]) {
      const beyond = cell + ACROSS * way;
      if (lit[cell + way] === 1 || (ground[beyond] ?? 0) === 0) continue;
      falls.push(luma(cell) - luma(beyond));
    }
  const median = falls.toSorted((a, b) => a - b)[Math.floor(falls.length / 2)];
  // What the picture cuts off on all sides has no border to judge by.
  return median === undefined || median > FALL;
}

function lumaAt(view: View, { rgb }: Picture, cell: number): number {
  const pixel = view.pixels[cell] as number;
  if (pixel < 0) return 0;
  return 0.3 * byteAt(rgb, pixel * 3) + 0.59 * byteAt(rgb, pixel * 3 + 1) + 0.11 * byteAt(rgb, pixel * 3 + 2);
}

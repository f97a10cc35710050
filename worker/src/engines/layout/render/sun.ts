import { luminance } from '../../finish/transfer.ts';
import type { Rgb, Room } from '../scene/types.ts';
import type { Coarse } from './coarse.ts';
import { steer } from './kernel/kernel.ts';
import type { Light } from './lights.ts';
import { FLOOR, type Shell } from './shell.ts';
import type { View } from './view.ts';

/** Share of its pixels that are blown out: such a cell of the floor lies in the sun. */
const LIT = 0.5;
/** Share of the floor's cells that must lie in it: the outline of less fits to many directions. */
const PATCH = 0.08;
/** Share of what is in the sun or should be that is both: crossbars and an edge that is some centimetres off are forgiven. */
const FIT = 0.5;
const DEGREE = Math.PI / 180;
const STEPS = [6, 2, 1] as const;
const LOWEST = 10;
const HIGHEST = 72;
/** Cells that are looked at for each direction. */
const CELLS = 1000;
/** A mirrored window is as white on a polished floor: the floor has its image where the eye sees it, whatever the sun. */
const MIRRORED = 9 * DEGREE;
/** What a floor is supposed to reflect, and how bright it is in the sun where white is 1. */
const ALBEDO = 0.4;
const SUNLIT = 1.15;
const MOST = 4;
const COLOUR: Rgb = [1, 0.97, 0.9];
/** Metres by which the beam may pass a window's edge and still be taken for one through it. */
const MARGIN = 0.4;

type Pane = Pick<Light, 'corner' | 'across' | 'up' | 'normal'>;

/** The sun, where the photo shows it on the floor and the window that it comes through. */
export interface Sun {
  /** From the room towards it, of length one. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly panes: readonly Pane[];
  /** Of a white surface that faces it, where the photo's white is 1. */
  readonly radiance: Rgb;
  /** The floor where it does not shine. */
  readonly shade: Rgb;
  /** 0 to 1: how well the bright floor is where a sun of this direction would shine. */
  readonly fit: number;
}

interface Cell {
  readonly x: number;
  readonly z: number;
  readonly lit: boolean;
}

/** The sun whose beams through the windows meet the floor where the photo is blown out, or none. */
export function findSun(coarse: Coarse, view: View, room: Room, shell: Shell, lights: readonly Light[]) {
  const { cells, shade } = readFloor(coarse, view, shell);
  const lit = cells.filter((cell) => cell.lit);
  if (lit.length < PATCH * cells.length || lit.length === 0) return undefined;
  const panes = panesOf(coarse, view, room, shell, lights);
  if (panes.length === 0) return undefined;
  const some = cells.filter((_, n) => n % Math.ceil(cells.length / CELLS) === 0);
  const { azimuth, height, fit } = bestDirection(some, panes);
  const direction = towards(azimuth, height);
  if (fit < FIT || isMirrored(lit, view, direction)) return undefined;
  const missing = SUNLIT - luminance(...shade);
  const radiance = Math.min(MOST, Math.max(0, missing / ALBEDO / direction.y));
  return {
    ...direction,
    panes,
    shade,
    fit,
    radiance: [radiance * COLOUR[0], radiance * COLOUR[1], radiance * COLOUR[2]],
  } satisfies Sun;
}

/** Whether the sun comes through a window to a place. @param margin metres that a window is taken to be larger */
export function comesThrough(sun: Sun, x: number, y: number, z: number, margin = MARGIN): boolean {
  for (const pane of sun.panes) if (passes(pane, x, y, z, sun.x, sun.y, sun.z, margin)) return true;
  return false;
}

function passes(
  { corner, across, up, normal }: Pane,
  x: number,
  y: number,
  z: number,
  dx: number,
  dy: number,
  dz: number,
  margin: number,
): boolean {
  const facing = dx * normal[0] + dy * normal[1] + dz * normal[2];
  if (facing >= -1e-3) return false;
  const cx = corner[0] - x;
  const cy = corner[1] - y;
  const cz = corner[2] - z;
  const t = (cx * normal[0] + cy * normal[1] + cz * normal[2]) / facing;
  if (t <= 0) return false;
  const px = t * dx - cx;
  const py = t * dy - cy;
  const pz = t * dz - cz;
  return isAlong(px, py, pz, across, margin) && isAlong(px, py, pz, up, margin);
}

function isAlong(x: number, y: number, z: number, edge: Pane['across'], margin: number): boolean {
  const length = Math.sqrt(edge[0] * edge[0] + edge[1] * edge[1] + edge[2] * edge[2]);
  const at = (x * edge[0] + y * edge[1] + z * edge[2]) / length;
  return at >= -margin && at <= length + margin;
}

/** Places of the floor that are seen, and the usual colour of those in the shade. */
function readFloor(coarse: Coarse, view: View, shell: Shell): { cells: Cell[]; shade: Rgb } {
  const cells: Cell[] = [];
  const colours: Rgb[] = [];
  for (let n = 0; n < coarse.clipped.length; n += 1) {
    view.aim(((n % coarse.width) + 0.5) * coarse.cell, (Math.floor(n / coarse.width) + 0.5) * coarse.cell);
    const t = shell.hit(0, view.eye, 0, view.x, view.y, view.z);
    if (shell.surface !== FLOOR) continue;
    const lit = (coarse.clipped[n] as number) >= LIT;
    cells.push({ x: t * view.x, z: t * view.z, lit });
    const { data } = coarse;
    if (!lit) colours.push([data[3 * n] as number, data[3 * n + 1] as number, data[3 * n + 2] as number]);
  }
  const middle = (c: 0 | 1 | 2) => colours.map((colour) => colour[c]).toSorted((a, b) => a - b);
  const shade = (c: 0 | 1 | 2) => middle(c)[Math.floor(colours.length / 2)] ?? 1;
  return { cells, shade: [shade(0), shade(1), shade(2)] };
}

/** Windows and glazed doors that are bright in the photo; where none is known, the lights that were found. */
function panesOf(
  coarse: Coarse,
  view: View,
  room: Room,
  shell: Shell,
  lights: readonly Light[],
): readonly Pane[] {
  const panes = room.openings.flatMap(({ kind, wall, start, end, bottom, top }): Pane[] => {
    const plane = shell.walls[wall];
    if (kind === 'unknown' || !plane || end <= start || top <= bottom) return [];
    const pane: Pane = {
      corner: [plane.x + start * plane.dx, bottom, plane.z + start * plane.dz],
      across: [(end - start) * plane.dx, 0, (end - start) * plane.dz],
      up: [0, top - bottom, 0],
      normal: [plane.nx, 0, plane.nz],
    };
    return isBright(pane, coarse, view) ? [pane] : [];
  });
  return panes.length > 0 ? panes : lights.filter(({ seen, normal }) => seen && normal[1] === 0);
}

function isBright({ corner, across, up }: Pane, coarse: Coarse, view: View): boolean {
  let seen = 0;
  let bright = 0;
  for (let k = 0; k < 49; k += 1) {
    const [s, h] = [((k % 7) + 0.5) / 7, (Math.floor(k / 7) + 0.5) / 7];
    const at = (c: 0 | 1 | 2) => corner[c] + s * across[c] + h * up[c];
    if (!view.project(at(0), at(1), at(2)) || !view.inside()) continue;
    const n = Math.floor(view.v / coarse.cell) * coarse.width + Math.floor(view.u / coarse.cell);
    seen += 1;
    if ((coarse.clipped[n] as number) > 0.2) bright += 1;
  }
  return bright > 0.3 * seen;
}

function bestDirection(cells: readonly Cell[], panes: readonly Pane[]) {
  let best = { azimuth: 0, height: 40, fit: 0 };
  STEPS.forEach((step, round) => {
    const span = STEPS[round - 1];
    const from = best;
    const around = span === undefined ? 180 : span;
    const [low, high] = span === undefined ? [LOWEST, HIGHEST] : [from.height - span, from.height + span];
    for (let turn = -around; turn <= around; turn += step) {
      const azimuth = (span === undefined ? 0 : from.azimuth) + turn;
      for (let height = low; height <= high; height += step) {
        const fit = fitOf(cells, panes, towards(azimuth, height));
        if (fit > best.fit) best = { azimuth, height, fit };
      }
    }
  });
  return best;
}

/** @param azimuth height degrees */
function towards(azimuth: number, height: number) {
  const flat = Math.cos(height * DEGREE);
  return {
    x: steer(flat * Math.sin(azimuth * DEGREE)),
    y: steer(Math.sin(height * DEGREE)),
    z: steer(flat * Math.cos(azimuth * DEGREE)),
  };
}

function fitOf(
  cells: readonly Cell[],
  panes: readonly Pane[],
  { x, y, z }: { readonly x: number; readonly y: number; readonly z: number },
): number {
  // Of windows that look away from the sun none lets it in.
  const open = panes.filter(({ normal }) => x * normal[0] + y * normal[1] + z * normal[2] < -0.05);
  if (open.length === 0) return 0;
  let both = 0;
  let either = 0;
  for (const cell of cells) {
    let beam = false;
    for (const pane of open) beam ||= passes(pane, cell.x, 0, cell.z, x, y, z, 0);
    if (beam && cell.lit) both += 1;
    if (beam || cell.lit) either += 1;
  }
  return either === 0 ? 0 : both / either;
}

/** Whether the eye would see the window itself there, were the floor a mirror. */
function isMirrored(lit: readonly Cell[], { eye }: View, sun: ReturnType<typeof towards>): boolean {
  const x = lit.reduce((sum, cell) => sum + cell.x, 0) / lit.length;
  const z = lit.reduce((sum, cell) => sum + cell.z, 0) / lit.length;
  const length = Math.sqrt(x * x + eye * eye + z * z);
  return (x * sun.x + eye * sun.y + z * sun.z) / length > Math.cos(MIRRORED);
}

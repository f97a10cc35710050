import type { FloorPoint, Opening, Room } from '../scene/types.ts';
import type { Box } from './scene.ts';
import { FLOOR, type Shell, WALL } from './shell.ts';
import { smooth } from './surface/noise.ts';
import type { View } from './view.ts';

/** A shadow ends at this much plus the piece's height from it, and at most at the other; it fades over the outer 3/4. */
const REACH = 0.25;
const REACH_MOST = 1.2;
/** Metres over which it fades where a surface is no longer known. */
const FLOOR_FADE = 0.2;
const WALL_FADE = 0.25;
const OPENING_FADE = 0.12;
/** Metres within the outline of a thing of the photo's own, which is drawn too wide, where shadows on the floor before it end. */
const THING_FADE = [0.03, 0.08] as const;
/** What is this near to a wall's foot or end belongs to it, metres. */
const TOUCH = 0.12;

interface Edge {
  readonly from: FloorPoint;
  readonly to: FloorPoint;
}

/** Where shadows of furniture may fall, and how much of them. */
export class Receiver {
  readonly #shell: Shell;
  readonly #boxes: readonly Box[];
  readonly #floor: readonly FloorPoint[];
  readonly #edges: readonly Edge[];
  /** Edges of the floor that are neither a wall's foot nor the border of the picture. */
  readonly #open: readonly Edge[];
  /** Floor with things of the photo's own on it, and what they hide: a post there is no floor, though the room has no other. */
  readonly #things: readonly { readonly outline: readonly FloorPoint[]; readonly edges: readonly Edge[] }[];
  readonly #openings: readonly Opening[];
  /** Whether each wall goes on at its start and at its end. */
  readonly #joined: readonly (readonly [boolean, boolean])[];

  /** @param isFloor whether the photo shows floor at a place of it: what only may be a thing takes shadows there */
  constructor(
    room: Room,
    view: View,
    shell: Shell,
    boxes: readonly Box[],
    isFloor: (x: number, z: number) => boolean = () => false,
  ) {
    this.#shell = shell;
    this.#boxes = boxes;
    this.#floor = room.floor;
    const things = room.keepOuts.filter(
      ({ why, outline }) => why === 'object' && !isMostly(isFloor, outline),
    );
    this.#things = things.map(({ outline }) => ({
      outline,
      edges: edgesOf(outline).filter((edge) => !followsWall(edge, room)),
    }));
    this.#openings = room.openings;
    this.#edges = edgesOf(room.floor);
    this.#open = this.#edges.filter((edge) => !followsWall(edge, room) && !atBorder(edge, view));
    const near = (a: FloorPoint, b: FloorPoint) => Math.hypot(a[0] - b[0], a[1] - b[1]) < TOUCH;
    this.#joined = room.walls.map((wall) => {
      const others = room.walls.filter((other) => other !== wall);
      const joins = (point: FloorPoint) =>
        others.some(({ from, to }) => near(point, from) || near(point, to));
      return [joins(wall.from), joins(wall.to)];
    });
  }

  /** Share of a shadow that a point of the room takes, 0 to 1. @param surface as the shell names it */
  share(surface: number, x: number, y: number, z: number): number {
    if (surface !== FLOOR && surface < WALL) return 0;
    const near = this.#near(x, y, z);
    if (near === 0) return 0;
    return near * (surface === FLOOR ? this.onFloor(x, z) : this.#onWall(surface - WALL, x, y, z));
  }

  #near(x: number, y: number, z: number): number {
    let share = 0;
    for (const { low, high } of this.#boxes) {
      const dx = Math.max(0, low[0] - x, x - high[0]);
      const dy = Math.max(0, low[1] - y, y - high[1]);
      const dz = Math.max(0, low[2] - z, z - high[2]);
      const reach = Math.min(REACH_MOST, REACH + high[1] - low[1]);
      const distance = Math.sqrt(dx * dx + dy * dy + dz * dz);
      if (distance < reach) share = Math.max(share, 1 - smooth(0.25 * reach, reach, distance));
    }
    return share;
  }

  /** The same for the floor alone, however far from furniture. */
  onFloor(x: number, z: number): number {
    const open = leastDistance(this.#open, x, z);
    const share = smooth(0, FLOOR_FADE, open) * this.#besideThings(x, z);
    if (share === 0 || inside(this.#floor, x, z)) return share;
    // Past the edge of the polygon, but before the wall: its foot is not known to the centimetre.
    const least = leastDistance(this.#edges, x, z);
    return least < TOUCH && open > least + 1e-9 ? share : 0;
  }

  #besideThings(x: number, z: number): number {
    let share = 1;
    for (const { outline, edges } of this.#things) {
      if (!inside(outline, x, z)) continue;
      share = Math.min(share, 1 - smooth(...THING_FADE, leastDistance(edges, x, z)));
    }
    return share;
  }

  #onWall(index: number, x: number, y: number, z: number): number {
    const wall = this.#shell.walls[index];
    const [before, after] = this.#joined[index] ?? [false, false];
    if (!wall) return 0;
    const along = (x - wall.x) * wall.dx + (z - wall.z) * wall.dz;
    // The leaf of a door lies in the wall; what a window or a passage shows does not.
    let beside = 1;
    for (const { kind, wall: at, start, end, bottom, top } of this.#openings) {
      if (at !== index || kind === 'door') continue;
      const distance = Math.hypot(Math.max(0, start - along, along - end), Math.max(0, bottom - y, y - top));
      beside = Math.min(beside, smooth(0.02, OPENING_FADE, distance));
    }
    const fromStart = before ? 1 : smooth(0, WALL_FADE, along);
    const fromEnd = after ? 1 : smooth(0, WALL_FADE, wall.length - along);
    // What ends below the ceiling has an edge, and not where it is thought to be.
    const fromTop = wall.height > this.#shell.height - TOUCH ? 1 : smooth(0.03, WALL_FADE, wall.height - y);
    return beside * fromStart * fromEnd * fromTop;
  }
}

/** Of places between the middle of an outline and its corners. */
function isMostly(isFloor: (x: number, z: number) => boolean, outline: readonly FloorPoint[]): boolean {
  const x = outline.reduce((sum, corner) => sum + corner[0], 0) / outline.length;
  const z = outline.reduce((sum, corner) => sum + corner[1], 0) / outline.length;
  const floor = outline.filter((corner) => isFloor((x + corner[0]) / 2, (z + corner[1]) / 2));
  return floor.length > 0.4 * outline.length;
}

function edgesOf(polygon: readonly FloorPoint[]): Edge[] {
  return polygon.map((from, n) => ({ from, to: polygon[(n + 1) % polygon.length] ?? from }));
}

function leastDistance(edges: readonly Edge[], x: number, z: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (const edge of edges) least = Math.min(least, distanceTo(edge, x, z));
  return least;
}

function distanceTo({ from, to }: Edge, x: number, z: number): number {
  const dx = to[0] - from[0];
  const dz = to[1] - from[1];
  const length = dx * dx + dz * dz;
  const t = length === 0 ? 0 : ((x - from[0]) * dx + (z - from[1]) * dz) / length;
  const held = Math.min(1, Math.max(0, t));
  return Math.hypot(x - from[0] - held * dx, z - from[1] - held * dz);
}

function followsWall({ from, to }: Edge, { walls }: Room): boolean {
  return walls.some((wall) => distanceTo(wall, ...from) < TOUCH && distanceTo(wall, ...to) < TOUCH);
}

/** Also what lies behind the camera or outside of the picture. */
function atBorder({ from, to }: Edge, view: View): boolean {
  const margin = 0.02 * Math.max(view.width, view.height);
  const x = (from[0] + to[0]) / 2;
  const z = (from[1] + to[1]) / 2;
  if (!view.project(x, 0, z)) return true;
  const { u, v, width, height } = view;
  return u < margin || v < margin || u > width - margin || v > height - margin;
}

function inside(polygon: readonly FloorPoint[], x: number, z: number): boolean {
  let within = false;
  for (let n = 0, m = polygon.length - 1; n < polygon.length; m = n, n += 1) {
    const [ax, az] = polygon[n] ?? [0, 0];
    const [bx, bz] = polygon[m] ?? [0, 0];
    if (az > z !== bz > z && x < ax + ((z - az) / (bz - az)) * (bx - ax)) within = !within;
  }
  return within;
}

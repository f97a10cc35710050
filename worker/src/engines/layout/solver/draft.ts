import type { RoomType } from '../furniture/catalogue.ts';
import { findEntry } from '../furniture/catalogue.ts';
import type { Vec3 } from '../geometry/camera.ts';
import type { FloorPoint, Placed } from '../scene/types.ts';
import type { Item, Scene } from './item.ts';
import { area } from './plane.ts';
import type { Stretch } from './walls.ts';

/** A place for a piece, and how good it is by itself, 0 to 1. */
export interface Idea {
  readonly placed: Placed;
  readonly worth: number;
  /** What comes with it: all of it fits, or none is placed. */
  readonly along?: readonly Placed[];
  /** What sets it apart from others of its kind, as the wall it stands at; for variety. */
  readonly place?: string;
}

/** A layout that is being made. */
export interface Draft {
  readonly scene: Scene;
  readonly stretches: readonly Stretch[];
  /** The piece that the others gather about. */
  readonly main: Item;
  readonly items: readonly Item[];
  /** 0 to 1, the same for a key in one layout. */
  readonly dice: (key: number) => number;
}

/** One more piece of a layout with what comes along, or none when no idea fits. */
export interface Step {
  /** Without it there is no layout. */
  readonly must?: boolean;
  /** How much the layout loses without it. */
  readonly weight: number;
  readonly ideas: (draft: Draft) => Idea[];
}

export interface Main {
  readonly kind: string;
  /** Widths worth trying, metres, for a floor of so many square metres; the best first. */
  readonly widths: (floorArea: number) => readonly number[];
  /** May stand away from walls. */
  readonly floats: boolean;
}

export interface Recipe {
  readonly roomType: RoomType;
  /** Kinds that the others may gather about. */
  readonly mains: readonly [Main, ...Main[]];
  readonly steps: readonly Step[];
  /** Takes away what has lost its partner; undefined when too little is left. */
  readonly tidy?: (items: readonly Item[], main: Item) => readonly Item[] | undefined;
}

/** Degrees are kept to a tenth and metres to a millimetre, so that a layout that is written down is the same layout. */
const TURN = 1800 / Math.PI;

export function place(
  kind: string,
  at: FloorPoint,
  turn: number,
  size: Vec3,
  { lift = 0, seed = 0 }: { lift?: number; seed?: number } = {},
): Placed {
  const full = Math.round(turn * TURN) % 3600;
  const tenths = full > 1800 ? full - 3600 : full <= -1800 ? full + 3600 : full;
  return {
    kind,
    at: [millimetres(at[0]), millimetres(at[1])],
    turn: tenths / TURN,
    size: [millimetres(size[0]), millimetres(size[1]), millimetres(size[2])],
    lift: millimetres(lift),
    seed,
  };
}

export function millimetres(metres: number): number {
  return Math.round(metres * 1000) / 1000 + 0;
}

/** A size between least (-1), usual (0) and most (1). */
export function sizeOf(kind: string, t = 0): Vec3 {
  const [least, usual, most] = findEntry(kind).sizes;
  const end = t < 0 ? least : most;
  const mix = (axis: 0 | 1 | 2) => usual[axis] + (end[axis] - usual[axis]) * Math.abs(t);
  return [mix(0), mix(1), mix(2)];
}

/** The usual size with its own width (and depth and height), within what the kind allows. */
export function sized(kind: string, width: number, depth?: number, height?: number): Vec3 {
  const [least, usual, most] = findEntry(kind).sizes;
  const limit = (value: number, axis: 0 | 1 | 2) => Math.min(most[axis], Math.max(least[axis], value));
  return [limit(width, 0), limit(depth ?? usual[1], 1), limit(height ?? usual[2], 2)];
}

/** Middle of what is placed, as a share of the width of the photo, weighted by what it covers. */
export function weightOf(
  items: readonly Item[],
  { width }: Scene['room'],
): { middle: number; covered: number } {
  let sum = 0;
  let covered = 0;
  for (const { outline, entry } of items) {
    if (!outline || entry.flat) continue;
    const pixels = area(outline);
    covered += pixels;
    sum += (pixels * middleOf(outline)) / width;
  }
  return { middle: covered === 0 ? 0.5 : sum / covered, covered };
}

export function middleOf(outline: readonly FloorPoint[]): number {
  const xs = outline.map(([x]) => x);
  return (Math.min(...xs) + Math.max(...xs)) / 2;
}

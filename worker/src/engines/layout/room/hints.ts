import { type Camera, focalPixels } from '../geometry/camera.ts';
import {
  type FocalPrior,
  type Guess,
  logPrior,
  manhattanScore,
  nearestAxis,
  packLines,
  WIDE_ANGLE,
} from '../geometry/score.ts';
import { FINE } from '../geometry/search.ts';
import type { Segment } from '../geometry/segments.ts';
import type { RoomCamera } from '../geometry/solve.ts';
import { areaOf } from './outline.ts';
import type { Picture } from './picture.ts';
import { type Pixel, Upright } from './upright.ts';

const DEGREE = Math.PI / 180;
/** Millimetres on the long side of 36 mm. */
const FOCALS = Array.from({ length: 17 }, (_, n) => 14 * 1.075 ** n);
/** How much the marked floor counts beside the edges of the photo. */
const FLOOR_WEIGHT = 1;
/** Pixels from the side of the picture that count as on it, as a share of the long side. */
const BORDER = 0.015;
/** Share of the picture below which a marked floor is a line. */
const FLOOR_LEAST = 0.001;

/** What the user says of a photo, in pixels of the picture that is read. */
export interface Hints {
  /** Corners of the floor as seen, in either order. */
  readonly floor?: readonly Pixel[];
  /** Height of the horizon in the middle column. */
  readonly horizon?: number;
}

type Solved = Pick<RoomCamera, 'camera' | 'segments' | 'families'>;

/**
 * The camera that fits the user's horizon, and the photo's edges and the marked floor as far as they go; the roll is that of
 * the edges where they tell one.
 * @param solved undefined when the edges tell nothing
 */
export function cameraFromHints(
  picture: Picture,
  solved: RoomCamera | undefined,
  hints: Hints,
  prior: FocalPrior = WIDE_ANGLE,
): Solved | undefined {
  const { horizon, floor } = hints;
  if (!solved && horizon === undefined) return undefined;
  const { width, height } = picture;
  const longSide = Math.max(width, height);
  const segments = solved?.segments ?? [];
  const lines = packLines(segments, width, height);
  const sides = packLines(innerSides(picture, floor ?? []), width, height);
  const focals =
    horizon === undefined && solved ? [solved.camera.focal] : FOCALS.map((f) => focalPixels(f, longSide));
  let best: { guess: Guess; score: number } | undefined;
  for (const focal of focals)
    for (let degrees = -45; degrees < 45; degrees += 0.5) {
      const pitch =
        horizon === undefined ? (solved?.camera.pitch ?? 0) : Math.atan((horizon - height / 2) / focal);
      const roll = solved?.camera.roll ?? 0;
      const guess: Guess = { pitch, roll, yaw: degrees * DEGREE, focal, offsetX: 0, offsetY: 0 };
      const score =
        manhattanScore(lines, guess, FINE) +
        FLOOR_WEIGHT * manhattanScore(sides, guess, 2 * FINE) +
        logPrior(guess, longSide, prior);
      if (!best || score > best.score) best = { guess, score };
    }
  if (!best) return undefined;
  const { guess } = best;
  const camera: Camera = {
    pitch: guess.pitch,
    roll: guess.roll,
    yaw: guess.yaw,
    focal: guess.focal,
    cx: width / 2,
    cy: height / 2,
  };
  const families = segments.map((_, n): -1 | 0 | 1 | 2 => {
    const { axis, error } = nearestAxis(lines, n, guess);
    return error < FINE * FINE ? axis : -1;
  });
  return { camera, segments, families };
}

/** Sides of the marked floor that are feet of walls: not those along the side of the picture. */
function innerSides(picture: Picture, floor: readonly Pixel[]): Segment[] {
  return floor.flatMap((to, n) => {
    const from = floor.at(n - 1) ?? to;
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    if (length < 1 || isBorder(picture, from, to)) return [];
    return [{ x1: from[0], y1: from[1], x2: to[0], y2: to[1], length }];
  });
}

export function isBorder({ width, height }: Picture, from: Pixel, to: Pixel): boolean {
  const near = BORDER * Math.max(width, height);
  return (
    (from[0] < near && to[0] < near) ||
    (from[0] > width - near && to[0] > width - near) ||
    (from[1] < near && to[1] < near) ||
    (from[1] > height - near && to[1] > height - near)
  );
}

/** What is wrong with a marked floor, as a sentence, and whether it is the horizon that may be wrong instead. */
export interface FloorFault {
  readonly why: string;
  readonly ofHorizon: boolean;
}

export function floorFault(
  camera: Camera,
  picture: Picture,
  floor: readonly Pixel[],
): FloorFault | undefined {
  const why = shapeFault(picture, floor);
  if (why !== undefined) return { why, ofHorizon: false };
  const upright = new Upright(camera);
  for (const [x, y] of floor) {
    const spot = upright.fromPixel(x, y);
    if (!spot || spot.t > -0.03)
      return { why: 'A corner of the floor lies at the horizon or above it.', ofHorizon: true };
  }
  return undefined;
}

function shapeFault({ width, height }: Picture, floor: readonly Pixel[]): string | undefined {
  if (floor.length < 3) return 'A floor has at least three corners.';
  if (floor.some(([x, y]) => x < -1 || y < -1 || x > width + 1 || y > height + 1))
    return 'A corner of the floor lies outside of the photo.';
  if (hasCrossing(floor))
    return 'Sides of the marked floor cross each other: its corners are not in the order in which they lie around it.';
  if (Math.abs(areaOf(floor)) < FLOOR_LEAST * width * height)
    return 'The marked floor covers nothing: its corners lie on one line.';
  return undefined;
}

function hasCrossing(floor: readonly Pixel[]): boolean {
  const sides = floor.map((to, n) => [floor.at(n - 1) ?? to, to] as const);
  return sides.some(([a, b], n) =>
    sides
      .slice(n + 1)
      .some(([c, d]) => turnOf(a, b, c) * turnOf(a, b, d) < 0 && turnOf(c, d, a) * turnOf(c, d, b) < 0),
  );
}

/** Above 0, below 0 or 0: on which side of the line through two points a third one lies. */
function turnOf(a: Pixel, b: Pixel, c: Pixel): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

import type { Segment } from './geometry/segments.ts';
import { Shell, WALL } from './render/shell.ts';
import { View } from './render/view.ts';
import type { FloorPoint, KeepOut, Opening, Room, Wall } from './scene/types.ts';

/*
 * Straight edges on a wall that are of no opening which was recognised: a door that is seen too much from the side, a
 * kitchen, a niche, a radiator. What they are is not known, so nothing is put there.
 */

/** A straight edge on a wall, metres along it and above the floor. */
interface Trace {
  readonly wall: number;
  readonly start: number;
  readonly end: number;
  readonly bottom: number;
  readonly top: number;
}

/** Shorter edges are switches, sockets, and noise, metres. */
const LENGTH_MIN = 0.22;
/** From the ends of a wall: its corners are edges, too. */
const CORNER = 0.14;
/** From an end that something hides: that thing has an edge, too. */
const SILHOUETTE = 0.04;
/** Between the ends of walls that meet. */
const MEETING = 0.1;
/** Pixels from a side of the picture, which cuts walls off. */
const BORDER = 12;
/** Skirting boards end below, and coves begin above. */
const SKIRTING = 0.2;
const COVE = 0.2;
/** Nothing that is placed stands higher. */
const HIGHEST = 2.3;
/** Slope up to which an edge is upright or level on its wall; others are light and shadow. */
const SLOPE = 0.14;
/** Of a recognised opening: its frame. */
const FRAME = 0.2;
/** Edges so far apart belong to one thing. */
const REACH = 0.18;
/** What ends below it stands or hangs low, as a radiator does: a keep-out, but nothing that one looks or walks through. */
const LOW = 1.1;
const DEPTH = 0.15;
/** Of the edge's length, where it is looked at: its ends may lie beyond a corner. */
const INNER = 0.12;
/** Edges of a pattern, at least, and the share of its width and height that the longest has. */
const PATTERN_PARTS = 14;
const PATTERN_SHARE = 0.6;

/** The same room, with what is seen on its walls and not understood. */
export function withUnexplained(room: Room, segments: readonly Segment[]): Room {
  const traces = segments.flatMap((segment) => traceOf(room, segment));
  const things = room.walls.flatMap((_, wall) =>
    joined(traces.filter((trace) => trace.wall === wall && !isExplained(room, trace)))
      .filter((parts) => !isPattern(parts))
      .map(outlineOf),
  );
  const openings = things
    .filter(({ top }) => top > LOW)
    .map((thing): Opening => ({ ...thing, kind: 'unknown', confidence: 0.5 }));
  const keepOuts = things
    .filter(({ top }) => top <= LOW)
    .map((thing): KeepOut => ({ why: 'object', outline: stripOf(room, thing), confidence: 0.5 }));
  return { ...room, openings: [...room.openings, ...openings], keepOuts: [...room.keepOuts, ...keepOuts] };
}

function traceOf(room: Room, { x1, y1, x2, y2 }: Segment): Trace[] {
  const one = spotOn(room, x1 + INNER * (x2 - x1), y1 + INNER * (y2 - y1));
  const other = spotOn(room, x2 + INNER * (x1 - x2), y2 + INNER * (y1 - y2));
  if (!one || !other || one.wall !== other.wall) return [];
  const wall = room.walls[one.wall];
  if (!wall) return [];
  const [along, up] = [Math.abs(one.along - other.along), Math.abs(one.height - other.height)];
  if (Math.min(along, up) > SLOPE * Math.max(along, up)) return [];
  if (Math.max(along, up) < LENGTH_MIN * (1 - 2 * INNER)) return [];
  const trace = {
    wall: one.wall,
    start: Math.min(one.along, other.along),
    end: Math.max(one.along, other.along),
    bottom: Math.min(one.height, other.height),
    top: Math.max(one.height, other.height),
  };
  const length = lengthOf(wall);
  const [first, last] = [wall.from, wall.to].map((end) =>
    isHidden(room, one.wall, end) ? SILHOUETTE : CORNER,
  );
  const isCorner = trace.end < (first ?? 0) || trace.start > length - (last ?? 0);
  const isBorder = trace.top < SKIRTING || trace.bottom > Math.min(HIGHEST, wall.height - COVE);
  if (isCorner || isBorder) return [];
  // The frame of a doorway of which no more is seen: it goes on behind what hides the end of the wall.
  return [
    {
      ...trace,
      start: first === SILHOUETTE && trace.end < CORNER ? 0 : trace.start,
      end: last === SILHOUETTE && trace.start > length - CORNER ? length : trace.end,
    },
  ];
}

/** Whether something hides where a wall goes on: it ends in the picture, and not at another wall. */
function isHidden(room: Room, index: number, [x, z]: FloorPoint): boolean {
  const view = new View(room, room.width, room.height);
  const isSeen = view.project(x, 0, z) && Math.min(view.u, room.width - view.u) > BORDER;
  const isCorner = room.walls.some(
    (wall, n) =>
      n !== index && [wall.from, wall.to].some((end) => Math.hypot(end[0] - x, end[1] - z) < MEETING),
  );
  return isSeen && !isCorner;
}

/** What wall a pixel shows, and where on it. */
function spotOn(
  room: Room,
  x: number,
  y: number,
): { wall: number; along: number; height: number } | undefined {
  const view = new View(room, room.width, room.height);
  const shell = new Shell(room);
  view.aim(x, y);
  const t = shell.hit(0, view.eye, 0, view.x, view.y, view.z);
  const index = shell.surface - WALL;
  const wall = room.walls[index];
  if (!wall) return undefined;
  const length = lengthOf(wall);
  const along =
    ((t * view.x - wall.from[0]) * (wall.to[0] - wall.from[0]) +
      (t * view.z - wall.from[1]) * (wall.to[1] - wall.from[1])) /
    length;
  return { wall: index, along, height: view.eye + t * view.y };
}

function lengthOf({ from, to }: Wall): number {
  return Math.hypot(to[0] - from[0], to[1] - from[1]);
}

function isExplained({ openings }: Room, trace: Trace): boolean {
  return openings.some(
    ({ wall, start, end, bottom, top }) =>
      wall === trace.wall &&
      trace.start > start - FRAME &&
      trace.end < end + FRAME &&
      trace.bottom > bottom - FRAME &&
      trace.top < top + FRAME,
  );
}

/** Edges near to one another as the parts of one thing. */
function joined(traces: readonly Trace[]): Trace[][] {
  const things: Trace[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const trace of traces.toSorted((a, b) => a.start - b.start)) {
    if (trace.start - end <= REACH) things.at(-1)?.push(trace);
    else things.push([trace]);
    end = Math.max(end, trace.end);
  }
  return things;
}

/** Blocks, bricks and tiles: many edges of which none runs along most of the whole, as the frame of a thing does. */
function isPattern(parts: readonly Trace[]): boolean {
  const { start, end, bottom, top } = outlineOf(parts);
  return (
    parts.length >= PATTERN_PARTS &&
    parts.every((part) => part.end - part.start < PATTERN_SHARE * (end - start)) &&
    parts.every((part) => part.top - part.bottom < PATTERN_SHARE * (top - bottom))
  );
}

function outlineOf(parts: readonly Trace[]): Trace {
  return {
    wall: parts[0]?.wall ?? 0,
    start: Math.max(0, Math.min(...parts.map(({ start }) => start))),
    end: Math.max(...parts.map(({ end }) => end)),
    bottom: Math.max(0, Math.min(...parts.map(({ bottom }) => bottom))),
    top: Math.max(...parts.map(({ top }) => top)),
  };
}

function stripOf({ walls }: Room, { wall, start, end }: Trace): FloorPoint[] {
  const line = walls[wall];
  if (!line) return [];
  const length = lengthOf(line);
  const [dx, dz] = [(line.to[0] - line.from[0]) / length, (line.to[1] - line.from[1]) / length];
  const point = (along: number, out: number): FloorPoint => [
    line.from[0] + along * dx - out * dz,
    line.from[1] + along * dz + out * dx,
  ];
  return [point(start, -0.05), point(end, -0.05), point(end, DEPTH), point(start, DEPTH)];
}

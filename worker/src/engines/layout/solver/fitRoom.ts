import type { FloorPoint, Room, Wall } from '../scene/types.ts';
import { type Rect, within } from './plane.ts';
import { alongWall, lengthOf } from './walls.ts';

/** How points and turns of one room's coordinates become those of another: a quarter turn or none, then a shift. */
export interface Move {
  /** Quarter turns, counter-clockwise seen from above. */
  readonly quarters: 0 | 1 | 2 | 3;
  readonly shift: FloorPoint;
}

export type RoomFit =
  | {
      readonly kind: 'fit';
      readonly move: Move;
      /** Doors, windows and corners that are found in both. */
      readonly evidence: number;
      /** How far they lie apart on average, metres. */
      readonly apart: number;
    }
  | { readonly kind: 'none'; readonly why: string };

const QUARTERS = [0, 1, 2, 3] as const;
/** Two readings of one room differ by this much, metres. */
const NEAR = 0.3;
/** Openings of one kind that differ more in width or height are two. */
const SIZE = 0.35;
/** What is seen of a wall in both photos, at least. */
const SHARED = 0.5;
/** Doors, windows and corners that must be found in both. */
const EVIDENCE = 2;

export function moved({ quarters, shift }: Move, [x, z]: FloorPoint): FloorPoint {
  const [tx, tz] = turned(quarters, [x, z]);
  return [tx + shift[0], tz + shift[1]];
}

function turned(quarters: Move['quarters'], [x, z]: FloorPoint): FloorPoint {
  switch (quarters) {
    case 0:
      return [x, z];
    case 1:
      return [-z, x];
    case 2:
      return [-x, -z];
    case 3:
      return [z, -x];
  }
}

/** A thing that can be found again in another photo: an opening on its wall, or a corner between two walls. */
interface Mark {
  readonly kind: 'door' | 'window' | 'corner';
  readonly at: FloorPoint;
  /** Where its wall runs, or the first of the two; of length one. */
  readonly along: FloorPoint;
  readonly width: number;
  readonly top: number;
}

/**
 * Where the room of one photo lies in that of another. Both were read for themselves, so each has a coordinate system of
 * its own, with its axes along the walls. Symmetric rooms and photos that share too little have no answer.
 */
export function fitRoom(from: Room, to: Room): RoomFit {
  const known = marksOf(from);
  const seen = marksOf(to);
  const fits = QUARTERS.flatMap((quarters) =>
    known.flatMap((mark) =>
      seen.flatMap((other) => {
        const move = align(quarters, mark, other);
        return move && !contradicts(from, to, move) ? [judge(move, known, seen)] : [];
      }),
    ),
  ).toSorted((a, b) => b.evidence - a.evidence);
  const [best] = fits;
  if (!best || best.evidence < EVIDENCE)
    return {
      kind: 'none',
      why: 'too few doors, windows and corners of the room are seen in both photos to tell where one lies in the other',
    };
  const rival = fits.find((other) => other.evidence === best.evidence && isElsewhere(other.move, best.move));
  if (rival) return { kind: 'none', why: 'the room looks the same from two sides' };
  return { kind: 'fit', ...best };
}

function isElsewhere(a: Move, b: Move): boolean {
  return a.quarters !== b.quarters || Math.hypot(a.shift[0] - b.shift[0], a.shift[1] - b.shift[1]) > NEAR;
}

function marksOf(room: Room): Mark[] {
  const marks: Mark[] = [];
  for (const { kind, wall: index, start, end, top } of room.openings) {
    const wall = room.walls[index];
    if (kind === 'unknown' || !wall) continue;
    marks.push({
      kind,
      at: alongWall(wall, (start + end) / 2, 0),
      along: directionOf(wall),
      width: end - start,
      top,
    });
  }
  for (const one of room.walls)
    for (const other of room.walls) {
      const gap = Math.hypot(one.to[0] - other.from[0], one.to[1] - other.from[1]);
      if (one === other || gap > NEAR) continue;
      const [a, b] = [directionOf(one), directionOf(other)];
      if (Math.abs(a[0] * b[0] + a[1] * b[1]) > 0.1) continue;
      marks.push({ kind: 'corner', at: one.to, along: a, width: 0, top: 0 });
    }
  return marks;
}

function directionOf(wall: Wall): FloorPoint {
  const length = lengthOf(wall) || 1;
  return [(wall.to[0] - wall.from[0]) / length, (wall.to[1] - wall.from[1]) / length];
}

function align(quarters: Move['quarters'], mark: Mark, other: Mark): Move | undefined {
  if (!isSame(quarters, mark, other)) return undefined;
  const [x, z] = turned(quarters, mark.at);
  return { quarters, shift: [other.at[0] - x, other.at[1] - z] };
}

/** Of the same kind and size, on walls that run the same way. */
function isSame(quarters: Move['quarters'], mark: Mark, other: Mark): boolean {
  const [ax, az] = turned(quarters, mark.along);
  return (
    mark.kind === other.kind &&
    ax * other.along[0] + az * other.along[1] > 0.95 &&
    Math.abs(mark.width - other.width) < SIZE &&
    Math.abs(mark.top - other.top) < SIZE
  );
}

type Judged = Omit<Extract<RoomFit, { kind: 'fit' }>, 'kind'>;

/** What is found in both, and the move that brings it together best. */
function judge(move: Move, known: readonly Mark[], seen: readonly Mark[]): Judged {
  const gaps: FloorPoint[] = [];
  for (const other of seen) {
    const [best] = known
      .filter((mark) => isSame(move.quarters, mark, other))
      .map((mark) => {
        const at = moved(move, mark.at);
        return { dx: other.at[0] - at[0], dz: other.at[1] - at[1] };
      })
      .filter(({ dx, dz }) => Math.hypot(dx, dz) < NEAR)
      .toSorted((a, b) => Math.hypot(a.dx, a.dz) - Math.hypot(b.dx, b.dz));
    if (!best) continue;
    gaps.push([best.dx, best.dz]);
  }
  const evidence = gaps.length;
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, evidence);
  const [x, z] = [mean(gaps.map(([dx]) => dx)), mean(gaps.map(([, dz]) => dz))];
  const apart = mean(gaps.map(([dx, dz]) => Math.hypot(dx - x, dz - z)));
  return { move: { ...move, shift: [move.shift[0] + x, move.shift[1] + z] }, evidence, apart };
}

/** A wall of one where the other sees floor, or a door or window of one where the other sees plain wall. */
function contradicts(from: Room, to: Room, move: Move): boolean {
  const walls = from.walls.map((wall) => ({
    ...wall,
    from: moved(move, wall.from),
    to: moved(move, wall.to),
  }));
  const floor = from.floor.map((point) => moved(move, point));
  return (
    walls.some((wall) => cuts(wall, to.floor)) ||
    to.walls.some((wall) => cuts(wall, floor)) ||
    !walls.some((wall) => to.walls.some((other) => shared(wall, other) >= SHARED))
  );
}

/** Whether a wall runs through a floor, more than at its edge. */
function cuts(wall: Wall, floor: Room['floor']): boolean {
  const length = lengthOf(wall);
  if (length < 2 * NEAR) return false;
  const steps = Math.ceil(length / NEAR);
  let inside = 0;
  for (let n = 1; n < steps; n += 1) {
    const [x, z] = alongWall(wall, (n * length) / steps, 0);
    const spot: Rect = { at: [x, z], turn: 0, width: 2 * NEAR, depth: 2 * NEAR };
    if (within(floor, spot)) inside += 1;
  }
  return inside >= 2;
}

/** Metres over which two walls are one. */
function shared(a: Wall, b: Wall): number {
  const [dx, dz] = directionOf(b);
  const out = (p: FloorPoint) => (p[1] - b.from[1]) * dx - (p[0] - b.from[0]) * dz;
  const along = (p: FloorPoint) => (p[0] - b.from[0]) * dx + (p[1] - b.from[1]) * dz;
  if (Math.abs(out(a.from)) > NEAR || Math.abs(out(a.to)) > NEAR) return 0;
  // Their rooms lie on the same side only when they run the same way.
  if (along(a.to) < along(a.from)) return 0;
  return Math.min(lengthOf(b), along(a.to)) - Math.max(0, along(a.from));
}

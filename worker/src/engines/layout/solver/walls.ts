import type { FloorPoint, Room, Wall } from '../scene/types.ts';
import { contains, turnTowards } from './plane.ts';

/** Walls that are less certain are nothing to lean on. */
const SURE = 0.3;
const STEP = 0.05;
/** Distance from a wall within which its floor must be seen, metres. */
const FOOT = 0.25;

export function lengthOf({ from, to }: Wall): number {
  return Math.hypot(to[0] - from[0], to[1] - from[1]);
}

/** Looks from the wall into the room. */
export function turnFrom({ from, to }: Wall): number {
  return turnTowards([from[1] - to[1], to[0] - from[0]]);
}

/** A point `along` a wall from its start and `out` from it into the room. */
export function alongWall(wall: Wall, along: number, out: number): FloorPoint {
  const length = lengthOf(wall) || 1;
  const x = (wall.to[0] - wall.from[0]) / length;
  const z = (wall.to[1] - wall.from[1]) / length;
  return [wall.from[0] + along * x - out * z, wall.from[1] + along * z + out * x];
}

/** A part of a wall whose foot is seen and that no door interrupts. */
export interface Stretch {
  readonly wall: number;
  readonly start: number;
  readonly end: number;
}

export function stretchesOf({ walls, openings, floor }: Room): Stretch[] {
  const found: Stretch[] = [];
  for (const [index, wall] of walls.entries()) {
    if (wall.confidence < SURE) continue;
    const gaps = openings.filter(
      ({ wall: of, kind, bottom }) => of === index && (kind !== 'window' || bottom < 0.3),
    );
    let start: number | undefined;
    const length = lengthOf(wall);
    for (let along = 0; along <= length + STEP; along += STEP) {
      const usable =
        along <= length &&
        contains(floor, alongWall(wall, Math.min(length - 0.01, Math.max(0.01, along)), FOOT)) &&
        !gaps.some((gap) => along > gap.start && along < gap.end);
      if (usable) start ??= along;
      else if (start !== undefined) {
        if (along - STEP - start > 0.3) found.push({ wall: index, start, end: along - STEP });
        start = undefined;
      }
    }
  }
  return found;
}

import type { Opening, Room } from '../scene/types.ts';
import type { Polygon } from './plane.ts';
import { alongWall } from './walls.ts';

/** Floor on which nothing may stand that is higher than `height`. */
export interface Zone {
  readonly why: 'door' | 'window' | 'object' | 'sun';
  readonly outline: Polygon;
  /** Metres; 0 where nothing may lie either. */
  readonly height: number;
}

/** The leaf of a door and who walks through it need this much floor, metres. */
const DOOR_LEAST = 0.9;
const DOOR_MARGIN = 0.1;
/** Below this one walks through a window. */
const SILL = 0.3;
const WINDOW_DEPTH = 0.45;
/** The back of a sofa or a low headboard may reach over the sill by so much. */
const ABOVE_SILL = 0.12;
/** What may lie before a window that reaches the floor: a rug. */
const FLAT = 0.05;

export function isDoor({ kind, bottom }: Opening): boolean {
  return kind === 'door' || (kind === 'unknown' && bottom < SILL);
}

/** Where a room's doors, windows, sun and fixtures forbid furniture. */
export function zonesOf(room: Room): Zone[] {
  const zones: Zone[] = room.keepOuts.map(({ why, outline }) => ({ why, outline, height: 0 }));
  for (const opening of room.openings) {
    const strip = (depth: number, margin: number): Polygon => {
      const wall = room.walls[opening.wall];
      if (!wall) return [];
      const { start, end } = opening;
      return [
        alongWall(wall, start - margin, -0.05),
        alongWall(wall, end + margin, -0.05),
        alongWall(wall, end + margin, depth),
        alongWall(wall, start - margin, depth),
      ];
    };
    if (isDoor(opening)) {
      const depth = Math.max(DOOR_LEAST, opening.end - opening.start > 1.2 ? 0 : opening.end - opening.start);
      zones.push({ why: 'door', outline: strip(depth, DOOR_MARGIN), height: 0 });
    } else if (opening.bottom < SILL)
      zones.push({ why: 'window', outline: strip(DOOR_LEAST, 0), height: FLAT });
    else zones.push({ why: 'window', outline: strip(WINDOW_DEPTH, 0), height: opening.bottom + ABOVE_SILL });
  }
  return zones.filter(({ outline }) => outline.length >= 3);
}

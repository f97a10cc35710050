import type { FloorPoint, Room } from './types.ts';

/** The same room, in the same photo, of another size. */
export function scaleRoom(room: Room, factor: number): Room {
  const point = ([x, z]: FloorPoint): FloorPoint => [x * factor, z * factor];
  return {
    ...room,
    cameraHeight: room.cameraHeight * factor,
    floor: room.floor.map(point),
    walls: room.walls.map((wall) => ({
      ...wall,
      from: point(wall.from),
      to: point(wall.to),
      height: wall.height * factor,
    })),
    openings: room.openings.map((opening) => ({
      ...opening,
      start: opening.start * factor,
      end: opening.end * factor,
      bottom: opening.bottom * factor,
      top: opening.top * factor,
    })),
    keepOuts: room.keepOuts.map((keepOut) => ({ ...keepOut, outline: keepOut.outline.map(point) })),
  };
}

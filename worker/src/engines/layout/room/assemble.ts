import type { Segment } from '../geometry/segments.ts';
import type { FloorPoint, KeepOut, Opening, Room } from '../scene/types.ts';
import { freeFloor } from './free.ts';
import { groundOf } from './ground.ts';
import { findOpenings } from './openings.ts';
import { areaOf, type Foot } from './outline.ts';
import type { Picture } from './picture.ts';
import type { Edges } from './planes.ts';
import { cameraHeight } from './scale.ts';
import { sunOn } from './sun.ts';
import type { Stretch } from './trace.ts';
import type { Pixel } from './upright.ts';
import type { View } from './view.ts';
import { alongWall, type Passage, wallsOf } from './walls.ts';

/** Metres; of ceilings that are not seen. */
const CEILING_USUAL = 2.6;
/** Metres of floor before a door that stay free. */
const DOOR_DEPTH = 0.9;

/** An outline of the floor, traced or marked. */
export interface Outlined {
  readonly pixels: readonly Pixel[];
  readonly feet: readonly Foot[];
  readonly stretches: readonly Stretch[];
  /** Index of the foot of each stretch. */
  readonly footOf: readonly number[];
  readonly passages: readonly Passage[];
  /** `t` of the far side of the floor in each column; NaN where there is none. */
  readonly heights: Float64Array;
  /** Columns in which it is certain that it ends there. */
  readonly proven: Uint8Array;
  /** In camera heights. */
  readonly ceiling: number | undefined;
  readonly confidence: number;
}

export interface Assembled {
  /** In metres. */
  readonly room: Room;
  /** Square metres of floor in the picture on which nothing stands. */
  readonly free: number;
  /** Share of the floor in the picture that is not free. */
  readonly taken: number;
}

export function assemble(
  view: View,
  picture: Picture,
  edges: Edges,
  strays: readonly Segment[],
  outlined: Outlined,
): Assembled {
  const { stretches, feet, ceiling } = outlined;
  const found = findOpenings(view, picture, edges, stretches, outlined.passages);
  const scale = cameraHeight(
    ceiling,
    found.filter(({ isLeaf }) => isLeaf).map(({ top }) => top),
  );
  const height = ceiling === undefined ? CEILING_USUAL : ceiling * scale;
  const walls = wallsOf(view, feet, outlined.proven, { scale, height });
  const openings = found.flatMap(({ wall, start, end, bottom, top, kind, confidence }): Opening[] => {
    const plane = stretches[wall]?.plane;
    const foot = outlined.footOf[wall] ?? -1;
    const right = feet[foot]?.right;
    if (!plane || !right) return [];
    const origin = alongWall(view.upright, plane, right.u);
    const ends = [start, end].map((at) => Math.abs(at - origin) * scale);
    return [
      {
        kind,
        wall: feet.length - 1 - foot,
        start: Math.min(...ends),
        end: Math.max(...ends),
        bottom: bottom * scale,
        top: Math.min(height, top * scale),
        confidence,
      },
    ];
  });
  const ground = groundOf(view, picture, outlined.heights);
  const free = freeFloor(view, {
    ground,
    feet: outlined.heights,
    proven: outlined.proven,
    uprights: edges[2],
    strays,
  });
  const floor = outlined.pixels.flatMap(([x, y]): FloorPoint[] => {
    const spot = view.upright.fromPixel(x, y);
    if (!spot || spot.t >= 0) return [];
    const [fx, fz] = view.upright.toFloor(spot);
    return [[fx * scale, fz * scale]];
  });
  const area = areaOf(floor);
  const { focal, cx, cy, pitch, roll, yaw } = view.upright.camera;
  const room: Room = {
    focal,
    cx,
    cy,
    pitch,
    roll,
    yaw,
    width: picture.width,
    height: picture.height,
    cameraHeight: scale,
    floor: area < 0 ? floor.toReversed() : floor,
    walls,
    openings,
    keepOuts: [
      ...[...sunOn(view, picture, ground), ...free.keepOuts].map((keepOut) => ({
        ...keepOut,
        outline: keepOut.outline.map(([x, z]): FloorPoint => [x * scale, z * scale]),
      })),
      ...openings.filter(({ kind }) => kind === 'door').flatMap((door) => beforeDoor(door, walls)),
    ],
    floorConfidence: outlined.confidence,
  };
  return { room, free: free.area * scale ** 2, taken: free.taken };
}

/** The floor that a leaf sweeps and one walks over. */
function beforeDoor({ wall, start, end, confidence }: Opening, walls: Room['walls']): KeepOut[] {
  const side = walls[wall];
  if (!side) return [];
  const [dx, dz] = [side.to[0] - side.from[0], side.to[1] - side.from[1]];
  const length = Math.hypot(dx, dz);
  if (length === 0) return [];
  const [ux, uz] = [dx / length, dz / length];
  // The room lies on the left of the wall.
  const point = (along: number, into: number): FloorPoint => [
    side.from[0] + ux * along - uz * into,
    side.from[1] + uz * along + ux * into,
  ];
  return [
    {
      why: 'door',
      outline: [point(start, 0), point(end, 0), point(end, DOOR_DEPTH), point(start, DOOR_DEPTH)],
      confidence,
    },
  ];
}

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { axesOf, horizonAt, type Pose } from '../geometry/camera.ts';
import type { FloorPoint, Opening, Room, Wall } from '../scene/types.ts';
import { hull, intersect } from './plane.ts';

/** For tests: the rooms of the example photos as they are, and box rooms of any size. */

export interface BoxRoom {
  readonly width: number;
  readonly length: number;
  readonly height: number;
  /** From the left and from the near wall, and up. */
  readonly camera: readonly [number, number, number];
  readonly pose: Pose;
  readonly focal: number;
  readonly picture: readonly [number, number];
  readonly openings: readonly {
    readonly side: 'north' | 'east' | 'west';
    readonly kind: Opening['kind'];
    /** From the left on the far wall, from the near end on the others. */
    readonly at: number;
    readonly width: number;
    readonly bottom: number;
    readonly height: number;
  }[];
}

const DEGREE = Math.PI / 180;

/** Where the line of sight through a pixel meets the floor, or a far point when it does not. */
export function onFloor(room: Omit<Room, 'floor'>, x: number, y: number): FloorPoint {
  const { a, b, up } = axesOf(room);
  const ray = [x - room.cx, y - room.cy, room.focal] as const;
  const along = (axis: readonly number[]) => axis.reduce((sum, value, n) => sum + value * (ray[n] ?? 0), 0);
  const down = Math.max(1e-3, -along(up) / Math.hypot(...ray));
  const far = room.cameraHeight / down / Math.hypot(...ray);
  return [far * along(b), far * along(a)];
}

export function boxRoom({
  width,
  length,
  height,
  camera,
  pose,
  focal,
  picture,
  openings,
}: BoxRoom): Omit<Room, 'floor'> {
  const [left, near] = [-camera[0], -camera[1]];
  const [right, far] = [left + width, near + length];
  const wall = (from: FloorPoint, to: FloorPoint): Wall => ({ from, to, height, confidence: 1 });
  const sides = ['west', 'north', 'east'] as const;
  return {
    ...pose,
    focal,
    cx: picture[0] / 2,
    cy: picture[1] / 2,
    width: picture[0],
    height: picture[1],
    cameraHeight: camera[2],
    walls: [
      wall([left, far], [left, near]),
      wall([right, far], [left, far]),
      wall([right, near], [right, far]),
    ],
    openings: openings.map(({ side, kind, at, width: wide, bottom, height: high }) => {
      const start = side === 'east' ? at : (side === 'north' ? width : length) - at - wide;
      return {
        kind,
        wall: sides.indexOf(side),
        start,
        end: start + wide,
        bottom,
        top: bottom + high,
        confidence: 1,
      };
    }),
    keepOuts: [],
    floorConfidence: 1,
  };
}

/** A box room as its photo shows it: the part of its floor that is in the picture. */
export function seenBoxRoom(box: BoxRoom): Room {
  const bare = boxRoom(box);
  const [width, height] = box.picture;
  const far = (x: number) => onFloor(bare, x, Math.min(height - 2, horizonAt(bare, x) + 6));
  const seen = hull([onFloor(bare, 0, height), onFloor(bare, width, height), far(width), far(0)]);
  const [left, near] = [-box.camera[0], -box.camera[1]];
  const [right, end] = [left + box.width, near + box.length];
  return {
    ...bare,
    floor: intersect(seen, [
      [left, near],
      [right, near],
      [right, end],
      [left, end],
    ]),
  };
}

interface CameraFile {
  readonly width: number;
  readonly height: number;
  readonly focal_px: number;
  readonly position_m: readonly [number, number, number];
  readonly yaw_deg: number;
  readonly pitch_deg: number;
  readonly roll_deg: number;
  readonly room_size_m: readonly [number, number, number];
  readonly floor_polygon_px: readonly (readonly [number, number])[];
  readonly openings_m: readonly {
    readonly side: 'north' | 'east' | 'west';
    readonly kind: 'window' | 'door' | 'passage';
    readonly at: number;
    readonly width: number;
    readonly bottom: number;
    readonly height: number;
  }[];
}

const PHOTOS = resolve(import.meta.dirname, '../../../../../examples/photos');

export function exampleRooms(): { name: string; room: Room }[] {
  return readdirSync(PHOTOS)
    .filter((file) => file.endsWith('.camera.json'))
    .sort()
    .map((file) => {
      // The project's own file, of a fixed shape.
      const known = JSON.parse(readFileSync(join(PHOTOS, file), 'utf8')) as CameraFile;
      return { name: file.replace('.camera.json', ''), room: roomOf(known) };
    });
}

function roomOf(known: CameraFile): Room {
  const [width, length, height] = known.room_size_m;
  const bare = boxRoom({
    width,
    length,
    height,
    camera: known.position_m,
    pose: { pitch: known.pitch_deg * DEGREE, roll: known.roll_deg * DEGREE, yaw: known.yaw_deg * DEGREE },
    focal: known.focal_px,
    picture: [known.width, known.height],
    openings: known.openings_m.map((opening) => ({
      ...opening,
      kind: opening.kind === 'passage' ? 'door' : opening.kind,
    })),
  });
  const pixels = known.floor_polygon_px.toReversed();
  const points = pixels.map(([x, y]) => onFloor(bare, x, y));
  const area = points.reduce((sum, [x, z], n) => {
    const [nx, nz] = points[(n + 1) % points.length] ?? [0, 0];
    return sum + x * nz - nx * z;
  }, 0);
  const floor = area > 0 ? points : points.toReversed();
  return { ...bare, floor, walls: [...bare.walls, ...innerWalls(known, bare, floor, height)] };
}

/** Sides of the seen floor that lie neither on the border of the photo nor at the walls of the box: projections, slopes. */
function innerWalls(
  known: CameraFile,
  bare: Omit<Room, 'floor'>,
  floor: readonly FloorPoint[],
  height: number,
): Wall[] {
  const pixels = known.floor_polygon_px;
  const atBorder = (point: FloorPoint) =>
    pixels.some(([x, y]) => {
      const [px, pz] = onFloor(bare, x, y);
      const border = x <= 1 || y <= 1 || x >= known.width - 1 || y >= known.height - 1;
      return border && Math.hypot(px - point[0], pz - point[1]) < 0.02;
    });
  const onBox = ([x, z]: FloorPoint) =>
    bare.walls.some(({ from, to }) => {
      const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
      return Math.abs((to[0] - from[0]) * (z - from[1]) - (to[1] - from[1]) * (x - from[0])) / length < 0.06;
    });
  return floor.flatMap((from, n) => {
    const to = floor[(n + 1) % floor.length] ?? from;
    if (atBorder(from) && atBorder(to)) return [];
    const middle: FloorPoint = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
    return onBox(middle) ? [] : [{ from, to, height, confidence: 1 }];
  });
}

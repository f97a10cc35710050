import type { RoomType } from '../furniture/catalogue.ts';
import type { StyleName } from '../furniture/styles.ts';
import type { FloorPoint, Placed, Room } from '../scene/types.ts';
import { millimetres } from './draft.ts';
import { LayoutFile } from './layoutFile.ts';

export interface Layout {
  /** SHA-256 of the photo that the room was read from. */
  readonly photoSha256?: string;
  readonly roomType: RoomType;
  readonly style: StyleName;
  readonly seed: number;
  readonly variation: number;
  readonly room: Room;
  readonly pieces: readonly Placed[];
}

export type ParsedLayout =
  | { readonly ok: true; readonly layout: Layout }
  /** One line each, with the place in the file. */
  | { readonly ok: false; readonly problems: readonly string[] };

const DEGREE = Math.PI / 180;

/** Reads what `formatLayout` wrote and people may have changed. */
export function parseLayout(text: string): ParsedLayout {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return {
      ok: false,
      problems: [`It is no JSON: ${error instanceof Error ? error.message : String(error)}`],
    };
  }
  return readLayout(value);
}

/** As `parseLayout`, of what is JSON already. */
export function readLayout(value: unknown): ParsedLayout {
  const parsed = LayoutFile.safeParse(value);
  if (parsed.success) return { ok: true, layout: fromFile(parsed.data) };
  return {
    ok: false,
    problems: parsed.error.issues.map(({ path, message }) => `${pathOf(path)}: ${message}`),
  };
}

/** The same layout gives the same bytes; what is read back and written again gives them, too. */
export function formatLayout(layout: Layout): string {
  return `${print(toFile(layout), '')}\n`;
}

/** The layout as it will be read from its file: what is rendered must be this one, so that the file renders the same. */
export function settle(layout: Layout): Layout {
  return fromFile(toFile(layout));
}

/** A room with its numbers rounded as in the file: what fits in it to the millimetre still does when it is read. */
export function settleRoom(room: Room): Room {
  return roomFromFile(roomToFile(room));
}

function fromFile({ photoSha256, room, pieces, roomType, style, seed, variation }: LayoutFile): Layout {
  return {
    ...(photoSha256 === undefined ? {} : { photoSha256 }),
    roomType,
    style,
    seed,
    variation,
    room: roomFromFile(room),
    pieces: pieces.map(({ at, size, turn, ...piece }) => ({
      ...piece,
      at: pair(at),
      turn: turn * DEGREE,
      size: [size[0] ?? 0, size[1] ?? 0, size[2] ?? 0],
    })),
  };
}

function roomFromFile({ camera, floor, walls, keepOuts, ...rest }: LayoutFile['room']): Room {
  const [cx, cy] = pair(camera.centre);
  return {
    width: camera.width,
    height: camera.height,
    focal: camera.focal,
    cx,
    cy,
    pitch: camera.pitch * DEGREE,
    roll: camera.roll * DEGREE,
    yaw: camera.yaw * DEGREE,
    cameraHeight: camera.aboveFloor,
    floor: floor.map(pair),
    walls: walls.map((wall) => ({ ...wall, from: pair(wall.from), to: pair(wall.to) })),
    keepOuts: keepOuts.map((keepOut) => ({ ...keepOut, outline: keepOut.outline.map(pair) })),
    ...rest,
  };
}

/** The schema has counted them. */
function pair([first = 0, second = 0]: readonly number[]): [number, number] {
  return [first, second];
}

function toFile({ photoSha256, room, pieces, roomType, style, seed, variation }: Layout): LayoutFile {
  return {
    version: 1,
    ...(photoSha256 === undefined ? {} : { photoSha256 }),
    roomType,
    style,
    seed,
    variation,
    room: roomToFile(room),
    pieces: pieces.map(({ kind, at, turn, size, lift, seed: own }) => ({
      kind,
      at: point(at),
      turn: degrees(turn, 1e3),
      size: [millimetres(size[0]), millimetres(size[1]), millimetres(size[2])],
      lift: millimetres(lift),
      seed: own,
    })),
  };
}

function roomToFile(room: Room): LayoutFile['room'] {
  return {
    camera: {
      width: room.width,
      height: room.height,
      focal: millimetres(room.focal),
      centre: [millimetres(room.cx), millimetres(room.cy)],
      pitch: degrees(room.pitch, 1e6),
      roll: degrees(room.roll, 1e6),
      yaw: degrees(room.yaw, 1e6),
      aboveFloor: millimetres(room.cameraHeight),
    },
    floor: room.floor.map(point),
    floorConfidence: millimetres(room.floorConfidence),
    walls: room.walls.map(({ from, to, height, confidence }) => ({
      from: point(from),
      to: point(to),
      height: millimetres(height),
      confidence: millimetres(confidence),
    })),
    openings: room.openings.map(({ kind, wall, start, end, bottom, top, confidence }) => ({
      kind,
      wall,
      start: millimetres(start),
      end: millimetres(end),
      bottom: millimetres(bottom),
      top: millimetres(top),
      confidence: millimetres(confidence),
    })),
    keepOuts: room.keepOuts.map(({ why, outline, confidence }) => ({
      why,
      outline: outline.map(point),
      confidence: millimetres(confidence),
    })),
  };
}

function point([x, z]: FloorPoint): [number, number] {
  return [millimetres(x), millimetres(z)];
}

/** @param parts of a degree that are kept */
function degrees(radians: number, parts: number): number {
  return Math.round((radians / DEGREE) * parts) / parts + 0;
}

/** JSON with one thing a line, but numbers that belong together on one. */
function print(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0 || value.every((item) => typeof item === 'number')) return `[${value.join(', ')}]`;
    return `[\n${value.map((item) => `${inner}${print(item, inner)}`).join(',\n')}\n${indent}]`;
  }
  const lines = Object.entries(value).map(
    ([key, item]) => `${inner}${JSON.stringify(key)}: ${print(item, inner)}`,
  );
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

function pathOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'layout.json';
  return path
    .map((key, n) => (typeof key === 'number' ? `[${key}]` : `${n > 0 ? '.' : ''}${String(key)}`))
    .join('');
}

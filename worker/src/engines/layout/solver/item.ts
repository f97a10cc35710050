import { type CatalogueEntry, findEntry } from '../furniture/catalogue.ts';
import type { FloorPoint, Placed, Room } from '../scene/types.ts';
import { Picture } from './picture.ts';
import { grow, type Polygon, type Rect } from './plane.ts';
import { isDoor, type Zone, zonesOf } from './zones.ts';

/** A piece with what the rules ask of it. */
export interface Item {
  readonly placed: Placed;
  readonly entry: CatalogueEntry;
  readonly rect: Rect;
  /** With the floor that it needs free. */
  readonly clear: Rect;
  /** What its box covers in the photo; undefined when any of it lies beside or behind the camera. */
  readonly outline: Polygon | undefined;
  /** Share of that in the photo. */
  readonly shown: number;
}

/** A room with what follows from it for every piece. */
export interface Scene {
  readonly room: Room;
  readonly picture: Picture;
  /** Where pieces may stand: the seen floor, and a little of what the lower border of the photo cuts off. */
  readonly ground: Polygon;
  readonly zones: readonly Zone[];
  readonly doors: readonly Polygon[];
  readonly windows: readonly Polygon[];
}

export function sceneOf(room: Room): Scene {
  const picture = new Picture(room);
  const seen = (wanted: (opening: Room['openings'][number]) => boolean) =>
    room.openings
      .filter(wanted)
      .map((opening) => picture.opening(opening))
      .filter((outline) => outline !== undefined);
  return {
    room,
    picture,
    ground: groundOf(room, picture),
    zones: zonesOf(room),
    doors: seen(isDoor),
    windows: seen((opening) => !isDoor(opening)),
  };
}

/** Share of the way from the camera to the lower border at which the ground begins. */
const NEARER = 0.62;

/**
 * The camera looks over the floor before the lower border, so nothing rises there; a rug or a table may reach into it
 * as it would in a photo of a furnished room.
 */
function groundOf({ floor, height }: Room, picture: Picture): Polygon {
  const atLowerBorder = ([x, z]: FloorPoint) => (picture.project([x, 0, z])?.[1] ?? height) > height - 2;
  return floor.flatMap((from, n) => {
    const to = floor[(n + 1) % floor.length] ?? from;
    if (!atLowerBorder(from) || !atLowerBorder(to)) return [from];
    return [from, nearer(from), nearer(to)];
  });
}

function nearer([x, z]: FloorPoint): FloorPoint {
  return [x * NEARER, z * NEARER];
}

/** One side of a narrow bed may stand against a wall. */
const NARROW_BED = 1.3;
/** Of the usual free floor: what is still bearable in a small room. */
export const TIGHT = 0.75;

/** @param ease share of the free floor that the catalogue asks for */
export function itemOf({ picture }: Scene, placed: Placed, ease = 1): Item {
  const entry = findEntry(placed.kind);
  const rect: Rect = { at: placed.at, turn: placed.turn, width: placed.size[0], depth: placed.size[1] };
  const { clear } = entry;
  const sides = placed.kind === 'bed' && placed.size[0] < NARROW_BED ? 0 : clear.sides;
  const outline = picture.outline(placed);
  return {
    placed,
    entry,
    rect,
    clear: grow(rect, { front: clear.front * ease, back: clear.back * ease, sides: sides * ease }),
    outline,
    shown: outline ? picture.shareIn(outline) : 0,
  };
}

/** Stands on the floor and is in the way. */
export function isSolid({ entry }: Pick<Item, 'entry'>): boolean {
  return entry.stands === 'floor' && !entry.flat;
}

/** What belongs into the free floor of another piece. */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
  bed: ['nightstand', 'bench'],
  kids_bed: ['nightstand', 'pouf'],
  bunk_bed: ['nightstand', 'pouf'],
  crib: ['nightstand', 'pouf'],
  dining_table: ['chair'],
  round_table: ['chair'],
  desk: ['chair', 'desk_chair', 'filing_cabinet'],
  armchair: ['side_table', 'pouf', 'floor_lamp'],
  coffee_table: ['pouf'],
  console_table: ['pouf'],
};

export function belongsTo(kind: string, host: string): boolean {
  return COMPANIONS[host]?.includes(kind) ?? false;
}

import type { Vec3 } from '../geometry/camera.ts';
import type { PieceKind } from '../scene/types.ts';
import { STYLE_NAMES, type StyleName } from './styles.ts';

/** Rooms that can be furnished, in the words of the catalog. */
export const ROOM_TYPES = [
  'living_room',
  'family_room',
  'bedroom',
  'guest_room',
  'kids_room',
  'nursery',
  'dining_room',
  'kitchen_dining',
  'home_office',
  'reading_nook',
  'entryway',
  'studio',
] as const;

export type RoomType = (typeof ROOM_TYPES)[number];

/** Floor that stays free beyond the box of a piece, metres. */
export interface Clearance {
  readonly front: number;
  readonly back: number;
  /** On each side. */
  readonly sides: number;
}

/** What must be known of a kind of furniture to place it; `pieces.ts` makes it. */
export interface CatalogueEntry {
  readonly kind: PieceKind;
  readonly title: string;
  readonly styles: readonly StyleName[];
  /** Width, depth, height in metres: least, usual, most. */
  readonly sizes: readonly [least: Vec3, usual: Vec3, most: Vec3];
  /** `top`: on the flat top of another piece. */
  readonly stands: 'floor' | 'wall' | 'top';
  /** For what stands on a top: kinds that may carry it. */
  readonly on: readonly PieceKind[];
  /** Its back: `must` touch a wall but for the skirting, looks better so, or is fit to be seen from all sides. */
  readonly wall: 'must' | 'prefers' | 'free';
  readonly clear: Clearance;
  /** Lies flat: one walks over it, and other pieces may stand on it. */
  readonly flat: boolean;
  /** For what hangs on a wall: height of its middle above the floor, metres, least and most. */
  readonly hangs?: readonly [least: number, most: number];
}

const NONE: Clearance = { front: 0, back: 0, sides: 0 };

type Given = Pick<CatalogueEntry, 'kind' | 'title' | 'sizes'> & Partial<CatalogueEntry>;

/** An entry with what is usual where nothing is said. */
export function entry(given: Given): CatalogueEntry {
  return { styles: STYLE_NAMES, stands: 'floor', on: [], wall: 'free', clear: NONE, flat: false, ...given };
}

import type { Vec3 } from '../geometry/camera.ts';
import type { PieceKind } from '../scene/types.ts';
import { STYLE_NAMES, type StyleName } from './styles.ts';

/** Rooms that can be furnished, in the words of the catalog. */
export const ROOM_TYPES = ['living_room', 'bedroom', 'dining_room', 'home_office'] as const;

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
  readonly rooms: readonly RoomType[];
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

type Given = Pick<CatalogueEntry, 'kind' | 'title' | 'rooms' | 'sizes'> & Partial<CatalogueEntry>;

function entry(given: Given): CatalogueEntry {
  return { styles: STYLE_NAMES, stands: 'floor', on: [], wall: 'free', clear: NONE, flat: false, ...given };
}

export const CATALOGUE: readonly CatalogueEntry[] = [
  entry({
    kind: 'sofa',
    title: 'Sofa',
    rooms: ['living_room', 'home_office'],
    sizes: [
      [1.5, 0.82, 0.74],
      [2.1, 0.92, 0.82],
      [2.5, 1.02, 0.92],
    ],
    wall: 'prefers',
    clear: { front: 0.35, back: 0, sides: 0 },
  }),
  entry({
    kind: 'armchair',
    title: 'Armchair',
    rooms: ['living_room', 'bedroom', 'home_office'],
    sizes: [
      [0.68, 0.72, 0.74],
      [0.8, 0.82, 0.82],
      [0.95, 0.95, 1.05],
    ],
    clear: { front: 0.4, back: 0, sides: 0 },
  }),
  entry({
    kind: 'bed',
    title: 'Bed',
    rooms: ['bedroom'],
    sizes: [
      [0.95, 2.05, 0.85],
      [1.68, 2.12, 1.05],
      [2.05, 2.25, 1.3],
    ],
    wall: 'must',
    clear: { front: 0.75, back: 0, sides: 0.6 },
  }),
  entry({
    kind: 'nightstand',
    title: 'Nightstand',
    rooms: ['bedroom'],
    sizes: [
      [0.36, 0.32, 0.42],
      [0.46, 0.4, 0.54],
      [0.6, 0.48, 0.66],
    ],
    wall: 'must',
    clear: { front: 0.45, back: 0, sides: 0 },
  }),
  entry({
    kind: 'coffee_table',
    title: 'Coffee table',
    rooms: ['living_room'],
    sizes: [
      [0.7, 0.45, 0.34],
      [1.1, 0.6, 0.4],
      [1.4, 0.8, 0.47],
    ],
    clear: { front: 0.35, back: 0.35, sides: 0.35 },
  }),
  entry({
    kind: 'side_table',
    title: 'Side table',
    rooms: ['living_room', 'bedroom', 'home_office'],
    sizes: [
      [0.36, 0.36, 0.44],
      [0.46, 0.46, 0.54],
      [0.58, 0.58, 0.64],
    ],
  }),
  entry({
    kind: 'dining_table',
    title: 'Dining table',
    rooms: ['dining_room'],
    sizes: [
      [1.1, 0.75, 0.72],
      [1.7, 0.9, 0.75],
      [2.4, 1.05, 0.78],
    ],
    clear: { front: 0.9, back: 0.9, sides: 0.6 },
  }),
  entry({
    kind: 'chair',
    title: 'Chair',
    rooms: ['dining_room', 'home_office'],
    sizes: [
      [0.42, 0.46, 0.76],
      [0.47, 0.53, 0.82],
      [0.56, 0.6, 0.95],
    ],
    clear: { front: 0, back: 0.45, sides: 0 },
  }),
  entry({
    kind: 'desk',
    title: 'Desk',
    rooms: ['home_office', 'bedroom'],
    sizes: [
      [1, 0.5, 0.72],
      [1.3, 0.62, 0.74],
      [1.8, 0.8, 0.77],
    ],
    wall: 'prefers',
    clear: { front: 0.9, back: 0, sides: 0 },
  }),
  entry({
    kind: 'bookcase',
    title: 'Bookcase',
    rooms: ['living_room', 'home_office', 'bedroom'],
    sizes: [
      [0.6, 0.28, 1.1],
      [0.9, 0.34, 1.85],
      [1.4, 0.42, 2.2],
    ],
    wall: 'must',
    clear: { front: 0.6, back: 0, sides: 0 },
  }),
  entry({
    kind: 'rug',
    title: 'Rug',
    rooms: ['living_room', 'bedroom', 'dining_room', 'home_office'],
    sizes: [
      [1.2, 0.8, 0.01],
      [2.4, 1.7, 0.015],
      [4, 3, 0.02],
    ],
    flat: true,
  }),
  entry({
    kind: 'floor_lamp',
    title: 'Floor lamp',
    rooms: ['living_room', 'bedroom', 'home_office'],
    sizes: [
      [0.32, 0.32, 1.35],
      [0.42, 0.42, 1.55],
      [0.52, 0.52, 1.75],
    ],
  }),
  entry({
    kind: 'plant',
    title: 'Plant in a pot',
    rooms: ['living_room', 'bedroom', 'dining_room', 'home_office'],
    sizes: [
      [0.4, 0.4, 0.7],
      [0.6, 0.6, 1.2],
      [0.9, 0.9, 1.8],
    ],
  }),
  entry({
    kind: 'framed_art',
    title: 'Framed art',
    rooms: ['living_room', 'bedroom', 'dining_room', 'home_office'],
    sizes: [
      [0.3, 0.02, 0.3],
      [0.7, 0.03, 0.9],
      [1.6, 0.045, 1.3],
    ],
    stands: 'wall',
    wall: 'must',
    hangs: [1.4, 1.6],
  }),
  entry({
    kind: 'table_lamp',
    title: 'Table lamp',
    rooms: ['living_room', 'bedroom', 'home_office'],
    sizes: [
      [0.2, 0.2, 0.36],
      [0.28, 0.28, 0.48],
      [0.38, 0.38, 0.65],
    ],
    stands: 'top',
    on: ['nightstand', 'side_table', 'desk', 'sideboard', 'console_table', 'dresser'],
  }),
  entry({
    kind: 'books',
    title: 'Stack of books',
    rooms: ['living_room', 'bedroom', 'home_office'],
    sizes: [
      [0.2, 0.15, 0.03],
      [0.29, 0.22, 0.07],
      [0.36, 0.28, 0.14],
    ],
    stands: 'top',
    on: ['coffee_table', 'side_table', 'nightstand', 'desk', 'sideboard', 'console_table', 'dresser'],
  }),
  entry({
    kind: 'bowl',
    title: 'Bowl',
    rooms: ['living_room', 'dining_room'],
    sizes: [
      [0.18, 0.18, 0.05],
      [0.28, 0.28, 0.085],
      [0.4, 0.4, 0.13],
    ],
    stands: 'top',
    on: ['coffee_table', 'dining_table', 'round_table', 'sideboard', 'console_table'],
  }),
  entry({
    kind: 'vase',
    title: 'Vase with branches',
    rooms: ['living_room', 'bedroom', 'dining_room', 'home_office'],
    sizes: [
      [0.18, 0.18, 0.25],
      [0.34, 0.34, 0.5],
      [0.5, 0.5, 0.75],
    ],
    stands: 'top',
    on: [
      'coffee_table',
      'dining_table',
      'round_table',
      'side_table',
      'nightstand',
      'desk',
      'sideboard',
      'console_table',
      'dresser',
    ],
  }),
  entry({
    kind: 'sideboard',
    title: 'Sideboard',
    rooms: ['living_room', 'dining_room', 'home_office'],
    sizes: [
      [1, 0.36, 0.6],
      [1.6, 0.42, 0.72],
      [2.2, 0.5, 0.85],
    ],
    wall: 'must',
    clear: { front: 0.75, back: 0, sides: 0 },
  }),
  entry({
    kind: 'tv_unit',
    title: 'TV unit',
    rooms: ['living_room', 'bedroom'],
    sizes: [
      [1, 0.35, 0.4],
      [1.6, 0.4, 0.5],
      [2.2, 0.48, 0.62],
    ],
    wall: 'must',
    clear: { front: 0.6, back: 0, sides: 0 },
  }),
  entry({
    kind: 'television',
    title: 'Television',
    rooms: ['living_room', 'bedroom'],
    sizes: [
      [0.9, 0.2, 0.56],
      [1.23, 0.24, 0.76],
      [1.45, 0.28, 0.9],
    ],
    stands: 'top',
    on: ['tv_unit', 'sideboard'],
    wall: 'prefers',
  }),
  entry({
    kind: 'dresser',
    title: 'Chest of drawers',
    rooms: ['bedroom'],
    sizes: [
      [0.6, 0.4, 0.75],
      [1.1, 0.46, 0.82],
      [1.6, 0.52, 1.1],
    ],
    wall: 'must',
    clear: { front: 0.75, back: 0, sides: 0 },
  }),
  entry({
    kind: 'wardrobe',
    title: 'Wardrobe',
    rooms: ['bedroom'],
    sizes: [
      [0.8, 0.52, 1.8],
      [1.2, 0.6, 2.05],
      [2.4, 0.66, 2.3],
    ],
    wall: 'must',
    clear: { front: 0.75, back: 0, sides: 0 },
  }),
  entry({
    kind: 'filing_cabinet',
    title: 'Filing cabinet',
    rooms: ['home_office'],
    sizes: [
      [0.36, 0.42, 0.55],
      [0.42, 0.5, 0.66],
      [0.5, 0.6, 1.1],
    ],
    wall: 'prefers',
    clear: { front: 0.6, back: 0, sides: 0 },
  }),
  entry({
    kind: 'console_table',
    title: 'Console table',
    rooms: ['living_room', 'dining_room'],
    sizes: [
      [0.8, 0.28, 0.72],
      [1.15, 0.34, 0.8],
      [1.6, 0.42, 0.9],
    ],
    wall: 'must',
    clear: { front: 0.6, back: 0, sides: 0 },
  }),
  entry({
    kind: 'shoe_bench',
    title: 'Shoe bench',
    rooms: ['bedroom'],
    sizes: [
      [0.6, 0.32, 0.42],
      [0.95, 0.36, 0.48],
      [1.3, 0.42, 0.52],
    ],
    wall: 'must',
    clear: { front: 0.6, back: 0, sides: 0 },
  }),
  entry({
    kind: 'coat_rack',
    title: 'Coat rack',
    rooms: ['bedroom', 'home_office'],
    sizes: [
      [0.4, 0.4, 1.6],
      [0.5, 0.5, 1.75],
      [0.6, 0.6, 1.85],
    ],
  }),
  entry({
    kind: 'bench',
    title: 'Bench',
    rooms: ['bedroom', 'dining_room'],
    sizes: [
      [0.9, 0.34, 0.42],
      [1.2, 0.4, 0.46],
      [1.7, 0.46, 0.5],
    ],
    clear: { front: 0.4, back: 0, sides: 0 },
  }),
  entry({
    kind: 'pouf',
    title: 'Pouf',
    rooms: ['living_room', 'bedroom'],
    sizes: [
      [0.38, 0.38, 0.3],
      [0.5, 0.5, 0.36],
      [0.65, 0.65, 0.44],
    ],
  }),
  entry({
    kind: 'bar_stool',
    title: 'Bar stool',
    rooms: ['dining_room'],
    sizes: [
      [0.38, 0.4, 0.86],
      [0.43, 0.47, 0.98],
      [0.5, 0.54, 1.12],
    ],
    clear: { front: 0, back: 0.45, sides: 0 },
  }),
  entry({
    kind: 'desk_chair',
    title: 'Desk chair',
    rooms: ['home_office'],
    sizes: [
      [0.56, 0.56, 0.84],
      [0.63, 0.63, 0.94],
      [0.7, 0.7, 1.15],
    ],
    clear: { front: 0, back: 0.3, sides: 0 },
  }),
  entry({
    kind: 'round_table',
    title: 'Round dining table',
    rooms: ['dining_room'],
    sizes: [
      [0.8, 0.8, 0.72],
      [1.1, 1.1, 0.75],
      [1.4, 1.4, 0.78],
    ],
    clear: { front: 0.9, back: 0.9, sides: 0.9 },
  }),
  entry({
    kind: 'kids_bed',
    title: 'Bed for a child',
    rooms: ['bedroom'],
    sizes: [
      [1.5, 0.78, 0.55],
      [1.85, 0.95, 0.68],
      [2.1, 1.05, 0.85],
    ],
    wall: 'prefers',
    clear: { front: 0.6, back: 0, sides: 0 },
  }),
  entry({
    kind: 'bunk_bed',
    title: 'Bunk bed',
    rooms: ['bedroom'],
    sizes: [
      [1.9, 0.85, 1.5],
      [2.1, 1, 1.65],
      [2.15, 1.1, 1.8],
    ],
    wall: 'must',
    clear: { front: 0.75, back: 0, sides: 0 },
  }),
  entry({
    kind: 'crib',
    title: 'Cot',
    rooms: ['bedroom'],
    sizes: [
      [1.05, 0.6, 0.8],
      [1.25, 0.68, 0.9],
      [1.45, 0.78, 1],
    ],
    wall: 'prefers',
    clear: { front: 0.6, back: 0, sides: 0 },
  }),
  entry({
    kind: 'mirror',
    title: 'Mirror',
    rooms: ['living_room', 'bedroom', 'dining_room'],
    sizes: [
      [0.4, 0.02, 0.5],
      [0.75, 0.028, 0.75],
      [1, 0.04, 1.7],
    ],
    stands: 'wall',
    wall: 'must',
    hangs: [1.35, 1.6],
  }),
];

/** Throws for a kind that is not in the catalogue. */
export function findEntry(kind: PieceKind): CatalogueEntry {
  const found = CATALOGUE.find((candidate) => candidate.kind === kind);
  if (!found) throw new Error(`there is no piece ${JSON.stringify(kind)}`);
  return found;
}

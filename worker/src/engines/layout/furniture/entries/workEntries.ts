import { type CatalogueEntry, entry } from '../entry.ts';

/** What one works at and keeps things in. */
export const TO_USE: readonly CatalogueEntry[] = [
  entry({
    kind: 'nightstand',
    title: 'Nightstand',
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
    sizes: [
      [0.36, 0.36, 0.44],
      [0.46, 0.46, 0.54],
      [0.58, 0.58, 0.64],
    ],
  }),
  entry({
    kind: 'dining_table',
    title: 'Dining table',
    sizes: [
      [1.1, 0.75, 0.72],
      [1.7, 0.9, 0.75],
      [2.4, 1.05, 0.78],
    ],
    clear: { front: 0.9, back: 0.9, sides: 0.6 },
  }),
  entry({
    kind: 'round_table',
    title: 'Round dining table',
    sizes: [
      [0.8, 0.8, 0.72],
      [1.1, 1.1, 0.75],
      [1.4, 1.4, 0.78],
    ],
    clear: { front: 0.9, back: 0.9, sides: 0.9 },
  }),
  entry({
    kind: 'desk',
    title: 'Desk',
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
    sizes: [
      [0.6, 0.28, 1.1],
      [0.9, 0.34, 1.85],
      [1.4, 0.42, 2.2],
    ],
    wall: 'must',
    clear: { front: 0.6, back: 0, sides: 0 },
  }),
  entry({
    kind: 'sideboard',
    title: 'Sideboard',
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
    sizes: [
      [1, 0.35, 0.4],
      [1.6, 0.4, 0.5],
      [2.2, 0.48, 0.62],
    ],
    wall: 'must',
    clear: { front: 0.6, back: 0, sides: 0 },
  }),
  entry({
    kind: 'dresser',
    title: 'Chest of drawers',
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
    sizes: [
      [0.4, 0.4, 1.6],
      [0.5, 0.5, 1.75],
      [0.6, 0.6, 1.85],
    ],
  }),
];

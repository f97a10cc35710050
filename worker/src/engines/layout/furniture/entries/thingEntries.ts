import { type CatalogueEntry, entry } from '../entry.ts';

/** What makes a room complete. */
export const TO_LOOK_AT: readonly CatalogueEntry[] = [
  entry({
    kind: 'rug',
    title: 'Rug',
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
    sizes: [
      [0.32, 0.32, 1.35],
      [0.42, 0.42, 1.55],
      [0.52, 0.52, 1.75],
    ],
  }),
  entry({
    kind: 'plant',
    title: 'Plant in a pot',
    sizes: [
      [0.4, 0.4, 0.7],
      [0.6, 0.6, 1.2],
      [0.9, 0.9, 1.8],
    ],
  }),
  entry({
    kind: 'framed_art',
    title: 'Framed art',
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
    kind: 'mirror',
    title: 'Mirror',
    sizes: [
      [0.4, 0.02, 0.5],
      [0.75, 0.028, 0.75],
      [1, 0.04, 1.7],
    ],
    stands: 'wall',
    wall: 'must',
    hangs: [1.35, 1.6],
  }),
  entry({
    kind: 'table_lamp',
    title: 'Table lamp',
    sizes: [
      [0.2, 0.2, 0.36],
      [0.28, 0.28, 0.48],
      [0.38, 0.38, 0.65],
    ],
    stands: 'top',
    on: ['nightstand', 'side_table', 'desk', 'sideboard', 'console_table', 'dresser'],
  }),
  entry({
    kind: 'television',
    title: 'Television',
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
    kind: 'books',
    title: 'Stack of books',
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
];

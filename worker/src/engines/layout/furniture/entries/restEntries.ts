import { type CatalogueEntry, entry } from '../entry.ts';

/** What one sits and lies on. */
export const TO_REST: readonly CatalogueEntry[] = [
  entry({
    kind: 'sofa',
    title: 'Sofa',
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
    sizes: [
      [0.95, 2.05, 0.85],
      [1.68, 2.12, 1.05],
      [2.05, 2.25, 1.3],
    ],
    wall: 'must',
    clear: { front: 0.75, back: 0, sides: 0.6 },
  }),
  entry({
    kind: 'chair',
    title: 'Chair',
    sizes: [
      [0.42, 0.46, 0.76],
      [0.47, 0.53, 0.82],
      [0.56, 0.6, 0.95],
    ],
    clear: { front: 0, back: 0.45, sides: 0 },
  }),
  entry({
    kind: 'bench',
    title: 'Bench',
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
    sizes: [
      [0.38, 0.38, 0.3],
      [0.5, 0.5, 0.36],
      [0.65, 0.65, 0.44],
    ],
  }),
  entry({
    kind: 'bar_stool',
    title: 'Bar stool',
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
    sizes: [
      [0.56, 0.56, 0.84],
      [0.63, 0.63, 0.94],
      [0.7, 0.7, 1.15],
    ],
    clear: { front: 0, back: 0.3, sides: 0 },
  }),
  entry({
    kind: 'kids_bed',
    title: 'Bed for a child',
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
    sizes: [
      [1.05, 0.6, 0.8],
      [1.25, 0.68, 0.9],
      [1.45, 0.78, 1],
    ],
    wall: 'prefers',
    clear: { front: 0.6, back: 0, sides: 0 },
  }),
];

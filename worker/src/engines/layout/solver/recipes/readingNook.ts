import { type Recipe, type Step, sized, sizeOf } from '../draft.ts';
import { atWalls, beside, inCorners } from '../ideas.ts';
import { distanceTo } from '../plane.ts';
import {
  BOOKCASE,
  either,
  eitherSide,
  FLOOR_LAMP,
  found,
  hung,
  lampOn,
  PLANT,
  SIDEBOARD,
  seenFromFront,
  smallOn,
  sometimes,
  WALL_ART,
  worse,
} from './common.ts';

const TABLE: Step = {
  weight: 1,
  ideas: (draft) => {
    const size = sizeOf('side_table', -0.2);
    const { width } = draft.main.rect;
    return eitherSide(draft, 2, (side) =>
      beside(draft.main, 'side_table', size, [side * (width / 2 + 0.07 + size[0] / 2), -0.02]),
    );
  },
};

/** Behind a shoulder of who reads. */
const LAMP: Step = {
  weight: 1,
  ideas: (draft) => {
    const size = sizeOf('floor_lamp');
    const { width, depth } = draft.main.rect;
    const near = eitherSide(draft, 3, (side) =>
      beside(draft.main, 'floor_lamp', size, [side * (width / 2 + 0.02 + size[0] / 2), depth / 2 + 0.1]),
    );
    const corners = inCorners(draft, 'floor_lamp', size).filter(
      ({ placed }) => distanceTo(draft.main.rect, placed.at) < 0.8,
    );
    return [...near, ...worse(corners, 0.5)];
  },
};

/** Of the first one's distance: a nearer one would be what the picture shows. */
const NEARER = 0.85;

/** A second chair across the small table, turned to the first. */
const SECOND: Step = {
  weight: 0.8,
  ideas: (draft) => {
    const table = found(draft, 'side_table');
    if (!table) return [];
    const { main } = draft;
    const size = sizeOf('armchair', -0.1);
    const [mx, mz] = main.rect.at;
    const [tx, tz] = table.rect.at;
    const reach = Math.hypot(tx - mx, tz - mz) + 0.1;
    const right = (tx - mx) * Math.cos(main.rect.turn) + (tz - mz) * Math.sin(main.rect.turn) > 0 ? 1 : -1;
    return [0.5, 0.3, 0.7]
      .flatMap((turn, n) =>
        worse(
          [
            seenFromFront(
              beside(main, 'armchair', size, [right * 2 * reach, -0.08 * (n + 1)], -right * turn),
            ),
          ],
          0.1 * n,
        ),
      )
      .filter(({ placed }) => Math.hypot(...placed.at) > NEARER * Math.hypot(mx, mz));
  },
};

const RUG: Step = {
  weight: 0.9,
  ideas: ({ main }) =>
    (
      [
        [2.4, 1.7],
        [2, 1.5],
        [1.6, 1.2],
        [1.3, 0.9],
      ] as const
    ).map(([width, deep], n) => {
      const size = sized('rug', width, deep);
      return beside(main, 'rug', size, [0, -(main.rect.depth / 2 - 0.3 + deep / 2)], 0, 1 - n * 0.1);
    }),
};

const OTTOMAN: Step = {
  weight: 0.5,
  ideas: ({ main }) => {
    const size = sizeOf('pouf');
    return [0.4, 0.3].map((gap, n) =>
      beside(main, 'pouf', size, [0.05, -(main.rect.depth / 2 + gap + size[1] / 2)], 0.2, 1 - n * 0.1),
    );
  },
};

/** More shelves in line with the first: a wall of books. */
const SECOND_SHELF: Step = {
  weight: 0.6,
  ideas: (draft) => {
    const first = found(draft, 'bookcase');
    if (!first) return [];
    const { size } = first.placed;
    const joined = [-1, 1].map((side) => beside(first, 'bookcase', size, [side * (size[0] + 0.01), 0]));
    return [...joined, ...worse(atWalls(draft, 'bookcase', size).map(seenFromFront), 1)];
  },
};

/** A seat to read in, light, books. */
export const READING_NOOK: Recipe = {
  roomType: 'reading_nook',
  mains: [{ kind: 'armchair', widths: () => [0.84, 0.74], floats: true }],
  steps: [
    TABLE,
    BOOKCASE,
    SECOND_SHELF,
    LAMP,
    RUG,
    sometimes(SECOND, 10, 0.6),
    OTTOMAN,
    PLANT,
    sometimes(either(9, 0.5, SIDEBOARD, BOOKCASE), 8, 0.4),
    FLOOR_LAMP,
    hung('sideboard', 14),
    lampOn('sideboard', 0, [0.7, 0.1]),
    WALL_ART,
    { ...WALL_ART, weight: 0.3 },
    smallOn('side_table', 'books', [0.2, -0.1], 90),
  ],
};

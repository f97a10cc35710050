import { type Recipe, type Step, sizeOf } from '../draft.ts';
import { beside } from '../ideas.ts';
import { NIGHTSTAND, RUG_BEFORE_MAIN } from './beds.ts';
import {
  atWall,
  DRESSER,
  dressed,
  either,
  eitherSide,
  FLOOR_LAMP,
  lampOn,
  PLANT,
  smallOn,
  sometimes,
  WALL_ART,
  workplace,
} from './common.ts';

/** To sit on while one plays. */
const POUFS: Step = {
  weight: 0.6,
  ideas: (draft) => {
    const { main } = draft;
    const size = sizeOf('pouf', -0.3);
    return eitherSide(draft, 6, (side) =>
      beside(main, 'pouf', size, [side * main.rect.width * 0.32, -(main.rect.depth / 2 + 0.85)]),
    );
  },
};

const LOW_SHELF = atWall('bookcase', [1.1, 0.85, 0.65], 0.8, 1.15);

export const KIDS_ROOM: Recipe = {
  roomType: 'kids_room',
  mains: [
    { kind: 'kids_bed', widths: () => [2, 1.75, 1.55], floats: false },
    { kind: 'bunk_bed', widths: () => [2.1, 1.95], floats: false },
  ],
  steps: [
    RUG_BEFORE_MAIN,
    NIGHTSTAND,
    lampOn('nightstand', 0),
    either(9, 0.5, LOW_SHELF, workplace(0.8)),
    either(10, 0.5, workplace(0.6), DRESSER),
    POUFS,
    POUFS,
    PLANT,
    lampOn('desk', 0, [0.7, 0.35]),
    sometimes(FLOOR_LAMP, 11, 0.4),
    ...dressed('dresser', 16),
    WALL_ART,
    { ...WALL_ART, weight: 0.4 },
    smallOn('desk', 'books', [-0.6, 0.3], 90),
  ],
};

export const NURSERY: Recipe = {
  roomType: 'nursery',
  mains: [{ kind: 'crib', widths: () => [1.4, 1.25], floats: false }],
  steps: [
    RUG_BEFORE_MAIN,
    DRESSER,
    atWall('armchair', [0.8, 0.72], 1),
    either(9, 0.5, LOW_SHELF, NIGHTSTAND),
    { ...POUFS, weight: 0.6 },
    FLOOR_LAMP,
    PLANT,
    ...dressed('dresser', 16),
    WALL_ART,
    { ...WALL_ART, weight: 0.4 },
  ],
};

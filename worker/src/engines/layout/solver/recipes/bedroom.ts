import type { Recipe } from '../draft.ts';
import { BENCH_AT_FOOT, NIGHTSTANDS, RUG_UNDER_BED } from './beds.ts';
import {
  BOOKCASE,
  DRESSER,
  dressed,
  either,
  FLOOR_LAMP,
  found,
  hung,
  lampOn,
  PLANT,
  readingCorner,
  smallOn,
  sometimes,
  WALL_ART,
  WARDROBE,
  workplace,
} from './common.ts';

export const BEDROOM: Recipe = {
  roomType: 'bedroom',
  mains: [
    {
      kind: 'bed',
      widths: (floor) =>
        floor > 12 ? [1.88, 1.68, 1.48, 0.98] : floor > 8 ? [1.68, 1.48, 0.98] : [1.48, 0.98],
      floats: false,
    },
  ],
  steps: [
    NIGHTSTANDS,
    RUG_UNDER_BED,
    lampOn('nightstand', 0),
    lampOn('nightstand', 1),
    hung('bed', 7),
    sometimes(BENCH_AT_FOOT, 8, 0.4),
    either(9, 0.5, WARDROBE, DRESSER),
    either(10, 0.6, readingCorner(0.5, 22), workplace(0.5)),
    PLANT,
    sometimes(DRESSER, 12, 0.5),
    sometimes(BOOKCASE, 11, 0.3),
    {
      ...FLOOR_LAMP,
      weight: 0.2,
      ideas: (draft) => (found(draft, 'table_lamp') ? [] : FLOOR_LAMP.ideas(draft)),
    },
    hung('dresser', 14, 0.7),
    ...dressed('dresser', 16),
    WALL_ART,
    smallOn('nightstand', 'books', [0.35, -0.45], 32),
  ],
};

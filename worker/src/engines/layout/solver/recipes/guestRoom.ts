import type { Recipe } from '../draft.ts';
import { BENCH_AT_FOOT, NIGHTSTANDS, RUG_UNDER_BED } from './beds.ts';
import {
  DRESSER,
  dressed,
  either,
  FLOOR_LAMP,
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

/** For a few nights: a smaller bed, a bench for the suitcase, a desk or a chair to read in. */
export const GUEST_ROOM: Recipe = {
  roomType: 'guest_room',
  mains: [{ kind: 'bed', widths: (floor) => (floor > 9 ? [1.48, 1.28, 0.98] : [1.28, 0.98]), floats: false }],
  steps: [
    NIGHTSTANDS,
    BENCH_AT_FOOT,
    RUG_UNDER_BED,
    lampOn('nightstand', 0),
    lampOn('nightstand', 1),
    hung('bed', 7),
    either(10, 0.5, workplace(0.7), readingCorner(0.7, 22)),
    either(9, 0.6, DRESSER, WARDROBE),
    lampOn('desk', 0, [0.75, 0.35]),
    PLANT,
    sometimes(FLOOR_LAMP, 12, 0.5),
    hung('dresser', 14, 0.8),
    ...dressed('dresser', 16),
    WALL_ART,
    smallOn('nightstand', 'vase', [0.3, -0.2], 32),
  ],
};

import { type Recipe, type Step, sized, sizeOf } from '../draft.ts';
import { beside } from '../ideas.ts';
import { backing } from '../mains.ts';
import {
  atItsSide,
  BOOKCASE,
  dressed,
  either,
  FLOOR_LAMP,
  hung,
  lampOn,
  PLANT,
  readingCorner,
  SIDEBOARD,
  side,
  smallOn,
  sometimes,
  WALL_ART,
} from './common.ts';

function seat(kind: 'chair' | 'desk_chair'): Step {
  return {
    weight: 1,
    ideas: ({ main }) => {
      const size = sizeOf(kind);
      return [beside(main, kind, size, [0, -(main.rect.depth / 2 + size[1] / 2 - 0.1)], Math.PI)];
    },
  };
}

const CHAIR: Step = { ...either(5, 0.6, seat('desk_chair'), seat('chair')), must: true };

const RUG: Step = {
  weight: 0.7,
  ideas: ({ main }) =>
    (
      [
        [0.8, 1.8],
        [0.5, 1.6],
        [0.2, 1.4],
      ] as const
    ).map(([wider, depth], n) =>
      beside(
        main,
        'rug',
        sized('rug', main.rect.width + wider, depth),
        [0, -(depth / 2 - 0.15)],
        0,
        1 - n * 0.1,
      ),
    ),
};

/** Beside the desk, in line with its back. */
const CABINET: Step = {
  weight: 0.4,
  ideas: (draft) => {
    // In the middle of a room it would show its back.
    if (backing(draft.scene, 'filing_cabinet', draft.main.rect) < 0.9) return [];
    const first = side(draft, 13);
    const size = sizeOf('filing_cabinet');
    return ([first, first === 1 ? -1 : 1] as const).map((way, n) => ({
      ...atItsSide(draft.main, 'filing_cabinet', size, way),
      worth: 1 - 0.1 * n,
    }));
  },
};

export const HOME_OFFICE: Recipe = {
  roomType: 'home_office',
  mains: [{ kind: 'desk', widths: (floor) => (floor > 10 ? [1.6, 1.4, 1.2] : [1.4, 1.2, 1]), floats: true }],
  steps: [
    CHAIR,
    RUG,
    BOOKCASE,
    hung('desk', 7),
    lampOn('desk', 0, [0.75, 0.35]),
    PLANT,
    sometimes(CABINET, 11, 0.5),
    either(10, 0.6, readingCorner(0.6, 22), SIDEBOARD),
    sometimes(BOOKCASE, 12, 0.4),
    sometimes(FLOOR_LAMP, 15, 0.5),
    hung('sideboard', 14),
    ...dressed('sideboard', 16),
    WALL_ART,
    smallOn('desk', 'books', [-0.7, 0.3], 90),
    smallOn('desk', 'vase', [-0.45, 0.45], 90),
  ],
};

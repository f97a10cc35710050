import { type Recipe, type Step, sized, sizeOf } from '../draft.ts';
import { above, atWalls, beside } from '../ideas.ts';
import { BOOKCASE, FLOOR_LAMP, found, lampOn, PLANT, seenFromFront, smallOn, WALL_ART } from './common.ts';

const CHAIR: Step = {
  must: true,
  weight: 1,
  ideas: ({ main }) => {
    const size = sizeOf('chair');
    return [beside(main, 'chair', size, [0, -(main.rect.depth / 2 + size[1] / 2 - 0.1)], Math.PI)];
  },
};

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

const ART: Step = {
  weight: 0.6,
  ideas: (draft) => above(draft.main, draft, 8).map((idea) => idea),
};

const ARMCHAIR: Step = {
  weight: 0.5,
  ideas: (draft) => atWalls(draft, 'armchair', sizeOf('armchair', -0.2), 0.15).map(seenFromFront),
};
const SIDE_TABLE: Step = {
  weight: 0.2,
  ideas: (draft) => {
    const chair = found(draft, 'armchair');
    if (!chair) return [];
    const size = sizeOf('side_table', -0.5);
    return [-1, 1].map((side) =>
      beside(chair, 'side_table', size, [side * (chair.rect.width / 2 + 0.06 + size[0] / 2), 0.1]),
    );
  },
};

export const HOME_OFFICE: Recipe = {
  roomType: 'home_office',
  main: 'desk',
  widths: (floor) => (floor > 10 ? [1.6, 1.4, 1.2] : [1.4, 1.2, 1]),
  floats: true,
  steps: [
    CHAIR,
    RUG,
    BOOKCASE,
    ART,
    lampOn('desk', 0, [0.75, 0.35]),
    PLANT,
    ARMCHAIR,
    SIDE_TABLE,
    { weight: 0.3, ideas: FLOOR_LAMP.ideas },
    WALL_ART,
    smallOn('desk', 'books', [-0.7, 0.3], 90),
    smallOn('desk', 'vase', [-0.45, 0.45], 90),
  ],
};

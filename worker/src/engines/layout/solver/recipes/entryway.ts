import { type Recipe, type Step, sized, sizeOf } from '../draft.ts';
import { beside, inCorners } from '../ideas.ts';
import { atWall, hung, lampOn, PLANT, smallOn, sometimes, WALL_ART, worse } from './common.ts';

/** Along the wall, where one comes in. */
const RUNNER: Step = {
  weight: 0.8,
  ideas: ({ main }) =>
    (
      [
        [0.9, 0.9],
        [0.5, 0.85],
        [0.2, 0.8],
      ] as const
    ).map(([wider, deep], n) => {
      const size = sized('rug', main.rect.width + wider, deep);
      return beside(main, 'rug', size, [0, -(main.rect.depth / 2 + 0.1 + deep / 2)], 0, 1 - n * 0.1);
    }),
};

const COATS: Step = {
  weight: 0.7,
  ideas: (draft) =>
    [0, -0.8].flatMap((t, n) => worse(inCorners(draft, 'coat_rack', sizeOf('coat_rack', t)), n * 0.1)),
};

const POUF: Step = {
  weight: 0.3,
  ideas: ({ main }) =>
    [-0.25, 0.25].map((share) => {
      const size = sizeOf('pouf', -0.6);
      return beside(main, 'pouf', size, [
        share * main.rect.width,
        -(main.rect.depth / 2 + 0.05 + size[1] / 2),
      ]);
    }),
};

export const ENTRYWAY: Recipe = {
  roomType: 'entryway',
  mains: [{ kind: 'console_table', widths: () => [1.4, 1.15, 0.95, 0.8], floats: false }],
  steps: [
    hung('console_table', 7, 0.8),
    RUNNER,
    lampOn('console_table', 0, [0.7, 0.1], 16),
    smallOn('console_table', 'vase', [-0.62, 0.1], 16),
    smallOn('console_table', 'bowl', [0.05, 0], 16),
    atWall('shoe_bench', [1.1, 0.9, 0.7], 1),
    COATS,
    PLANT,
    sometimes(POUF, 9, 0.3),
    WALL_ART,
    { ...WALL_ART, weight: 0.3 },
  ],
};

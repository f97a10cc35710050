import { type Recipe, type Step, sized, sizeOf } from '../draft.ts';
import { above, atWalls, beside, pair } from '../ideas.ts';
import {
  BOOKCASE,
  FLOOR_LAMP,
  found,
  lampOn,
  PLANT,
  seenFromFront,
  smallOn,
  WALL_ART,
  worse,
} from './common.ts';

const RUG: Step = {
  weight: 0.9,
  ideas: ({ main }) =>
    (
      [
        [1.3, 0.55],
        [1, 0.45],
        [0.7, 0.35],
        [0.3, 0.3],
      ] as const
    ).map(([wider, beyond], n) => {
      // Under the lower two thirds of the bed, and seen on three sides of it.
      const depth = main.rect.depth * 0.66 + beyond;
      const size = sized('rug', main.rect.width + wider, depth);
      return beside(main, 'rug', size, [0, -(main.rect.depth / 2 + beyond - size[1] / 2)], 0, 1 - n * 0.1);
    }),
};

function nightstand(side: -1 | 1): Step {
  return {
    weight: 0.9,
    ideas: ({ main }) =>
      [0, -0.5, -1].map((t, n) => {
        const size = sizeOf('nightstand', t);
        return beside(
          main,
          'nightstand',
          size,
          [side * (main.rect.width / 2 + 0.06 + size[0] / 2), (main.rect.depth - size[1]) / 2],
          0,
          1 - n * 0.1,
        );
      }),
  };
}

const ART: Step = {
  weight: 0.8,
  ideas: (draft) => (draft.dice(7) < 0.6 ? above(draft.main, draft, 8) : pair(draft.main, draft, 8, -1)),
};
const SECOND_ART: Step = {
  weight: 0,
  ideas: (draft) => (draft.dice(7) < 0.6 || !found(draft, 'framed_art') ? [] : pair(draft.main, draft, 8, 1)),
};

/** A chair to read in, or a desk, as the dice say. */
const CORNER: Step = {
  weight: 0.5,
  ideas: (draft) =>
    draft.dice(10) < 0.6
      ? atWalls(draft, 'armchair', sizeOf('armchair', -0.3), 0.12).map(seenFromFront)
      : atWalls(draft, 'desk', sized('desk', 1.1, 0.52)),
};
const CHAIR: Step = {
  weight: 0,
  ideas: (draft) => {
    const desk = found(draft, 'desk');
    if (!desk) return [];
    const size = sizeOf('chair');
    return [beside(desk, 'chair', size, [0, -(desk.rect.depth / 2 + size[1] / 2 - 0.1)], Math.PI)];
  },
};

export const BEDROOM: Recipe = {
  roomType: 'bedroom',
  main: 'bed',
  widths: (floor) => (floor > 12 ? [1.88, 1.68, 1.48, 0.98] : floor > 8 ? [1.68, 1.48, 0.98] : [1.48, 0.98]),
  floats: false,
  // A desk without its chair is no place to work.
  tidy: (items) =>
    items.filter(
      ({ placed }) => placed.kind !== 'desk' || items.some((other) => other.placed.kind === 'chair'),
    ),
  steps: [
    nightstand(-1),
    nightstand(1),
    RUG,
    lampOn('nightstand', 0),
    lampOn('nightstand', 1),
    ART,
    SECOND_ART,
    CORNER,
    CHAIR,
    PLANT,
    { ...BOOKCASE, weight: 0.3, ideas: (draft) => (draft.dice(11) < 0.5 ? [] : BOOKCASE.ideas(draft)) },
    { weight: 0.2, ideas: (draft) => (found(draft, 'table_lamp') ? [] : worse(FLOOR_LAMP.ideas(draft), 0)) },
    WALL_ART,
    smallOn('nightstand', 'books', [0.35, -0.45], 32),
  ],
};

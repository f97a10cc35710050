import { type Draft, type Idea, type Step, sized, sizeOf } from '../draft.ts';
import { beside } from '../ideas.ts';
import { atItsSide, side, worse } from './common.ts';

/* What goes with a bed. */

export const RUG_UNDER_BED: Step = {
  weight: 0.9,
  ideas: ({ main }) =>
    (
      [
        [1.5, 0.6],
        [1.2, 0.5],
        [0.9, 0.4],
        [0.6, 0.3],
      ] as const
    ).map(([wider, beyond], n) => {
      // Under the lower two thirds of the bed, and seen on three sides of it.
      const depth = main.rect.depth * 0.66 + beyond;
      const size = sized('rug', main.rect.width + wider, depth);
      return beside(main, 'rug', size, [0, -(main.rect.depth / 2 + beyond - size[1] / 2)], 0, 1 - n * 0.1);
    }),
};

/** One on each side, of one size; a single one where a wall is near. */
export const NIGHTSTANDS: Step = {
  weight: 2,
  ideas: (draft) => {
    const one = (t: number, way: -1 | 1) => atItsSide(draft.main, 'nightstand', sizeOf('nightstand', t), way);
    const sizes = [0, -0.5, -1];
    const both = sizes.map((t, n) => ({ ...one(t, -1), along: [one(t, 1).placed], worth: 2 - 0.1 * n }));
    return [...both, ...single(draft, sizes, one)];
  },
};

export const NIGHTSTAND: Step = {
  weight: 0.8,
  ideas: (draft) =>
    single(draft, [-0.4, -1], (t, way) => atItsSide(draft.main, 'nightstand', sizeOf('nightstand', t), way)),
};

function single(draft: Draft, sizes: readonly number[], one: (t: number, way: -1 | 1) => Idea): Idea[] {
  // A child's bed has its pillow at the left.
  const first = draft.main.placed.kind === 'kids_bed' ? -1 : side(draft, 35);
  return sizes.flatMap((t, n) =>
    worse([one(t, first), ...worse([one(t, first === 1 ? -1 : 1)], 0.05)], 0.1 * n),
  );
}

/** At the foot of the bed. */
export const BENCH_AT_FOOT: Step = {
  weight: 0.5,
  ideas: ({ main }) =>
    [0.75, 0.6].map((share, n) => {
      const size = sized('bench', main.rect.width * share);
      return beside(main, 'bench', size, [0, -(main.rect.depth / 2 + 0.06 + size[1] / 2)], 0, 1 - 0.1 * n);
    }),
};

/** Before a bed along a wall, where a child plays. */
export const RUG_BEFORE_MAIN: Step = {
  weight: 0.9,
  ideas: ({ main }) =>
    (
      [
        [0.4, 1.7],
        [0, 1.5],
        [-0.3, 1.2],
        [-0.5, 0.9],
      ] as const
    ).map(([wider, deep], n) => {
      const size = sized('rug', main.rect.width + wider, deep);
      return beside(main, 'rug', size, [0, -(main.rect.depth / 2 - 0.2 + size[1] / 2)], 0, 1 - n * 0.1);
    }),
};

import { type Idea, type Step, sized, sizeOf } from '../draft.ts';
import { beside } from '../ideas.ts';
import { eitherSide, found, seenFromFront } from './common.ts';

/*
 * What gathers about a sofa: a table within reach, a rug that holds the group together, seats across from it.
 */

const DEGREE = Math.PI / 180;
/** Between a seat and the table before it: legs pass, hands reach. */
const REACH = 0.4;

export const RUG_BEFORE_SOFA: Step = {
  weight: 1,
  ideas: (draft) => {
    const sofa = found(draft, 'sofa');
    if (!sofa) return [];
    const { width, depth } = sofa.rect;
    return (
      [
        [0.8, 2.3],
        [0.5, 2],
        [0.3, 1.8],
        [0, 1.6],
        [-0.4, 1.4],
      ] as const
    ).map(([wider, deep], n) => {
      const size = sized('rug', width + wider, deep);
      // The front legs of the sofa stand on it.
      return beside(sofa, 'rug', size, [0, -(depth / 2 - 0.25 + size[1] / 2)], 0, 1 - n * 0.1);
    });
  },
};

export const COFFEE_TABLE: Step = {
  must: true,
  weight: 1,
  ideas: (draft) => {
    const sofa = found(draft, 'sofa');
    if (!sofa) return [];
    const round = draft.dice(1) < 0.35;
    const { width, depth } = sofa.rect;
    const ideas = [0.6, 0.52, 0.42].map((share, n) => {
      const wide = round ? Math.min(0.9, width * share) : width * share;
      return { size: sized('coffee_table', wide, round ? 0.8 : 0.6), worth: 1 - n * 0.1 };
    });
    return [...ideas, { size: sizeOf('coffee_table', -1), worth: 0.5 }].map(({ size, worth }) =>
      beside(sofa, 'coffee_table', size, [0, -(depth / 2 + REACH + size[1] / 2)], 0, worth),
    );
  },
};

export const SIDE_TABLE: Step = {
  weight: 0.7,
  ideas: (draft) => {
    const sofa = found(draft, 'sofa');
    if (!sofa) return [];
    const { width, depth } = sofa.rect;
    const size = sizeOf('side_table');
    return eitherSide(draft, 2, (side) =>
      beside(sofa, 'side_table', size, [
        side * (width / 2 + 0.06 + size[0] / 2),
        depth / 2 - size[1] / 2 - 0.08,
      ]),
    );
  },
};

/** At an end of the sofa, a little behind its arm. */
export const LAMP_BY_SOFA: Step = {
  weight: 0.6,
  ideas: (draft) => {
    const sofa = found(draft, 'sofa');
    if (!sofa) return [];
    const { width, depth } = sofa.rect;
    const size = sizeOf('floor_lamp');
    return eitherSide(draft, 3, (side) =>
      beside(sofa, 'floor_lamp', size, [
        side * (width / 2 + 0.08 + size[0] / 2),
        depth / 2 - size[1] / 2 - 0.02,
      ]),
    );
  },
};

/** Across, to the left and the right of the coffee table, and turned to it, degrees. */
const SEATS = [
  [0.2, 0.75, 110],
  [0.05, 1.05, 125],
  [-0.1, 1.35, 140],
  [0.2, 0.75, 90],
  [0.45, 0.9, 115],
] as const;

/** Armchairs at the ends of the coffee table and across from the sofa, turned to the table. */
export function armchairs(key: number, share: number): Step {
  return {
    weight: share > 0.5 ? 0.9 : 0.3,
    ideas: (draft) => {
      const sofa = found(draft, 'sofa');
      if (!sofa || draft.dice(key) > share) return [];
      const { width, depth } = sofa.rect;
      const size = sizeOf('armchair', draft.dice(5) < 0.5 ? 0 : -0.4);
      const across = [0.55 - width / 2, 0.6 + 2 * REACH + size[1] / 2 + 0.08, 168] as const;
      const ideas: Idea[] = [];
      for (const side of [-1, 1] as const)
        for (const [x, z, degrees] of [...SEATS, across])
          ideas.push(
            seenFromFront(
              beside(
                sofa,
                'armchair',
                size,
                [side * (width / 2 + x), -(depth / 2 + z)],
                -side * degrees * DEGREE,
                0.9 + 0.1 * draft.dice(key + side + 2),
              ),
            ),
          );
      // One that turns its back on the camera hides more than it adds.
      return ideas.filter(({ worth }) => worth > 0.3);
    },
  };
}

/** Share of the way to the table: nearer, a pouf is the largest thing in the picture. */
const POUF_NEAREST = 0.95;

/** Low seats without a back, which hide nothing, across from the sofa. */
export const POUF: Step = {
  weight: 0.4,
  ideas: (draft) => {
    const table = found(draft, 'coffee_table');
    if (!table) return [];
    const { width, depth } = table.rect;
    const size = sizeOf('pouf', 0.2);
    return eitherSide(draft, 6, (side) =>
      beside(table, 'pouf', size, [side * width * 0.3, -(depth / 2 + 0.38 + size[1] / 2)]),
    )
      .flatMap((idea) => [
        idea,
        ...eitherSide(draft, 6, (side) =>
          beside(table, 'pouf', size, [side * (width / 2 + 0.38 + size[0] / 2), -0.05]),
        ).map((other) => ({ ...other, worth: other.worth - 0.3 })),
      ])
      .filter(({ placed }) => Math.hypot(...placed.at) > POUF_NEAREST * Math.hypot(...table.rect.at));
  },
};

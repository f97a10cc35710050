import { type Draft, type Idea, type Recipe, type Step, sized, sizeOf } from '../draft.ts';
import { above, atWalls, beside, pair } from '../ideas.ts';
import {
  BOOKCASE,
  eitherSide,
  FLOOR_LAMP,
  found,
  lampOn,
  PLANT,
  seenFromFront,
  smallOn,
  WALL_ART,
} from './common.ts';

const DEGREE = Math.PI / 180;
/** Between a seat and the table before it: legs pass, hands reach. */
const REACH = 0.4;

const RUG: Step = {
  weight: 1,
  ideas: ({ main }) =>
    (
      [
        [0.4, 1.9],
        [0.3, 1.7],
        [0, 1.6],
        [-0.4, 1.4],
      ] as const
    ).map(([wider, depth], n) => {
      const size = sized('rug', main.rect.width + wider, depth);
      // The front legs of the sofa stand on it.
      return beside(main, 'rug', size, [0, -(main.rect.depth / 2 - 0.25 + size[1] / 2)], 0, 1 - n * 0.1);
    }),
};

const COFFEE_TABLE: Step = {
  must: true,
  weight: 1,
  ideas: ({ main, dice }) => {
    const round = dice(1) < 0.35;
    const ideas = [0.6, 0.52, 0.42].map((share, n) => {
      const width = round ? Math.min(0.9, main.rect.width * share) : main.rect.width * share;
      return { size: sized('coffee_table', width, round ? 0.8 : 0.6), worth: 1 - n * 0.1 };
    });
    return [...ideas, { size: sizeOf('coffee_table', -1), worth: 0.5 }].map(({ size, worth }) =>
      beside(main, 'coffee_table', size, [0, -(main.rect.depth / 2 + REACH + size[1] / 2)], 0, worth),
    );
  },
};

const SIDE_TABLE: Step = {
  weight: 0.7,
  ideas: (draft) => {
    const { rect } = draft.main;
    const size = sizeOf('side_table');
    return eitherSide(draft, 2, (side) =>
      beside(draft.main, 'side_table', size, [
        side * (rect.width / 2 + 0.06 + size[0] / 2),
        rect.depth / 2 - size[1] / 2 - 0.08,
      ]),
    );
  },
};

/** At an end of the sofa, a little behind its arm. */
const LAMP_BY_SOFA: Step = {
  weight: 0.6,
  ideas: (draft) => {
    const { rect } = draft.main;
    const size = sizeOf('floor_lamp');
    return eitherSide(draft, 3, (side) =>
      beside(draft.main, 'floor_lamp', size, [
        side * (rect.width / 2 + 0.08 + size[0] / 2),
        rect.depth / 2 - size[1] / 2 - 0.02,
      ]),
    );
  },
};

/** Armchairs at the ends of the coffee table and across from the sofa, turned to the table. */
function armchairs(key: number, share: number): Step {
  return {
    weight: share > 0.5 ? 0.9 : 0.3,
    ideas: (draft) => {
      if (draft.dice(key) > share) return [];
      const { main } = draft;
      const { width, depth } = main.rect;
      const size = sizeOf('armchair', draft.dice(5) < 0.5 ? 0 : -0.4);
      const ideas: Idea[] = [];
      for (const side of [-1, 1] as const)
        for (const [x, z, degrees] of [
          [width / 2 + 0.2, -(depth / 2 + 0.75), 110],
          [width / 2 + 0.05, -(depth / 2 + 1.05), 125],
          [width / 2 - 0.1, -(depth / 2 + 1.35), 140],
          [width / 2 + 0.2, -(depth / 2 + 0.75), 90],
          [width / 2 + 0.45, -(depth / 2 + 0.9), 115],
          [0.55, -(depth / 2 + REACH + 0.6 + REACH + size[1] / 2 + 0.08), 168],
        ] as const)
          ideas.push(
            seenFromFront(
              beside(
                main,
                'armchair',
                size,
                [side * x, z],
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

/** Pictures behind the sofa: one wide one, or two. */
const ART: Step = {
  weight: 0.8,
  ideas: (draft) => (draft.dice(7) < 0.55 ? above(draft.main, draft, 8) : pair(draft.main, draft, 8, -1)),
};
const SECOND_ART: Step = {
  weight: 0,
  ideas: (draft) =>
    draft.dice(7) < 0.55 || !found(draft, 'framed_art') ? [] : pair(draft.main, draft, 8, 1),
};

const LOW_SHELF: Step = {
  weight: 0.4,
  ideas: (draft: Draft) =>
    draft.dice(9) < 0.5 ? [] : atWalls(draft, 'bookcase', sized('bookcase', 0.8, 0.32, 1.15)),
};

export const LIVING_ROOM: Recipe = {
  roomType: 'living_room',
  main: 'sofa',
  widths: (floor) => (floor > 13 ? [2.3, 2.1, 1.85, 1.6] : floor > 8 ? [2.1, 1.85, 1.6] : [1.75, 1.5]),
  floats: true,
  steps: [
    COFFEE_TABLE,
    RUG,
    SIDE_TABLE,
    lampOn('side_table', 0),
    LAMP_BY_SOFA,
    armchairs(4, 0.9),
    armchairs(20, 0.35),
    ART,
    SECOND_ART,
    BOOKCASE,
    PLANT,
    FLOOR_LAMP_IF_NONE(),
    LOW_SHELF,
    WALL_ART,
    smallOn('coffee_table', 'books', [0.45, 0.1], 30),
    smallOn('coffee_table', 'vase', [-0.4, 0], 30),
    smallOn('coffee_table', 'bowl', [0.05, -0.3], 31),
  ],
};

function FLOOR_LAMP_IF_NONE(): Step {
  return { weight: 0.2, ideas: (draft) => (found(draft, 'floor_lamp') ? [] : FLOOR_LAMP.ideas(draft)) };
}

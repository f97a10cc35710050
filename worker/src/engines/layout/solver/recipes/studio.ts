import { place, type Recipe, type Step, sized, sizeOf } from '../draft.ts';
import { angleToCamera, atWalls, inCorners } from '../ideas.ts';
import { toRoom } from '../plane.ts';
import { facing } from '../terms.ts';
import { NIGHTSTAND, RUG_UNDER_BED } from './beds.ts';
import {
  BOOKCASE,
  DRESSER,
  dressed,
  either,
  FLOOR_LAMP,
  hung,
  lampOn,
  PLANT,
  readingCorner,
  seenFromFront,
  smallOn,
  sometimes,
  WALL_ART,
  WARDROBE,
  workplace,
} from './common.ts';

/** A small table with a seat on two sides, in a corner. */
const PLACE_TO_EAT: Step = {
  weight: 1,
  ideas: (draft) => {
    const table = sized('round_table', 0.8, 0.8);
    const chair = sizeOf('chair', -0.6);
    const out = table[0] / 2 + chair[1] / 2 - 0.12;
    return inCorners(draft, 'round_table', table, 0.35).map((idea) => {
      const { at, turn } = idea.placed;
      const seats = [-1, 1].map((side) =>
        place('chair', toRoom({ at, turn }, [side * out, 0]), turn - (side * Math.PI) / 2, chair),
      );
      return { ...idea, along: seats };
    });
  },
};

/** Of its front: a sofa is no sight from behind. */
const SEEN = 0.7;

const SOFA: Step = {
  weight: 1,
  ideas: (draft) =>
    [1.75, 1.5]
      .flatMap((width, n) =>
        atWalls(draft, 'sofa', sized('sofa', width)).map((idea) => {
          const { worth, ...rest } = seenFromFront(idea);
          return { ...rest, worth: worth - 0.05 * n };
        }),
      )
      .filter(({ placed }) => facing(angleToCamera(placed.at, placed.turn)) > SEEN),
};

/** One room for everything. */
export const STUDIO: Recipe = {
  roomType: 'studio',
  mains: [
    { kind: 'bed', widths: (floor) => (floor > 11 ? [1.48, 1.28, 0.98] : [1.28, 0.98]), floats: false },
  ],
  steps: [
    NIGHTSTAND,
    lampOn('nightstand', 0),
    either(9, 0.5, PLACE_TO_EAT, SOFA),
    either(10, 0.5, workplace(1), readingCorner(1, 22)),
    RUG_UNDER_BED,
    hung('bed', 7),
    either(12, 0.5, BOOKCASE, WARDROBE),
    lampOn('desk', 0, [0.75, 0.35]),
    PLANT,
    sometimes(DRESSER, 11, 0.5),
    FLOOR_LAMP,
    ...dressed('dresser', 16),
    WALL_ART,
    smallOn('desk', 'books', [-0.6, 0.3], 90),
    smallOn('round_table', 'vase', [0, 0], 33),
  ],
};

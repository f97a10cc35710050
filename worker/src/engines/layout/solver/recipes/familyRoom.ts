import type { Placed } from '../../scene/types.ts';
import { type Idea, place, type Recipe, type Step, sized } from '../draft.ts';
import { atWalls, beside, onTop } from '../ideas.ts';
import type { Item } from '../item.ts';
import { toLocal, toRoom } from '../plane.ts';
import {
  BOOKCASE,
  either,
  FLOOR_LAMP,
  found,
  hung,
  lampOn,
  PLANT,
  SIDEBOARD,
  seenFromFront,
  smallOn,
  sometimes,
  WALL_ART,
  worse,
} from './common.ts';
import { LIVING_ROOM } from './livingRoom.ts';
import { armchairs, COFFEE_TABLE, POUF, RUG_BEFORE_SOFA, SIDE_TABLE } from './seats.ts';

/** Across from the sofa, where that one was placed first. */
const TV_UNIT: Step = {
  weight: 1,
  ideas: (draft) => {
    if (draft.main.placed.kind === 'tv_unit') return [];
    return [1.8, 1.5, 1.2].flatMap((width, n) =>
      worse(
        atWalls(draft, 'tv_unit', sized('tv_unit', width))
          .filter(({ placed }) => isAcross(draft.main, placed))
          .map(seenFromFront),
        0.05 * n,
      ),
    );
  },
};

function isAcross({ rect }: Item, { at, turn }: Placed): boolean {
  const [x, z] = toLocal(rect, at);
  return Math.cos(turn - rect.turn) < -0.9 && -z > 1.8 && -z < 4.5 && Math.abs(x) < 0.7;
}

const TELEVISION: Step = {
  weight: 1,
  ideas: (draft) => {
    const unit = found(draft, 'tv_unit');
    if (!unit) return [];
    const width = Math.min(1.35, unit.rect.width * 0.72);
    return [onTop(unit, 'television', sized('television', width, undefined, 0.62 * width), [0, 0.05])];
  },
};

/** Metres from the screen within which one sits, to its side and before it. */
const ASIDE = [1.1, 2.8] as const;
const BEFORE = [0.9, 3.6] as const;

/** At one side of the television, where one sees it and the camera sees the sofa. */
const SOFA: Step = {
  weight: 1,
  ideas: (draft) => {
    const { main } = draft;
    if (main.placed.kind === 'sofa') return [];
    const quarter = (idea: Idea) => Math.abs(Math.sin(idea.placed.turn - main.rect.turn)) > 0.9;
    const inSight = ({ placed: { at, turn } }: Idea) => {
      const [x, z] = toLocal(main.rect, at);
      const towards = Math.sin(turn - main.rect.turn) * x < 0;
      return towards && Math.abs(x) > ASIDE[0] && Math.abs(x) < ASIDE[1] && -z > BEFORE[0] && -z < BEFORE[1];
    };
    const widths = [2.1, 1.85, 1.6, 1.5];
    const leaning = widths.flatMap((width, n) =>
      atWalls(draft, 'sofa', sized('sofa', width)).map((idea) => ({ ...idea, worth: idea.worth - 0.05 * n })),
    );
    const free = widths.flatMap((width, n) =>
      [-1, 1].flatMap((side) =>
        [1.5, 1.9, 2.3].flatMap((x) =>
          [1.5, 1.9, 2.3, 2.7].map((z) => ({
            placed: place(
              'sofa',
              toRoom(main.rect, [side * x, -z]),
              main.rect.turn - (side * Math.PI) / 2,
              sized('sofa', width),
            ),
            worth: 0.5 - 0.05 * n - 0.02 * Math.abs(z - 1.9),
          })),
        ),
      ),
    );
    return [...leaning, ...free].filter((idea) => quarter(idea) && inSight(idea)).map(seenFromFront);
  },
};

/** Green at a side of the screen. */
const PLANT_BESIDE: Step = {
  weight: 0.6,
  ideas: (draft) =>
    (draft.main.placed.kind === 'sofa' ? [] : [-1, 1]).flatMap((side) =>
      [0.5, 0, -0.5].map((t, n) => {
        const width = 0.6 + (t > 0 ? 0.3 * t : 0.2 * t);
        const size = sized('plant', width, width, 1.2 + 0.5 * t);
        const x = side * (draft.main.rect.width / 2 + 0.15 + size[0] / 2);
        return beside(draft.main, 'plant', size, [x, (draft.main.rect.depth - size[1]) / 2], 0, 1 - 0.1 * n);
      }),
    ),
};

export const FAMILY_ROOM: Recipe = {
  roomType: 'family_room',
  mains: [
    {
      kind: 'tv_unit',
      widths: (floor) => (floor > 12 ? [2.1, 1.8, 1.5] : [1.8, 1.5, 1.2]),
      floats: false,
    },
    LIVING_ROOM.mains[0],
  ],
  // A screen that nobody sits before, or a seat before nothing, is no such room.
  tidy: (items) => (items.some(({ placed }) => placed.kind === 'sofa') ? items : undefined),
  steps: [
    TV_UNIT,
    TELEVISION,
    SOFA,
    hung('sofa', 7),
    COFFEE_TABLE,
    RUG_BEFORE_SOFA,
    SIDE_TABLE,
    lampOn('side_table', 0),
    either(20, 0.6, armchairs(4, 1), POUF),
    POUF,
    PLANT_BESIDE,
    FLOOR_LAMP,
    either(9, 0.5, BOOKCASE, SIDEBOARD),
    WALL_ART,
    sometimes(PLANT, 18, 0.4),
    smallOn('tv_unit', 'books', [0.82, 0], 24),
    smallOn('coffee_table', 'books', [0.45, 0.1], 30),
    smallOn('coffee_table', 'bowl', [-0.3, 0], 31),
    sometimes(WALL_ART, 19, 0.5),
  ],
};

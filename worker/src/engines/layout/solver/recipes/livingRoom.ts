import type { Recipe } from '../draft.ts';
import {
  atWall,
  BOOKCASE,
  CONSOLE,
  dressed,
  either,
  FLOOR_LAMP,
  hung,
  lampOn,
  PLANT,
  SIDEBOARD,
  smallOn,
  sometimes,
  WALL_ART,
} from './common.ts';
import { armchairs, COFFEE_TABLE, LAMP_BY_SOFA, POUF, RUG_BEFORE_SOFA, SIDE_TABLE } from './seats.ts';

export const LIVING_ROOM: Recipe = {
  roomType: 'living_room',
  mains: [
    {
      kind: 'sofa',
      widths: (floor) => (floor > 13 ? [2.3, 2.1, 1.85, 1.6] : floor > 8 ? [2.1, 1.85, 1.6] : [1.75, 1.5]),
      floats: true,
    },
  ],
  steps: [
    COFFEE_TABLE,
    RUG_BEFORE_SOFA,
    SIDE_TABLE,
    lampOn('side_table', 0),
    LAMP_BY_SOFA,
    armchairs(4, 0.9),
    either(20, 0.5, armchairs(21, 1), POUF),
    hung('sofa', 7),
    either(9, 0.5, BOOKCASE, SIDEBOARD),
    PLANT,
    FLOOR_LAMP,
    sometimes(CONSOLE, 10, 0.5),
    sometimes(atWall('bookcase', [0.8, 0.65], 0.4, 1.15), 11, 0.5),
    hung('sideboard', 12, 0.4),
    hung('console_table', 14, 0.6),
    ...dressed('sideboard', 16),
    ...dressed('console_table', 17),
    WALL_ART,
    sometimes(PLANT, 18, 0.5),
    smallOn('coffee_table', 'books', [0.45, 0.1], 30),
    smallOn('coffee_table', 'vase', [-0.4, 0], 30),
    smallOn('coffee_table', 'bowl', [0.05, -0.3], 31),
  ],
};

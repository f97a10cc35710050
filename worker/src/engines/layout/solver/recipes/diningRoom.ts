import { type Draft, type Idea, type Recipe, type Step, sized, sizeOf } from '../draft.ts';
import { beside } from '../ideas.ts';
import type { Item } from '../item.ts';
import { toLocal, toRoom } from '../plane.ts';
import {
  atWall,
  CONSOLE,
  dressed,
  either,
  hung,
  PLANT,
  SIDEBOARD,
  smallOn,
  sometimes,
  WALL_ART,
} from './common.ts';

/** Of a table's edge for each guest, metres. */
const ELBOWS = 0.62;
const TUCK = 0.12;

/** Seats about the table, opposite ones together, the ends last. */
function seats({ main, dice }: Draft): Idea[] {
  return main.placed.kind === 'round_table' ? around(main, dice(15)) : along(main);
}

function along(table: Item): Idea[] {
  const { width, depth } = table.rect;
  const size = sizeOf('chair');
  const count = Math.max(1, Math.floor((width - 0.1) / ELBOWS));
  const out = depth / 2 + size[1] / 2 - TUCK;
  const ideas: Idea[] = [];
  for (let n = 0; n < count; n += 1) {
    const x = (n - (count - 1) / 2) * Math.min(0.75, (width - 0.1) / count);
    ideas.push(beside(table, 'chair', size, [x, out]), beside(table, 'chair', size, [x, -out], Math.PI));
  }
  const end = width / 2 + size[1] / 2 - TUCK;
  ideas.push(
    beside(table, 'chair', size, [end, 0], -Math.PI / 2),
    beside(table, 'chair', size, [-end, 0], Math.PI / 2),
  );
  return ideas;
}

/** Two or four, across from each other. */
function around(table: Item, turned: number): Idea[] {
  const { width } = table.rect;
  const size = sizeOf('chair', -0.3);
  const out = width / 2 + size[1] / 2 - TUCK;
  const pairs = width >= ROUND_FOR_FOUR ? 2 : 1;
  const first = turned * Math.PI;
  return Array.from({ length: pairs }, (_, n) => first + (n * Math.PI) / 2).flatMap((way) =>
    [way, way + Math.PI].map((angle) =>
      beside(
        table,
        'chair',
        size,
        [out * Math.sin(angle), -out * Math.cos(angle)],
        // Its front looks back at the table.
        angle + Math.PI,
      ),
    ),
  );
}

const ROUND_FOR_FOUR = 1;

function chair(nth: number): Step {
  return {
    must: nth < 2,
    weight: nth < 4 ? 1.5 : 0,
    ideas: (draft) => {
      const all = seats(draft);
      // Seats at the ends of a long table only now and then.
      if (nth >= all.length - 2 && all.length > 4 && draft.dice(12) < 0.5) return [];
      return all.slice(nth, nth + 1);
    },
  };
}

/** Two suffice at a small table only. */
const FOR_TWO = 1.25;

/** A seat without one across from it looks as if somebody had left; so does a long table with two. */
function inPairs(items: readonly Item[], main: Item): Item[] | undefined {
  const chairs = items.filter(({ placed }) => placed.kind === 'chair');
  const paired = items.filter((item) => {
    if (item.placed.kind !== 'chair') return true;
    const [x, z] = toLocal(main.rect, item.rect.at);
    const side = Math.abs(z) > Math.abs(x) * (main.rect.depth / main.rect.width);
    const across = isRound(main) ? ([-x, -z] as const) : side ? ([x, -z] as const) : ([-x, z] as const);
    const at = toRoom(main.rect, across);
    return chairs.some(({ rect }) => Math.hypot(rect.at[0] - at[0], rect.at[1] - at[1]) < 0.05);
  });
  const seated = paired.filter(({ placed }) => placed.kind === 'chair').length;
  const wanted = isRound(main) ? 2 : main.rect.width > FOR_TWO ? 4 : 2;
  return seated >= wanted ? paired : undefined;
}

function isRound({ placed }: Item): boolean {
  return placed.kind === 'round_table';
}

const RUG: Step = {
  weight: 0.8,
  // Chairs stay on it when they are drawn back.
  ideas: ({ main }) =>
    [0.65, 0.55, 0.45].map((more, n) =>
      beside(
        main,
        'rug',
        sized('rug', main.rect.width + 2 * more, main.rect.depth + 2 * more),
        [0, 0],
        0,
        1 - n * 0.1,
      ),
    ),
};

const CHAIRS = [0, 1, 2, 3, 4, 5, 6, 7].map(chair);
const ON_TABLE = ['dining_table', 'round_table'].flatMap((kind) => [
  smallOn(kind, 'vase', [0, 0], 33),
  smallOn(kind, 'bowl', [0.4, 0], 34),
]);

const LONG_TABLE = {
  kind: 'dining_table',
  widths: (floor: number) => (floor > 12 ? [2, 1.7, 1.4, 1.15] : floor > 8 ? [1.7, 1.4, 1.15] : [1.4, 1.15]),
  floats: true,
};
const ROUND_TABLE = {
  kind: 'round_table',
  widths: (floor: number) => (floor > 9 ? [1.3, 1.1, 0.9] : [1.1, 0.9, 0.8]),
  floats: true,
};

export const DINING_ROOM: Recipe = {
  roomType: 'dining_room',
  mains: [LONG_TABLE, ROUND_TABLE],
  tidy: inPairs,
  steps: [
    ...CHAIRS,
    RUG,
    either(9, 0.7, SIDEBOARD, CONSOLE),
    PLANT,
    hung('sideboard', 7, 0.3),
    hung('console_table', 8, 0.5),
    ...dressed('sideboard', 16),
    ...dressed('console_table', 17),
    WALL_ART,
    { ...WALL_ART, weight: 0.2 },
    sometimes({ ...PLANT, weight: 0.5 }, 13, 0.4),
    ...ON_TABLE,
  ],
};

/** Beside what a kitchen needs: a small table, nothing that is in the cook's way. */
export const KITCHEN_DINING: Recipe = {
  roomType: 'kitchen_dining',
  mains: [
    { ...ROUND_TABLE, widths: (floor) => (floor > 8 ? [1.1, 0.95, 0.8] : [0.9, 0.8]) },
    { ...LONG_TABLE, widths: (floor) => (floor > 10 ? [1.4, 1.15] : [1.15]) },
  ],
  tidy: inPairs,
  steps: [
    ...CHAIRS,
    sometimes(RUG, 10, 0.4),
    PLANT,
    sometimes(atWall('sideboard', [1.2, 1], 0.6), 9, 0.5),
    ...dressed('sideboard', 16),
    WALL_ART,
    ...ON_TABLE,
  ],
};

import { type Draft, type Idea, type Recipe, type Step, sized, sizeOf } from '../draft.ts';
import { beside } from '../ideas.ts';
import type { Item } from '../item.ts';
import { toLocal, toRoom } from '../plane.ts';
import { PLANT, smallOn, WALL_ART } from './common.ts';

/** Of a table's edge for each guest, metres. */
const ELBOWS = 0.62;
const TUCK = 0.12;

/** Seats about the table, opposite ones together, the ends last. */
function seats({ main }: Draft): Idea[] {
  const { width, depth } = main.rect;
  const size = sizeOf('chair');
  const count = Math.max(1, Math.floor((width - 0.1) / ELBOWS));
  const out = depth / 2 + size[1] / 2 - TUCK;
  const ideas: Idea[] = [];
  for (let n = 0; n < count; n += 1) {
    const x = (n - (count - 1) / 2) * Math.min(0.75, (width - 0.1) / count);
    ideas.push(beside(main, 'chair', size, [x, out]), beside(main, 'chair', size, [x, -out], Math.PI));
  }
  const end = width / 2 + size[1] / 2 - TUCK;
  ideas.push(
    beside(main, 'chair', size, [end, 0], -Math.PI / 2),
    beside(main, 'chair', size, [-end, 0], Math.PI / 2),
  );
  return ideas;
}

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
    const across = toRoom(main.rect, side ? [x, -z] : [-x, z]);
    return chairs.some(({ rect }) => Math.hypot(rect.at[0] - across[0], rect.at[1] - across[1]) < 0.05);
  });
  const seated = paired.filter(({ placed }) => placed.kind === 'chair').length;
  return seated >= (main.rect.width > FOR_TWO ? 4 : 2) ? paired : undefined;
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

export const DINING_ROOM: Recipe = {
  roomType: 'dining_room',
  main: 'dining_table',
  widths: (floor) => (floor > 12 ? [2, 1.7, 1.4, 1.15] : floor > 8 ? [1.7, 1.4, 1.15] : [1.4, 1.15]),
  floats: true,
  tidy: inPairs,
  steps: [
    ...[0, 1, 2, 3, 4, 5, 6, 7].map(chair),
    RUG,
    PLANT,
    WALL_ART,
    { ...WALL_ART, weight: 0.2 },
    { ...PLANT, weight: 0.2, ideas: (draft) => (draft.dice(13) < 0.6 ? [] : PLANT.ideas(draft)) },
    smallOn('dining_table', 'vase', [0, 0], 33),
    smallOn('dining_table', 'bowl', [0.4, 0], 34),
  ],
};

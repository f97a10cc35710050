import { type Draft, type Idea, place, type Step, sized, sizeOf } from '../draft.ts';
import {
  above,
  angleToCamera,
  atWalls,
  beside,
  inCorners,
  mirrorAbove,
  onTop,
  onWalls,
  row,
} from '../ideas.ts';
import type { Item } from '../item.ts';
import { toRoom } from '../plane.ts';
import { facing } from '../terms.ts';

/** -1 or 1 by the dice. */
export function side({ dice }: Draft, key: number): -1 | 1 {
  return dice(key) < 0.5 ? -1 : 1;
}

/** The same idea on both sides of a piece, the side that the dice choose first. */
export function eitherSide(draft: Draft, key: number, idea: (side: -1 | 1) => Idea): Idea[] {
  const first = side(draft, key);
  return [idea(first), { ...idea(first === 1 ? -1 : 1), worth: 0.9 }];
}

export function found({ items }: Draft, kind: string, nth = 0): Item | undefined {
  return items.filter(({ placed }) => placed.kind === kind)[nth];
}

/** Judges an idea by how much of its face the camera sees, too. */
export function seenFromFront<T extends Idea>(idea: T): T {
  const { at, turn } = idea.placed;
  return { ...idea, worth: idea.worth * facing(angleToCamera(at, turn)) };
}

export function worse(ideas: readonly Idea[], by: number): Idea[] {
  return ideas.map((idea) => ({ ...idea, worth: idea.worth - by }));
}

/** The same step in a share of all layouts, as the dice say. */
export function sometimes(step: Step, key: number, share: number): Step {
  return {
    ...step,
    weight: step.weight * share,
    ideas: (draft) => (draft.dice(key) < share ? step.ideas(draft) : []),
  };
}

/** One step or the other, as the dice say; the other one where the first finds no place. */
export function either(key: number, share: number, one: Step, other: Step): Step {
  return {
    weight: Math.max(one.weight, other.weight),
    ideas: (draft) => {
      const [first, second] = draft.dice(key) < share ? [one, other] : [other, one];
      return [...first.ideas(draft), ...worse(second.ideas(draft), 2)];
    },
  };
}

/** A piece with its back to any wall, in widths from the best down. */
export function atWall(kind: string, widths: readonly number[], weight: number, height?: number): Step {
  return {
    weight,
    ideas: (draft) =>
      widths.flatMap((width, n) =>
        worse(
          atWalls(draft, kind, sized(kind, width, undefined, height)).map((idea) =>
            // In line with the main piece or across from it, a group looks meant.
            seenFromFront(idea),
          ),
          n * 0.06,
        ),
      ),
  };
}

export const PLANT: Step = {
  weight: 1,
  ideas: (draft) =>
    [0.5, 0, -0.6].flatMap((t, n) => worse(inCorners(draft, 'plant', sizeOf('plant', t)), n * 0.1)),
};

export const BOOKCASE: Step = {
  weight: 0.8,
  ideas: (draft) =>
    [1.1, 0.9, 0.65].flatMap((width, n) =>
      worse(
        atWalls(draft, 'bookcase', sized('bookcase', width, 0.34, draft.dice(70) < 0.35 ? 1.25 : 1.9)).map(
          seenFromFront,
        ),
        n * 0.05,
      ),
    ),
};

export const FLOOR_LAMP: Step = {
  weight: 0.6,
  ideas: (draft) => (found(draft, 'floor_lamp') ? [] : inCorners(draft, 'floor_lamp', sizeOf('floor_lamp'))),
};

export const WALL_ART: Step = {
  weight: 0.5,
  ideas: (draft) => {
    const tall = 0.7 + 0.3 * draft.dice(80);
    return onWalls(draft, sized('framed_art', tall * 0.75, 0.03, tall), 81);
  },
};

export const SIDEBOARD = atWall('sideboard', [1.8, 1.5, 1.2, 1], 0.8);
export const CONSOLE = atWall('console_table', [1.3, 1.1, 0.85], 0.6);
export const DRESSER = atWall('dresser', [1.4, 1.1, 0.8], 0.8);
export const WARDROBE = atWall('wardrobe', [2, 1.5, 1.1], 0.6);

/** What hangs over a piece: one wide picture, a row of them, or now and then a mirror. */
export function hung(kind: string, key: number, mirrors = 0): Step {
  return {
    weight: 1,
    ideas: (draft) => {
      const host = found(draft, kind);
      if (!host) return [];
      const throwing = draft.dice(key);
      const one = above(host, draft, key + 1);
      if (throwing < mirrors) return [...mirrorAbove(host, draft, key + 1), ...worse(one, 1)];
      const count = throwing < mirrors + 0.4 * (1 - mirrors) ? 1 : host.rect.width > 1.7 ? 3 : 2;
      if (count === 1) return one;
      const rows = [count, 2].flatMap((many, n) => worse(row(host, draft, key + 1, many), 0.3 * n));
      return [...rows, ...worse(one, 1)];
    },
  };
}

/** Beside a piece, its back in line with that one's. */
export function atItsSide(host: Item, kind: string, size: Idea['placed']['size'], side: -1 | 1, gap = 0.06) {
  return beside(host, kind, size, [
    side * (host.rect.width / 2 + gap + size[0] / 2),
    (host.rect.depth - size[1]) / 2,
  ]);
}

/** A seat with a small table at its side, its back to a wall but turned a little to the middle of the room. */
export function readingCorner(weight: number, key: number): Step {
  return {
    weight,
    ideas: (draft) => {
      const size = sizeOf('armchair', -0.2);
      const by = side(draft, key);
      return [by, -by].flatMap((way, n) =>
        worse(
          atWalls(draft, 'armchair', size, 0.16).flatMap(({ placed, worth }) => {
            const turned = place('armchair', placed.at, placed.turn + way * 0.3, size);
            const idea = seenFromFront({ placed: turned, worth });
            const table = sizeOf('side_table', -0.4);
            const foot = { at: placed.at, turn: placed.turn };
            const at = toRoom(foot, [way * (size[0] / 2 + 0.12 + table[0] / 2), 0.02]);
            return [
              { ...idea, along: [place('side_table', at, placed.turn, table)] },
              { ...idea, worth: worth - 0.4 },
            ];
          }),
          n * 0.1,
        ),
      );
    },
  };
}

/** A desk with its chair. */
export function workplace(weight: number): Step {
  return {
    weight,
    ideas: (draft) =>
      found(draft, 'desk') ? [] : atWalls(draft, 'desk', sized('desk', 1.1, 0.52)).map(withChair),
  };
}

function withChair(idea: Idea): Idea {
  const { at, turn, size } = idea.placed;
  const chair = sizeOf('chair');
  const front = toRoom({ at, turn }, [0, -(size[1] / 2 + chair[1] / 2 - 0.1)]);
  return { ...idea, along: [place('chair', front, turn + Math.PI, chair)] };
}

/** More of them look like a shop. */
const LAMPS = 2;

/** A lamp on the nth piece of a kind. */
export function lampOn(kind: string, nth: number, at: readonly [number, number] = [0, 0.1], key = 90): Step {
  return {
    weight: 0.4,
    ideas: (draft) => {
      const host = found(draft, kind, nth);
      if (!host || found(draft, 'table_lamp', LAMPS - 1)) return [];
      const turn = draft.dice(key) < 0.5 ? 1 : -1;
      return [onTop(host, 'table_lamp', sizeOf('table_lamp'), [at[0] * turn, at[1]])];
    },
  };
}

/** Something small on a top, as shares of its half width and half depth. */
export function smallOn(kind: string, what: string, at: readonly [number, number], key: number): Step {
  return {
    weight: 0.15,
    ideas: (draft) => {
      const host = found(draft, kind);
      if (!host) return [];
      const turn = draft.dice(key) < 0.5 ? 1 : -1;
      return [1, -1].map((flip) => onTop(host, what, sizeOf(what), [at[0] * turn * flip, at[1]], 0.3 * turn));
    },
  };
}

/** What usually stands on something long and low: a lamp at one end, a vase and books at the other. */
export function dressed(kind: string, key: number): Step[] {
  return [
    lampOn(kind, 0, [0.72, 0.1], key),
    smallOn(kind, 'vase', [-0.68, 0.1], key),
    smallOn(kind, 'books', [-0.2, 0], key),
  ];
}

import { type Draft, type Idea, type Step, sized, sizeOf } from '../draft.ts';
import { angleToCamera, atWalls, inCorners, onTop, onWalls } from '../ideas.ts';
import type { Item } from '../item.ts';
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
export function seenFromFront(idea: Idea): Idea {
  const { at, turn } = idea.placed;
  return { ...idea, worth: idea.worth * facing(angleToCamera(at, turn)) };
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
        atWalls(draft, 'bookcase', sized('bookcase', width, 0.34, draft.dice(70) < 0.35 ? 1.25 : 1.9)),
        n * 0.05,
      ),
    ),
};

export const FLOOR_LAMP: Step = {
  weight: 0.6,
  ideas: (draft) => inCorners(draft, 'floor_lamp', sizeOf('floor_lamp')),
};

export const WALL_ART: Step = {
  weight: 0.5,
  ideas: (draft) => {
    const tall = 0.7 + 0.3 * draft.dice(80);
    return onWalls(draft, sized('framed_art', tall * 0.75, 0.03, tall), 81);
  },
};

/** A lamp on the nth piece of a kind. */
export function lampOn(kind: string, nth: number, at: readonly [number, number] = [0, 0.1], key = 90): Step {
  return {
    weight: 0.4,
    ideas: (draft) => {
      const host = found(draft, kind, nth);
      if (!host) return [];
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

export function worse(ideas: readonly Idea[], by: number): Idea[] {
  return ideas.map((idea) => ({ ...idea, worth: idea.worth - by }));
}

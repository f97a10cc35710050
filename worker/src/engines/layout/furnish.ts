import { EngineError, type EngineInput } from '../types.ts';
import { ROOM_TYPES, type RoomType } from './furniture/catalogue.ts';
import { findPiece } from './furniture/pieces.ts';
import { STYLE_NAMES, STYLES } from './furniture/styles.ts';
import type { Piece } from './render/scene.ts';
import type { Picture } from './room/picture.ts';
import type { Room } from './scene/types.ts';
import { type Layout, settle } from './solver/layout.ts';
import { type Solution, solveLayout } from './solver/solve.ts';

export interface Furnished {
  readonly layout: Layout;
  /** 0 to 1: how much of what makes such a room good could be had; null for a layout that was given. */
  readonly score: number | null;
  /** What would be unwise in a real room; nothing that was chosen here has any. */
  readonly warnings: readonly string[];
}

/**
 * Chooses furniture and places. Rejects with `no_floor_space`.
 * @param photo its copy from which the room was read, and the sum of its file
 */
export function furnish(
  room: Room,
  input: Pick<EngineInput, 'roomType' | 'style' | 'seed' | 'variation'>,
  photo: { readonly picture: Picture; readonly sha256: string },
): Furnished {
  const { seed, variation } = input;
  const { picture, sha256 } = photo;
  const [usual] = STYLE_NAMES;
  const style = input.style === null ? usual : oneOf(STYLE_NAMES, input.style, 'style');
  const wished = input.roomType === null ? null : oneOf(ROOM_TYPES, input.roomType, 'room type');
  const solve = (roomType: RoomType | null) =>
    solveLayout(room, { roomType, style, seed, variation, photo: picture });
  // Where nothing was asked for, a desk finds room where a sofa does not, and an armchair where a desk does not.
  const tries = wished === null ? [null, ...SMALLER] : [wished];
  const solution = firstThatFits(tries, solve);
  if (solution.kind === 'no_floor_space') {
    throw new EngineError('no_floor_space', solution.why, {
      hint: `Choose another room type (${ROOM_TYPES.join(', ')})${solution.byChance ? ' or another seed' : ''}, or take a photo that shows more of the floor.`,
    });
  }
  const { roomType, pieces, score } = solution;
  const layout = settle({ photoSha256: sha256, roomType, style, seed, variation, room, pieces });
  return { layout, score, warnings: [] };
}

const SMALLER = ['home_office', 'reading_nook', 'entryway'] as const;

/** The first room type that finds place, or what was said of the very first; chance is told of any. */
function firstThatFits(
  [first = null, ...others]: readonly (RoomType | null)[],
  solve: (roomType: RoomType | null) => Solution,
): Solution {
  const solution = solve(first);
  if (solution.kind === 'furnished') return solution;
  let { byChance } = solution;
  for (const other of others) {
    const next = solve(other);
    if (next.kind === 'furnished') return next;
    byChance ||= next.byChance;
  }
  return { ...solution, byChance };
}

export function oneOf<T extends string>(offered: readonly T[], value: string, what: string): T {
  const found = offered.find((one) => one === value);
  if (found !== undefined) return found;
  throw new EngineError(
    'invalid_params',
    `The engine layout has no ${what} ${JSON.stringify(value)}. It has: ${offered.join(', ')}.`,
  );
}

/** A layout as things: the same layout gives the same meshes. */
export function piecesOf({ pieces, style }: Layout): Piece[] {
  return pieces.map((placed) => ({
    placed,
    mesh: findPiece(placed.kind).make(placed.size, STYLES[style], placed.seed),
  }));
}

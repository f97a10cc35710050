import { EngineError, type EngineInput } from '../types.ts';
import { ROOM_TYPES, type RoomType } from './furniture/catalogue.ts';
import { findPiece } from './furniture/pieces.ts';
import { STYLE_NAMES, STYLES } from './furniture/styles.ts';
import type { Piece } from './render/scene.ts';
import type { Room } from './scene/types.ts';
import { type Layout, settle } from './solver/layout.ts';
import { solveLayout } from './solver/solve.ts';

export interface Furnished {
  readonly layout: Layout;
  /** 0 to 1: how much of what makes such a room good could be had; null for a layout that was given. */
  readonly score: number | null;
  /** What would be unwise in a real room; nothing that was chosen here has any. */
  readonly warnings: readonly string[];
}

/** Chooses furniture and places. Rejects with `no_floor_space`. */
export function furnish(
  room: Room,
  input: Pick<EngineInput, 'roomType' | 'style' | 'seed' | 'variation'>,
  photoSha256: string,
): Furnished {
  const { seed, variation } = input;
  const [usual] = STYLE_NAMES;
  const style = input.style === null ? usual : oneOf(STYLE_NAMES, input.style, 'style');
  const wished = input.roomType === null ? null : oneOf(ROOM_TYPES, input.roomType, 'room type');
  const solve = (roomType: RoomType | null) => solveLayout(room, { roomType, style, seed, variation });
  const first = solve(wished);
  // Where nothing was asked for, a desk finds room where a sofa does not.
  const solution = first.kind === 'no_floor_space' && wished === null ? solve('home_office') : first;
  if (solution.kind === 'no_floor_space') {
    throw new EngineError('no_floor_space', solution.why, {
      hint: `Choose another room type (${ROOM_TYPES.join(', ')}), or take a photo that shows more of the floor.`,
    });
  }
  const { roomType, pieces, score } = solution;
  const layout = settle({ photoSha256, roomType, style, seed, variation, room, pieces });
  return { layout, score, warnings: [] };
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

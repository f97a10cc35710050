import { EngineError, type EngineInput } from '../types.ts';
import { ROOM_TYPES, type RoomType } from './furniture/catalogue.ts';
import { findPiece } from './furniture/pieces.ts';
import { STYLE_NAMES, STYLES } from './furniture/styles.ts';
import type { Piece } from './render/scene.ts';
import type { Picture } from './room/picture.ts';
import type { Room } from './scene/types.ts';
import { chance } from './solver/chance.ts';
import { type Layout, settle } from './solver/layout.ts';
import { type Refused, type Solution, solveLayout } from './solver/solve.ts';

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
  const { variation } = input;
  const { picture, sha256 } = photo;
  const [usual] = STYLE_NAMES;
  const style = input.style === null ? usual : oneOf(STYLE_NAMES, input.style, 'style');
  const wished = input.roomType === null ? null : oneOf(ROOM_TYPES, input.roomType, 'room type');
  const solve = (roomType: RoomType | null, seed: number) =>
    solveLayout(room, { roomType, style, seed, variation, photo: picture });
  // Where nothing was asked for, a desk finds room where a sofa does not, and an armchair where a desk does not.
  const tries = wished === null ? [null, ...SMALLER] : [wished];
  const { solution, seed } = firstThatFits(tries, input.seed, solve);
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
/** How often the dice are thrown for a photo. */
const THROWS = 4;

/**
 * The first room type that finds place, or what was said of the very first; chance is told of any. Where there were
 * places but what came with them was poor, the dice are thrown again: a photo is not refused for bad luck.
 */
function firstThatFits(
  tries: readonly (RoomType | null)[],
  seed: number,
  solve: (roomType: RoomType | null, seed: number) => Solution,
): { solution: Solution; seed: number } {
  const refusals: Refused[] = [];
  let left = tries;
  for (let nth = 0; nth < THROWS; nth += 1) {
    const thrown = nthSeed(seed, nth);
    const unlucky = new Set<RoomType>();
    const seen = new Set<RoomType | null>();
    for (const roomType of left) {
      // What suits the floor may be one of those that are tried after it.
      if (seen.has(roomType)) continue;
      const solution = solve(roomType, thrown);
      if (solution.kind === 'furnished') return { solution, seed: thrown };
      refusals.push(solution);
      seen.add(solution.roomType);
      if (solution.byChance) unlucky.add(solution.roomType);
    }
    left = [...unlucky];
  }
  const byChance = refusals.some((refusal) => refusal.byChance);
  // There is at least one.
  return { solution: { ...(refusals[0] as Refused), byChance }, seed };
}

/** Seeds of 32 bits that follow from the first one, which is itself. */
function nthSeed(seed: number, nth: number): number {
  return nth === 0 ? seed : Math.floor(chance(seed, nth, 13) * 2 ** 32);
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

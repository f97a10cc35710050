import { Layout, LayoutPiece } from '@stager/server/contract';
import { z } from 'zod';
import { CATALOGUE, ROOM_TYPES } from '../furniture/catalogue.ts';
import { STYLE_NAMES } from '../furniture/styles.ts';

const KINDS = CATALOGUE.map(({ kind }) => kind);

const Piece = LayoutPiece.extend({
  kind: z.string().refine((kind) => KINDS.includes(kind), {
    error: `there is no such piece; there are: ${KINDS.join(', ')}`,
  }),
});

/**
 * layout.json: the form that the API takes, in the words that this engine knows. What is wrong with the pieces beyond
 * their form, and whether it stops the rendering, says `checkLayout`.
 */
export const LayoutFile = Layout.safeExtend({
  roomType: z.enum(ROOM_TYPES),
  style: z.enum(STYLE_NAMES),
  pieces: z.array(Piece).max(80),
}).refine(({ room: { openings, walls } }) => openings.every(({ wall }) => wall < walls.length), {
  error: 'an opening names a wall that is not in `walls`',
  path: ['room', 'openings'],
});

export type LayoutFile = z.output<typeof LayoutFile>;

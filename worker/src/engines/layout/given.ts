import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { EngineError, type EngineInput, type Layout as LayoutDocument } from '../types.ts';
import { type Furnished, oneOf } from './furnish.ts';
import { findEntry } from './furniture/catalogue.ts';
import { STYLE_NAMES } from './furniture/styles.ts';
import { View } from './render/view.ts';
import type { Placed, Room } from './scene/types.ts';
import { checkLayout } from './solver/check.ts';
import { type Layout, readLayout, settle, settleRoom } from './solver/layout.ts';
import { moveLayout } from './solver/moveLayout.ts';
import { measure, type Understood } from './understand.ts';

/*
 * Layouts that somebody sent instead of having one chosen: edited, or made in another photo of the same room.
 */

/** Longest list of what is wrong; the first ones tell most. */
const PROBLEMS_MOST = 8;

const HINT =
  'Change the layout where it says so and send it again: stager images layout set. Nothing was lost.';

/** @throws EngineError `layout_invalid` naming each place in it */
export function readGiven(document: LayoutDocument, style: string | null): Layout {
  const read = readLayout(document);
  if (!read.ok) throw invalid('The layout cannot be read', read.problems);
  return style === null ? read.layout : { ...read.layout, style: oneOf(STYLE_NAMES, style, 'style') };
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** The room as the layout tells it, in the photo that it was made in: nothing is read from the photo but its edges. */
export async function recall(
  { originalPath }: Pick<EngineInput, 'originalPath'>,
  { room }: Layout,
): Promise<Understood> {
  const { picture, camera } = await measure(originalPath);
  if (picture.width !== room.width || picture.height !== room.height)
    throw invalid('The layout is not of this photo', [
      `room.camera: its picture has ${room.width} × ${room.height} pixels, this photo ${picture.width} × ${picture.height}`,
    ]);
  const read = {
    kind: 'room',
    room,
    floor: floorPixels(room),
    marks: undefined,
    croppedOrShifted: false,
  } as const;
  return { read, camera, room, picture };
}

/** @throws EngineError `layout_invalid` naming each piece and what is wrong with it */
export function refurnish(layout: Layout): Furnished {
  const problems = checkLayout(layout);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0)
    throw invalid(
      'The layout cannot be rendered',
      errors.map(({ message }) => message),
    );
  return { layout: settle(layout), score: null, warnings: problems.map(({ message }) => message) };
}

/**
 * A layout of another photo of the same room, in the room as it was read from this one. Rejects with
 * `layout_does_not_fit`.
 */
export function carryOver(layout: Layout, room: Room, photoSha256: string): Furnished {
  const carried = moveLayout(layout, settleRoom(room));
  if (carried.kind === 'none') throw misfit(carried.why);
  const notShown = carried.leftOut.map(
    (kind) => `The ${kind.replaceAll('_', ' ')} was left out: this photo does not show where it stands.`,
  );
  const { kept, told, warnings } = withoutMisplaced(settle({ ...carried.layout, photoSha256 }));
  return { layout: kept, score: null, warnings: [...notShown, ...told, ...warnings] };
}

/** Without what has no place in the other photo; the room is still that room as long as its largest piece has one. */
function withoutMisplaced(layout: Layout): { kept: Layout; told: string[]; warnings: string[] } {
  const area = ({ size }: Placed) => size[0] * size[1];
  const main = layout.pieces
    .filter(({ kind }) => !findEntry(kind).flat)
    .reduce<Placed | undefined>(
      (most, piece) => (most && area(most) >= area(piece) ? most : piece),
      undefined,
    );
  const told: string[] = [];
  let kept = layout;
  for (;;) {
    const problems = checkLayout(kept);
    const error = problems.find(({ severity }) => severity === 'error');
    if (!error) return { kept, told, warnings: problems.map(({ message }) => message) };
    const why = error.message.replace(/:.*$/, '').replace(/ \(pieces\[\d+\]\)/g, '');
    const piece = error.piece === undefined ? undefined : kept.pieces[error.piece];
    if (!piece || piece === main) throw misfit(why);
    told.push(`${why}, and was left out.`);
    kept = { ...kept, pieces: kept.pieces.filter((other) => other !== piece) };
  }
}

function misfit(why: string): EngineError {
  const told = why.charAt(0).toLowerCase() + why.slice(1).replace(/\.$/, '');
  return new EngineError(
    'layout_does_not_fit',
    `The layout of the other photo does not fit into this one: ${told}.`,
    {
      hint: 'Take a photo that shows more of the same walls, doors and windows, or leave the layout out.',
    },
  );
}

function invalid(what: string, problems: readonly string[]): EngineError {
  const more = problems.length > PROBLEMS_MOST ? [`and ${problems.length - PROBLEMS_MOST} more`] : [];
  const told = [...problems.slice(0, PROBLEMS_MOST), ...more].map((problem) => problem.replace(/\.$/, ''));
  return new EngineError('layout_invalid', `${what}: ${told.join('; ')}.`, { hint: HINT });
}

/** Corners of the floor that lie before the camera. */
function floorPixels(room: Room): (readonly [number, number])[] {
  const view = new View(room, room.width, room.height);
  return room.floor.flatMap(([x, z]) => (view.project(x, 0, z) ? [[view.u, view.v] as const] : []));
}

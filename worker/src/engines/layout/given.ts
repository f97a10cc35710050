import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { EngineError, type EngineInput, type Layout as LayoutDocument } from '../types.ts';
import { type Furnished, oneOf } from './furnish.ts';
import { STYLE_NAMES } from './furniture/styles.ts';
import { View } from './render/view.ts';
import type { Room } from './scene/types.ts';
import { checkLayout } from './solver/check.ts';
import { type Layout, readLayout, settle } from './solver/layout.ts';
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
  { room, photoSha256 }: Layout,
  photo: string,
): Promise<Understood> {
  if (photoSha256 !== undefined && photoSha256 !== photo)
    throw new EngineError('layout_of_other_photo', 'The layout was made in another photo.', {
      hint: 'Use it with the photo that it was made in.',
    });
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

import type { Segment } from '../geometry/segments.ts';
import type { RoomCamera } from '../geometry/solve.ts';
import { judgeCamera } from '../geometry/verdict.ts';
import type { Room } from '../scene/types.ts';
import { assemble, type Outlined } from './assemble.ts';
import { ceilingOver } from './ceilings.ts';
import { isDrawn } from './drawn.ts';
import { exposureFault } from './exposure.ts';
import { findFloor } from './floor.ts';
import { provenFeet, settleFeet } from './foot.ts';
import { cameraFromHints, floorFault, type Hints } from './hints.ts';
import { readMarked } from './marked.ts';
import type { Marks } from './marks.ts';
import { outdoors } from './outdoors.ts';
import { contains, feetOf, floorPixels } from './outline.ts';
import type { Picture } from './picture.ts';
import { type Edges, edgesOf, footT } from './planes.ts';
import { belowSkirting } from './skirting.ts';
import type { Stretch } from './trace.ts';
import { type Pixel, Upright } from './upright.ts';
import { FLOOR_HINT, HORIZON_HINT, judgeFloor, type Refusal, ROOM_HINT } from './verdict.ts';
import { columnU, makeView, type View } from './view.ts';
import { closeGlimpses, closePassages, tidyStretches } from './walls.ts';

export type { Hints } from './hints.ts';
export type { Refusal } from './verdict.ts';

export interface Read {
  readonly kind: 'room';
  readonly room: Room;
  /** The floor in pixels of the picture. */
  readonly floor: readonly Pixel[];
  /** Undefined for a floor that the user marked. */
  readonly marks: Marks | undefined;
  /** A piece of a larger photo, or a shifted lens: depths and turns are a few degrees less certain. */
  readonly croppedOrShifted: boolean;
}

type Outcome = Omit<Read, 'croppedOrShifted'>;

const DRAWN = 'It is drawn, not photographed: a document, a plan or a screenshot.';
/** Long side by short side. */
const ASPECT_MOST = 2.4;
/** More corners than a room has that was read right. */
const FEET_MOST = 8;

/**
 * Reads a room from its photo, or says why not: a floor that was guessed costs more than one that has to be marked.
 * @param picture about 960 pixels on the long side, upright
 * @param solved by `solveCamera` from the same picture
 * @param hints what the user says overrides what is seen
 */
export function readRoom(
  picture: Picture,
  solved: RoomCamera | undefined,
  hints: Hints = {},
): Read | Refusal {
  const camera = chooseCamera(picture, solved, hints);
  if ('kind' in camera) return camera;
  const upright = new Upright(camera.camera);
  const view = makeView(upright, picture);
  if (!view)
    return {
      kind: 'geometry_uncertain',
      why: 'The camera looks too steeply up or down.',
      hint: HORIZON_HINT,
    };
  const edges = edgesOf(view, camera);
  const strays = camera.segments.filter((_, n) => camera.families[n] === -1);
  const read = hints.floor
    ? readMarkedRoom(view, picture, edges, strays, hints.floor)
    : traceRoom(view, picture, edges, strays);
  if (read.kind !== 'room') return read;
  return { ...read, croppedOrShifted: solved?.croppedOrShifted ?? false };
}

function chooseCamera(
  picture: Picture,
  solved: RoomCamera | undefined,
  hints: Hints,
): Pick<RoomCamera, 'camera' | 'segments' | 'families'> | Refusal {
  if (!hints.floor) {
    if (isDrawn(picture)) return { kind: 'not_a_room', why: DRAWN, hint: ROOM_HINT };
    const fault = exposureFault(picture) ?? shapeFault(picture);
    if (fault !== undefined) return { kind: 'geometry_uncertain', why: fault, hint: FLOOR_HINT };
  }
  const verdict = judgeCamera(solved);
  const why = verdict.kind === 'not_a_room' ? verdict.why : outdoors(picture);
  // Who marks a floor has seen one.
  if (why !== undefined && !hints.floor) return { kind: 'not_a_room', why, hint: ROOM_HINT };
  if (hints.horizon === undefined && verdict.kind === 'certain' && solved) return solved;
  const hinted = hints.floor || hints.horizon !== undefined;
  const camera = hinted ? cameraFromHints(picture, solved, hints) : undefined;
  if (camera) return camera;
  const doubt = verdict.kind === 'certain' ? 'The perspective cannot be read.' : verdict.why;
  return { kind: 'geometry_uncertain', why: doubt, hint: HORIZON_HINT };
}

function shapeFault({ width, height }: Picture): string | undefined {
  const aspect = Math.max(width / height, height / width);
  if (aspect <= ASPECT_MOST) return undefined;
  return 'It is longer than a lens draws straight: a panorama, or a strip of a photo.';
}

function readMarkedRoom(
  view: View,
  picture: Picture,
  edges: Edges,
  strays: readonly Segment[],
  floor: readonly Pixel[],
): Outcome | Refusal {
  const fault = floorFault(view.upright.camera, picture, floor);
  if (fault) {
    const hint = fault.ofHorizon ? HORIZON_HINT : FLOOR_HINT;
    return { kind: 'geometry_uncertain', why: fault.why, hint };
  }
  const { feet, stretches, footOf, heights } = readMarked(view, picture, edges, floor);
  const { room } = assemble(view, picture, edges, strays, {
    pixels: floor,
    feet,
    stretches,
    footOf,
    passages: [],
    heights,
    // The user says so.
    proven: new Uint8Array(view.columns).fill(1),
    ceiling: ceilingOver(view, edges, stretches),
    confidence: 1,
  });
  return { kind: 'room', room, floor, marks: undefined };
}

function traceRoom(
  view: View,
  picture: Picture,
  edges: Edges,
  strays: readonly Segment[],
): Outcome | Refusal {
  const found = findFloor(view, picture, edges);
  const blind: Refusal = {
    kind: 'geometry_uncertain',
    why: 'No straight edge shows where the floor meets a wall.',
    hint: FLOOR_HINT,
  };
  if (!found) return blind;
  const { outline, evidence, marks } = found;
  const tidy = closeGlimpses(view, tidyStretches(outline.stretches));
  const settled = settleFeet(view, evidence, belowSkirting(view, evidence, tidy));
  const { stretches, passages } = closePassages(view, settled);
  const feet = feetOf(view, stretches);
  if (feet.length > FEET_MOST) return blind;
  const pixels = floorPixels(view.upright, feet, picture.width, picture.height);
  const outlined: Outlined = {
    pixels,
    feet,
    stretches,
    footOf: [...stretches.keys()],
    passages,
    heights: heightsOf(view, stretches),
    proven: provenFeet(view, evidence, stretches),
    ceiling: outline.ceiling,
    confidence: Math.min(marks.support, marks.contrast, marks.agreement),
  };
  const { room, free, taken } = assemble(view, picture, edges, strays, outlined);
  const unlit = strays.filter((stray) => !isOfSun(view, room, stray));
  const certain = { free, taken, wall: longestFoot(room), explained: explainedOf(edges, unlit) };
  return judgeFloor(marks, certain) ?? { kind: 'room', room, floor: pixels, marks };
}

function heightsOf(view: View, stretches: readonly Stretch[]): Float64Array {
  const heights = new Float64Array(view.columns).fill(Number.NaN);
  for (const { plane, from, to } of stretches)
    for (let column = from; column <= to; column += 1)
      heights[column] = footT(view, plane, columnU(view, column));
  return heights;
}

/** Metres of wall whose foot is seen, of the longest one. */
function longestFoot({ walls }: Room): number {
  return Math.max(
    0,
    ...walls.map(({ from, to, confidence }) => confidence * Math.hypot(to[0] - from[0], to[1] - from[1])),
  );
}

/** How far around a patch of sun its edges may lie, as a share of its size. */
const AROUND_SUN = 0.2;

/** Whether a line is the border of the sun on the floor, which follows no wall and belongs to no thing. */
function isOfSun({ upright }: View, { keepOuts, cameraHeight }: Room, { x1, y1, x2, y2 }: Segment): boolean {
  const spot = upright.fromPixel((x1 + x2) / 2, (y1 + y2) / 2);
  if (!spot || spot.t >= 0) return false;
  const [x, z] = upright.toFloor(spot).map((length) => length * cameraHeight);
  return keepOuts.some(({ why, outline }) => {
    if (why !== 'sun') return false;
    const [cx, cz] = [0, 1].map((at) => outline.reduce((sum, corner) => sum + (corner[at] ?? 0), 0));
    const middle = [(cx ?? 0) / outline.length, (cz ?? 0) / outline.length] as const;
    const inner = (value: number, at: 0 | 1) => middle[at] + (value - middle[at]) / (1 + AROUND_SUN);
    return contains(outline, inner(x ?? 0, 0), inner(z ?? 0, 1));
  });
}

function explainedOf(edges: Edges, strays: readonly Segment[]): number {
  const sum = (lines: readonly { length: number }[]) =>
    lines.reduce((total, { length }) => total + length, 0);
  const along = sum(edges.flat());
  return along / (along + sum(strays) || 1);
}

import type { RoomCamera } from './solve.ts';

const DEGREE = Math.PI / 180;

/** Limits of what is taken for certain. Calibrated for the working size, blur and thresholds of `solveCamera`. */
/** Fewer are enough where nearly all of them follow the walls. */
const LINES_MIN = { plain: 30, usual: 40 };
const PLAIN = 0.9;
const LINE_SHARE_ROOM = 0.2;
const EXPLAINED_MIN = 0.55;
const PITCH_SPREAD = 1 * DEGREE;
const YAW_SPREAD = 2.5 * DEGREE;
const FOCAL_SPREAD = 0.15;

export type Verdict =
  | { readonly kind: 'certain' }
  | { readonly kind: 'not_a_room' | 'geometry_uncertain'; readonly why: string };

/** Whether furniture may be placed by this camera; a wrong picture costs more than a refusal. */
export function judgeCamera(room: RoomCamera | undefined): Verdict {
  if (!room) return { kind: 'not_a_room', why: 'There are no straight edges in the picture.' };
  const { lines, lineShare, explained, spread } = room.confidence;
  if (lineShare < LINE_SHARE_ROOM)
    return {
      kind: 'not_a_room',
      why: 'Most edges in the picture are not straight, as outdoors or on cloth.',
    };
  const doubts = [
    lines < LINES_MIN[explained < PLAIN ? 'usual' : 'plain'] && `only ${lines} straight edges were found`,
    explained < EXPLAINED_MIN && `only ${Math.round(explained * 100)} % of the edges follow the walls`,
    spread.pitch > PITCH_SPREAD && 'the height of the horizon is uncertain',
    spread.yaw > YAW_SPREAD && 'the direction of the walls is uncertain',
    spread.focal > FOCAL_SPREAD && 'the focal length is uncertain',
  ].filter((doubt) => doubt !== false);
  if (doubts.length === 0) return { kind: 'certain' };
  return { kind: 'geometry_uncertain', why: `The perspective cannot be read: ${doubts.join(', ')}.` };
}

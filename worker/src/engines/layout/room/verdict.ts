import type { Marks } from './marks.ts';

/** Limits of what is taken for certain. Calibrated on photos of 960 pixels. */
const SUPPORT_MIN = 0.4;
/** From here on the feet of the walls tell enough; below, all else has to be better. */
const SUPPORT_SURE = 0.75;
const CONTRAST_MIN = { sure: 0.6, unsure: 0.68 };
const AGREEMENT_MIN = 0.8;
const CLUTTER_MAX = { sure: 0.2, unsure: 0.1 };
const TAKEN_MAX = 0.5;
/**
 * Of floor that is taken (up to a limit, as an open door takes much), of upright edges on it and of edges that follow no wall
 * together: each too little to tell, they tell of furniture.
 */
const SIGNS_MAX = 0.34;
const TAKEN_WEIGHT = 2;
const TAKEN_SIGN = 0.08;
/** Square metres of floor of which the photo shows that they are free. */
const FREE_MIN = 1.5;
/** Metres of wall whose foot is seen. */
const WALL_MIN = 1.2;
/** Of the edges' length. In an empty room nearly all follow the walls; beds, sofas and cushions have edges of their own. */
const EXPLAINED_MIN = 0.68;

/** What is certain of a floor. */
export interface Certain {
  /** Square metres in the picture on which nothing stands. */
  readonly free: number;
  /** Share of the floor in the picture that is not free. */
  readonly taken: number;
  /** Metres of the longest wall whose foot is seen. */
  readonly wall: number;
  /** Share of the straight edges' length that follows the walls. */
  readonly explained: number;
}

export const FLOOR_HINT =
  'Mark the corners of the floor that can be seen, in pixels of the photo: --floor "x,y;x,y;x,y;x,y"';
export const HORIZON_HINT =
  'Say at which height of the photo, in pixels from the top, the camera looks straight ahead (--horizon y), and mark the floor (--floor "x,y;x,y;x,y;x,y").';

export const ROOM_HINT =
  'Send a photo of an empty room. The engine finish corrects any photo, and adds no furniture.';

export interface Refusal {
  readonly kind: 'not_a_room' | 'geometry_uncertain' | 'furnished';
  /** What is the matter, as a sentence for the person who sent the photo. */
  readonly why: string;
  /** What they can do. */
  readonly hint: string;
}

/** Whether furniture may be put on this floor; a wrong picture costs more than a refusal. */
export function judgeFloor(marks: Marks, { free, taken, wall, explained }: Certain): Refusal | undefined {
  const feet = marks.support < SUPPORT_SURE ? 'unsure' : 'sure';
  const signs = TAKEN_WEIGHT * Math.min(taken, TAKEN_SIGN) + marks.clutter + 1 - explained;
  const isFurnished = taken > TAKEN_MAX || explained < EXPLAINED_MIN || signs > SIGNS_MAX;
  if (marks.clutter > CLUTTER_MAX[feet] || isFurnished)
    return {
      kind: 'furnished',
      why: 'Things stand on the floor. Only an empty room can be staged.',
      hint: `If floor is free: ${lowerFirst(FLOOR_HINT)}`,
    };
  const doubts = [
    marks.support < SUPPORT_MIN &&
      `only ${Math.round(marks.support * 100)} % of where it meets the walls can be seen`,
    wall < WALL_MIN && `no wall meets it for more than ${wall.toFixed(1)} metres that can be seen`,
    marks.contrast < CONTRAST_MIN[feet] && 'it has the colour of the walls',
    marks.agreement < AGREEMENT_MIN && 'its outline can be read in two ways',
    free < FREE_MIN && `only ${free.toFixed(1)} square metres of it are free for certain`,
  ].filter((doubt) => doubt !== false);
  if (doubts.length === 0) return undefined;
  return {
    kind: 'geometry_uncertain',
    why: `The floor cannot be told from the walls for certain: ${doubts.join(', ')}.`,
    hint: FLOOR_HINT,
  };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

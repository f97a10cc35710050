import type { Marks } from './marks.ts';

/** Limits of what is taken for certain. Calibrated on photos of 960 pixels. */
const SUPPORT_MIN = 0.75;
const CONTRAST_MIN = 0.6;
const AGREEMENT_MIN = 0.85;
const CLUTTER_MAX = 0.3;
const TAKEN_MAX = 0.12;
/** Square metres of floor that the photo shows. */
const AREA_MIN = 2;

export const FLOOR_HINT =
  'Mark the corners of the floor that can be seen, in pixels of the photo: --floor "x,y;x,y;x,y;x,y"';
export const HORIZON_HINT =
  'Say at which height of the photo, in pixels from the top, the camera looks straight ahead (--horizon y), and mark the floor (--floor "x,y;x,y;x,y;x,y").';

export interface Refusal {
  readonly kind: 'not_a_room' | 'geometry_uncertain' | 'furnished';
  /** What is the matter, as a sentence for the person who sent the photo. */
  readonly why: string;
  /** What they can do. */
  readonly hint?: string;
}

/**
 * Whether furniture may be put on this floor; a wrong picture costs more than a refusal.
 * @param area square metres of floor in the picture
 * @param taken share of it that is not of the floor's colour
 */
export function judgeFloor(marks: Marks, area: number, taken: number): Refusal | undefined {
  if (marks.clutter > CLUTTER_MAX || taken > TAKEN_MAX)
    return {
      kind: 'furnished',
      why: 'Things stand on the floor. Only an empty room can be staged.',
      hint: `If floor is free: ${lowerFirst(FLOOR_HINT)}`,
    };
  const doubts = [
    marks.support < SUPPORT_MIN &&
      `straight edges show only ${Math.round(marks.support * 100)} % of where it meets the walls`,
    marks.contrast < CONTRAST_MIN && 'it has the colour of the walls',
    marks.agreement < AGREEMENT_MIN && 'its outline can be read in two ways',
    area < AREA_MIN && `only ${area.toFixed(1)} square metres of it are in the picture`,
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

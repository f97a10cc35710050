/*
 * What makes a layout attractive, as terms from 0 to 1 of plain numbers. What must never happen is in `rules.ts`.
 */

/** 0 up to the first bound, 1 between the second and the third, 0 from the fourth on, straight lines between. */
export function plateau(
  value: number,
  [zero, from, to, end]: readonly [number, number, number, number],
): number {
  if (value <= zero || value >= end) return 0;
  if (value < from) return (value - zero) / (from - zero);
  if (value > to) return (end - value) / (end - to);
  return 1;
}

const DEGREE = Math.PI / 180;

/**
 * How a piece with a face looks towards the camera.
 * @param angle between its front and the way to the camera, radians, 0 to pi
 */
export function facing(angle: number): number {
  const degrees = Math.abs(angle) / DEGREE;
  if (degrees <= 25) return 0.85 + (0.15 * degrees) / 25;
  if (degrees <= 65) return 1;
  if (degrees <= 100) return 1 - (0.5 * (degrees - 65)) / 35;
  return Math.max(0, 0.3 - (0.3 * (degrees - 100)) / 40);
}

/**
 * A desk with its chair: from the side or across the desk, rather than the back of the chair.
 * @param angle between its front, where one sits, and the way to the camera, radians, 0 to pi
 */
export function facingDesk(angle: number): number {
  return Math.min(1, 0.45 + (0.55 * Math.abs(angle)) / (50 * DEGREE));
}

/**
 * Where the eye rests: in the middle, or a third from the side.
 * @param across middle of the piece as a share of the width of the photo, 0 at the left
 */
export function centred(across: number): number {
  return plateau(across, [0, 0.3, 0.7, 1]);
}

/** @param metres from the camera to the middle of the main piece */
export function distanced(metres: number): number {
  return plateau(metres, [1, 2.2, 4.5, 8]);
}

/** @param metres from the back of a piece to the wall behind it: at the wall, or in the middle of the room */
export function backed(metres: number): number {
  return Math.min(1, Math.max(0.2, 1 - (metres - 0.4) * 1.1));
}

/** Free floor in front of a seat or a bed, metres. */
export function openAhead(metres: number): number {
  return plateau(metres, [0.6, 1.8, 99, 100]);
}

/**
 * How well a piece sits on its stretch of wall: in its middle, or so that one side is left whole.
 * @param off metres from the middle of the stretch to the middle of the piece
 * @param spare metres of the stretch that the piece leaves free
 */
export function settled(off: number, spare: number): number {
  if (spare <= 0.3) return 1;
  return Math.max(0.2, 1 - Math.abs(off) / (spare / 2));
}

/** @param share of the photo that furniture covers */
export function filled(share: number): number {
  return plateau(share, [0.03, 0.14, 0.38, 0.6]);
}

/** @param share of the seen floor under pieces that stand on it */
export function furnished(share: number): number {
  return plateau(share, [0.05, 0.18, 0.42, 0.65]);
}

/** @param middle of all furniture as a share of the width of the photo, weighted by what it covers */
export function balanced(middle: number): number {
  return plateau(middle, [0.1, 0.38, 0.62, 0.9]);
}

/** @param share of a window that furniture covers */
export function leavesWindow(share: number): number {
  return 1 - Math.min(1, share / 0.4);
}

/** @param share of a piece that nearer ones hide */
export function unhidden(share: number): number {
  return share <= 0.15 ? 1 : Math.max(0, 1 - (share - 0.15) / 0.5);
}

/**
 * A room deserves the largest of the sizes that suit it.
 * @param share of the best width
 */
export function ample(share: number): number {
  return plateau(share, [0.4, 0.95, 99, 100]);
}

/** Weighted mean of terms: what the search makes as large as it can. */
export function mean(terms: readonly (readonly [weight: number, value: number])[]): number {
  let sum = 0;
  let total = 0;
  for (const [weight, value] of terms) {
    sum += weight * value;
    total += weight;
  }
  return total === 0 ? 0 : sum / total;
}

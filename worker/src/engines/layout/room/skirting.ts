import { numberAt } from '../geometry/score.ts';
import { footT, nearest, toleranceOf } from './planes.ts';
import type { Evidence, Stretch } from './trace.ts';
import { columnU, type View } from './view.ts';

/** Heights of skirting boards in camera heights: 4 to 12 cm. */
const LOWEST = 0.03;
const HIGHEST = 0.085;
const STEP = 0.0025;
/** Of a wall's columns, with an edge where its foot would be under such a board. */
const SEEN_MIN = 0.35;

/**
 * A board of the floor's colour hides where the floor ends: its upper edge is taken for the foot. The walls of a room have
 * boards of one height, so a common step down is looked for; where there is none, or the foot was found, nothing moves.
 */
export function belowSkirting(view: View, evidence: Evidence, stretches: readonly Stretch[]): Stretch[] {
  let best = { ratio: 1, sum: 0 };
  for (let height = LOWEST; height <= HIGHEST; height += STEP) {
    const ratio = 1 / (1 - height);
    const sum = stretches.reduce(
      (total, stretch) => total + (stretch.to - stretch.from + 1) * seenAt(view, evidence, stretch, ratio),
      0,
    );
    if (sum > best.sum) best = { ratio, sum };
  }
  const boarded = new Set(
    stretches.filter((stretch) => seenAt(view, evidence, stretch, best.ratio) >= SEEN_MIN),
  );
  // A floor board may lie along one wall, not along two at the same step.
  if (boarded.size < 2) return [...stretches];
  return stretches.map((stretch) => {
    if (!boarded.has(stretch)) return stretch;
    const { axis, nearness } = stretch.plane;
    return { ...stretch, plane: { axis, nearness: nearness * best.ratio } };
  });
}

/** How much of a wall has an edge at its foot when it is nearer by a ratio, 0 to 1. */
function seenAt(view: View, { across }: Evidence, { plane, from, to }: Stretch, ratio: number): number {
  const tolerance = toleranceOf(view) / 2;
  let seen = 0;
  let columns = 0;
  for (let i = from; i <= to; i += 1) {
    const foot = footT(view, plane, columnU(view, i)) * ratio;
    if (foot < numberAt(view.lowest, i) + tolerance) continue;
    columns += 1;
    if (nearest(across[plane.axis]?.[i], foot, tolerance) > 0) seen += 1;
  }
  return columns === 0 ? 0 : seen / columns;
}

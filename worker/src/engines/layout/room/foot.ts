import { numberAt } from '../geometry/score.ts';
import { contrastAt } from './contrast.ts';
import { footT, nearest, toleranceOf } from './planes.ts';
import { stepOffset, stepsAt } from './steps.ts';
import type { Evidence, Stretch } from './trace.ts';
import { columnU, type View } from './view.ts';

/** An edge counts as found from here. */
const FOUND = 0.2;
/** Difference of colour over a foot, 0 to 1; a joint between boards has the floor on both sides. */
const PARTED = 0.25;
/** Columns on each side that vouch for a foot, and the share of them that has to show it. */
const AROUND = 8;
const SEEN_MIN = 0.6;
/** Cells by which walls that are not quite square put a foot astray. */
const ASTRAY = 2;
/** Columns between two that are seen. */
const BRIDGE = 45;

/** Whether a column shows the foot of its wall: 1 yes, 0 no, -1 below the picture. */
export function footSeenAt(view: View, evidence: Evidence, { plane }: Stretch, column: number): -1 | 0 | 1 {
  const tolerance = toleranceOf(view);
  const foot = footT(view, plane, columnU(view, column));
  if (foot <= numberAt(view.lowest, column) + tolerance) return -1;
  if (stepsAt(view, evidence.sums, column, foot)) return 1;
  const edge = nearest(evidence.across[plane.axis]?.[column], foot, tolerance);
  return edge > FOUND && contrastAt(view, evidence.sums, column, foot) > PARTED ? 1 : 0;
}

/** Shares by which a wall may be nearer or farther than its edges say, and how much better its foot has to be seen there. */
const NEARER = 0.05;
const STEP = 0.005;
const BETTER = 0.12;

/** The same walls; one whose foot is seen beside where its edges put it is moved there. */
export function settleFeet(view: View, evidence: Evidence, stretches: readonly Stretch[]): Stretch[] {
  return stretches.map((stretch) => {
    let best = { stretch, share: seenShare(view, evidence, stretch) + BETTER };
    for (let off = -NEARER; off <= NEARER; off += STEP) {
      const { axis, nearness } = stretch.plane;
      const moved = { ...stretch, plane: { axis, nearness: nearness * (1 + off) } };
      const share = seenShare(view, evidence, moved);
      if (share > best.share) best = { stretch: moved, share };
    }
    return best.stretch;
  });
}

function seenShare(view: View, evidence: Evidence, stretch: Stretch): number {
  let columns = 0;
  let seen = 0;
  for (let column = stretch.from; column <= stretch.to; column += 1) {
    const shown = footSeenAt(view, evidence, stretch, column);
    if (shown >= 0) columns += 1;
    if (shown > 0) seen += 1;
  }
  return columns === 0 ? 0 : seen / columns;
}

/** For each column whether it and those beside it show the foot of its wall, all at one place; 0 where there is no wall. */
export function provenFeet(view: View, evidence: Evidence, stretches: readonly Stretch[]): Uint8Array {
  const proven = new Uint8Array(view.columns);
  for (const stretch of stretches) {
    const { from, to } = stretch;
    const offs = Array.from({ length: to - from + 1 }, (_, n) =>
      footOffset(view, evidence, stretch, from + n),
    );
    for (const n of offs.keys()) {
      // Below the picture nothing has to be seen.
      const beside = offs.slice(Math.max(0, n - AROUND), n + AROUND + 1).filter((off) => off !== 'below');
      const found = beside.filter((off) => off !== 'none');
      const middle = found.toSorted((a, b) => a - b)[Math.floor(found.length / 2)] ?? 0;
      const agreeing = found.filter((off) => Math.abs(off - middle) <= 1).length;
      proven[from + n] = Math.abs(middle) <= ASTRAY && agreeing >= SEEN_MIN * beside.length ? 1 : 0;
    }
    bridge(proven, from, to);
  }
  return proven;
}

/** A foot that is seen on both sides of a short gap goes on in it: a board of the floor's colour, a socket's cable. */
function bridge(proven: Uint8Array, from: number, to: number): void {
  let last = -1;
  for (let column = from; column <= to; column += 1) {
    if (proven[column] === 0) continue;
    if (last >= 0 && column - last <= BRIDGE) proven.fill(1, last, column);
    last = column;
  }
}

/** Cells from the foot of a wall down to where a column shows it. */
function footOffset(
  view: View,
  evidence: Evidence,
  stretch: Stretch,
  column: number,
): number | 'below' | 'none' {
  const seen = footSeenAt(view, evidence, stretch, column);
  if (seen !== 0) return seen < 0 ? 'below' : 0;
  return stepOffset(view, evidence.sums, column, footT(view, stretch.plane, columnU(view, column))) ?? 'none';
}

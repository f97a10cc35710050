import { numberAt } from '../geometry/score.ts';
import { contrastAt } from './contrast.ts';
import { footSeenAt } from './foot.ts';
import { type Edges, footT, nearest, toleranceOf } from './planes.ts';
import type { Evidence, Outline } from './trace.ts';
import { columnOf, columnU, type View } from './view.ts';

/** What speaks for an outline of the floor and against it. Shares are 0 to 1. */
export interface Marks extends Signs {
  /** How well the outlines that began from different colours agree. */
  readonly agreement: number;
}

/** What the edges and colours of the photo say of one outline. */
export interface Signs {
  /** Of the feet that can be seen, on a straight edge that follows the wall, or where colours change. */
  readonly support: number;
  /** Mean difference of colour above and below the feet. */
  readonly contrast: number;
  /** Of the places where a ceiling should be seen, on a straight edge. */
  readonly ceiling: number;
  /** Length of upright edges on the floor. */
  readonly clutter: number;
}

/** An edge counts as found from here. */
const FOUND = 0.2;
/** Mean difference of colour over a foot that is seen for certain. */
const PLAIN = 0.65;

export function signsOf(view: View, evidence: Evidence, edges: Edges, outline: Outline): Signs {
  const tolerance = toleranceOf(view);
  const seen = { feet: 0, supported: 0, contrast: 0, ceilings: 0, agreeing: 0 };
  for (const stretch of outline.stretches) {
    const { plane, from, to } = stretch;
    const here = { feet: 0, contrast: 0 };
    for (let i = from; i <= to; i += 1) {
      const edgesHere = evidence.across[plane.axis]?.[i];
      const foot = footT(view, plane, columnU(view, i));
      const shown = footSeenAt(view, evidence, stretch, i);
      if (shown >= 0) {
        here.feet += 1;
        here.contrast += contrastAt(view, evidence.sums, i, foot);
        seen.supported += shown;
      }
      if (outline.ceiling === undefined) continue;
      const ceiling = -(outline.ceiling - 1) * foot;
      if (ceiling > numberAt(view.highest, i) - tolerance) continue;
      seen.ceilings += 1;
      if (nearest(edgesHere, ceiling, tolerance) > FOUND) seen.agreeing += 1;
    }
    seen.contrast += here.contrast;
    seen.feet += isPlain(here) ? here.feet : to - from + 1;
  }
  return {
    support: share(seen.supported, seen.feet),
    contrast: share(seen.contrast, seen.feet),
    ceiling: share(seen.agreeing, seen.ceilings),
    clutter: clutterOf(view, edges, outline),
  };
}

/**
 * Whether the part of a foot that is seen tells of the rest, below the picture. A joint of the floor that runs out of the
 * picture does not: it would make a wall of which hardly anything has to be seen.
 */
function isPlain({ feet, contrast }: { feet: number; contrast: number }): boolean {
  return feet === 0 || contrast > PLAIN * feet;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Edges this near to where a level axis vanishes may be floor boards as well as upright, as a tangent. */
const AMBIGUOUS = 0.12;

/**
 * Upright edges that lie on the floor: a floor has none, but what stands on it, and tubs and cupboards that were taken
 * for it. Their length as a share of the long side of the photo's 960 pixels.
 */
function clutterOf(view: View, edges: Edges, { stretches }: Outline): number {
  const vanishing = [0, 1].map((axis) => {
    // The wall along an axis is square to the other one.
    const [p, q] = view.upright.normal(axis as 0 | 1);
    return q === 0 ? Number.POSITIVE_INFINITY : -p / q;
  });
  let sum = 0;
  for (const { u1, t1, u2, t2, length } of edges[2]) {
    const u = (u1 + u2) / 2;
    const column = columnOf(view, u);
    const stretch = stretches.find(({ from, to }) => from <= column && column <= to);
    if (!stretch || vanishing.some((point) => Math.abs(point - u) < AMBIGUOUS)) continue;
    const foot = footT(view, stretch.plane, u) - 3 * view.cell;
    const [low, high] = [Math.min(t1, t2), Math.max(t1, t2)];
    if (low >= foot) continue;
    sum += (length * (Math.min(foot, high) - low)) / (high - low);
  }
  return sum / view.columns / 3;
}

import { numberAt } from '../geometry/score.ts';
import { crossings, type Edge, type Edges, footT, nearest, toleranceOf } from './planes.ts';
import type { Stretch } from './trace.ts';
import { columnU, type View } from './view.ts';

/** Heights of ceilings in camera heights. */
const LOW = 1.35;
const HIGH = 2.9;
const BIN = 0.012;
const KEPT = 8;
/** How much the bins beside one count. */
const BESIDE = 0.6;

/**
 * Heights at which the ceiling may lie, in camera heights, the likeliest first: a wall's foot and its upper edge lie
 * over one another at the same share everywhere, so pairs of edges vote for it.
 */
export function likelyCeilings(edges: Edges): number[] {
  const bins = Math.ceil((HIGH - LOW) / BIN);
  const votes = new Float64Array(bins);
  const heights = new Float64Array(bins);
  for (const axis of [0, 1] as const) {
    const lower = edges[axis].filter(({ t1, t2 }) => t1 < 0 && t2 < 0);
    const upper = edges[axis].filter(({ t1, t2 }) => t1 > 0 && t2 > 0);
    for (const foot of lower)
      for (const head of upper) {
        const from = Math.max(foot.u1, head.u1);
        const to = Math.min(foot.u2, head.u2);
        if (to <= from) continue;
        const middle = (from + to) / 2;
        const height = 1 - heightAt(head, middle) / heightAt(foot, middle);
        const bin = Math.floor((height - LOW) / BIN);
        if (bin < 0 || bin >= bins) continue;
        votes[bin] = numberAt(votes, bin) + to - from;
        heights[bin] = numberAt(heights, bin) + (to - from) * height;
      }
  }
  const around = (sums: Float64Array) =>
    sums.map((sum, n) => sum + BESIDE * ((sums[n - 1] ?? 0) + (sums[n + 1] ?? 0)));
  const blurred = around(votes);
  const blurredHeights = around(heights);
  return [...blurred.keys()]
    .filter((n) => numberAt(blurred, n) > 0)
    .filter((n) => numberAt(blurred, n) >= Math.max(blurred[n - 1] ?? 0, blurred[n + 1] ?? 0))
    .toSorted((a, b) => numberAt(blurred, b) - numberAt(blurred, a))
    .slice(0, KEPT)
    .map((n) => numberAt(blurredHeights, n) / numberAt(blurred, n));
}

function heightAt({ u1, t1, u2, t2 }: Edge, u: number): number {
  return u2 === u1 ? (t1 + t2) / 2 : t1 + ((u - u1) / (u2 - u1)) * (t2 - t1);
}

/** Of the places where a ceiling over marked walls would be seen, on an edge. */
const SEEN_MIN = 0.45;
/** Columns in which one has to be in the picture. */
const COLUMNS_MIN = 40;

/** Height of the ceiling over walls that are known, in camera heights; undefined when none is seen. */
export function ceilingOver(view: View, edges: Edges, stretches: readonly Stretch[]): number | undefined {
  const across = [crossings(view, edges[0]), crossings(view, edges[1])];
  const tolerance = toleranceOf(view);
  let best: { height: number; share: number } | undefined;
  for (let height = LOW; height <= HIGH; height += BIN / 2) {
    let seen = 0;
    let columns = 0;
    for (const { plane, from, to } of stretches)
      for (let i = from; i <= to; i += 1) {
        const t = -(height - 1) * footT(view, plane, columnU(view, i));
        if (t <= 0 || t > numberAt(view.highest, i) - tolerance) continue;
        columns += 1;
        if (nearest(across[plane.axis]?.[i], t, tolerance) > 0) seen += 1;
      }
    if (columns < COLUMNS_MIN) continue;
    const share = seen / columns;
    if (share >= SEEN_MIN && (!best || share > best.share)) best = { height, share };
  }
  return best?.height;
}

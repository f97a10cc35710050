import { numberAt } from '../geometry/score.ts';
import type { Edge, Edges } from './planes.ts';

/** Heights of ceilings in camera heights. */
const LOW = 1.35;
const HIGH = 2.9;
const BIN = 0.012;
const KEPT = 8;

/**
 * Heights at which the ceiling may lie, in camera heights, the likeliest first: a wall's foot and its upper edge lie
 * over one another at the same share everywhere, so pairs of edges vote for it.
 */
export function likelyCeilings(edges: Edges): number[] {
  const bins = Math.ceil((HIGH - LOW) / BIN);
  const votes = new Float64Array(bins);
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
        if (bin >= 0 && bin < bins) votes[bin] = numberAt(votes, bin) + to - from;
      }
  }
  const blurred = votes.map((vote, n) => vote + 0.6 * ((votes[n - 1] ?? 0) + (votes[n + 1] ?? 0)));
  return [...blurred.keys()]
    .filter((n) => numberAt(blurred, n) > 0)
    .filter((n) => numberAt(blurred, n) >= Math.max(blurred[n - 1] ?? 0, blurred[n + 1] ?? 0))
    .toSorted((a, b) => numberAt(blurred, b) - numberAt(blurred, a))
    .slice(0, KEPT)
    .map((n) => LOW + (n + 0.5) * BIN);
}

function heightAt({ u1, t1, u2, t2 }: Edge, u: number): number {
  return u2 === u1 ? (t1 + t2) / 2 : t1 + ((u - u1) / (u2 - u1)) * (t2 - t1);
}

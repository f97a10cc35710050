import { numberAt } from '../geometry/score.ts';
import { sumsOf } from './contrast.ts';
import { type Marks, type Signs, signsOf } from './marks.ts';
import { type Picture, pool } from './picture.ts';
import { type Edges, footT, likelyPlanes } from './planes.ts';
import { learn, partings, tonesOf } from './tones.ts';
import { type Evidence, gatherEvidence, type Outline, trace } from './trace.ts';
import { columnU, rowOf, type View } from './view.ts';

export interface FoundFloor {
  readonly outline: Outline;
  readonly evidence: Evidence;
  readonly marks: Marks;
}

/** Pixels of the photo that are averaged before their tones are learnt. */
const POOL = 3;
/** Of the picture's height and width: what is floor in most photos. */
const SEED_HEIGHT = 0.1;
const SEED_MARGIN = 0.15;
/** Of the way from the foot to the horizon: just above a foot that was put too low is more floor. */
const WALL_FROM = 0.8;
/** Worth this much more makes the other outline no rival. */
const CLEARLY_BETTER = 0.12;
/**
 * What an outline is worth beside its score, which knows nothing of upright edges on the floor and learns its tones from the
 * outline itself: feet that are seen, and colours that change at them; less what stands on its floor.
 */
const SEEN = 0.4;
const STANDING = 0.6;

/**
 * Traces the floor from the tones at the lower side of the picture and from what the edges alone say is floor, each
 * learning anew from what it found. Of what was found on the way the most trustworthy is taken.
 * @returns undefined when no straight edge may be the foot of a wall
 */
export function findFloor(view: View, picture: Picture, edges: Edges): FoundFloor | undefined {
  const evidence = gatherEvidence(view, edges, likelyPlanes(view, edges), sumsOf(view, picture));
  const byEdges = trace(view, evidence, undefined);
  if (!byEdges) return undefined;
  const tones = tonesOf(view, pool(picture, POOL));
  const outlineFrom = (part: Int8Array) =>
    trace(view, evidence, partings(view, tones, learn(view, tones, part)));
  const weighed = (outline: Outline): Weighed => {
    const signs = signsOf(view, evidence, edges, outline);
    const worth = outline.score + SEEN * (signs.support + signs.contrast) - STANDING * signs.clutter;
    return { outline, signs, worth };
  };
  // The few tones that a tracing begins with flatter it: it scores no better than the next one.
  const traced = [lowerSide(view), sidesOf(view, byEdges)].map((seed) => {
    const once = outlineFrom(seed);
    const twice = once && outlineFrom(sidesOf(view, once));
    return once && twice && { once: weighed(once), twice: weighed(twice) };
  });
  const found = traced.filter((pair) => pair !== undefined);
  const last = found.map(({ twice }) => twice);
  const first = found.map(({ once, twice }) => {
    const flattery = Math.max(0, once.outline.score - twice.outline.score);
    return { ...once, worth: once.worth - flattery };
  });
  const best = [...last, ...first].toSorted((a, b) => b.worth - a.worth)[0];
  if (!best || last.length < traced.length) return undefined;
  const floor = sidesOf(view, best.outline);
  const agreement = last
    .filter(({ worth }) => worth > best.worth - CLEARLY_BETTER)
    .map(({ outline }) => overlap(view, floor, sidesOf(view, outline)));
  return {
    outline: best.outline,
    evidence,
    marks: { ...best.signs, agreement: Math.min(1, ...agreement) },
  };
}

interface Weighed {
  readonly outline: Outline;
  readonly signs: Signs;
  readonly worth: number;
}

/** The lowest strip of the picture as floor, all above the horizon as not. */
function lowerSide(view: View): Int8Array {
  return parts(view, (column) => {
    const low = numberAt(view.lowest, column);
    const high = numberAt(view.highest, column);
    const middle = Math.abs(column / view.columns - 0.5) < 0.5 - SEED_MARGIN;
    return { floor: middle ? low + SEED_HEIGHT * (high - low) : Number.NEGATIVE_INFINITY, wall: 0 };
  });
}

function sidesOf(view: View, { stretches }: Outline): Int8Array {
  const feet = new Float64Array(view.columns);
  for (const { plane, from, to } of stretches)
    for (let column = from; column <= to; column += 1)
      feet[column] = footT(view, plane, columnU(view, column));
  return parts(view, (column) => {
    const foot = numberAt(feet, column);
    return { floor: foot - 1.5 * view.cell, wall: foot * WALL_FROM };
  });
}

/** 1 below the one, -1 above the other, 0 between. */
function parts(view: View, limits: (column: number) => { floor: number; wall: number }): Int8Array {
  const part = new Int8Array(view.pixels.length);
  for (let column = 0; column < view.columns; column += 1) {
    const { floor, wall } = limits(column);
    const wallRow = rowOf(view, wall);
    const floorRow = Number.isFinite(floor) ? rowOf(view, floor) : view.rows;
    for (let row = 0; row < view.rows; row += 1) {
      const cell = row * view.columns + column;
      if (row < wallRow) part[cell] = -1;
      else if (row >= floorRow) part[cell] = 1;
    }
  }
  return part;
}

function overlap(view: View, one: Int8Array, other: Int8Array): number {
  let both = 0;
  let any = 0;
  for (let cell = 0; cell < one.length; cell += 1) {
    if ((view.pixels[cell] as number) < 0) continue;
    const [a, b] = [one[cell] === 1, other[cell] === 1];
    both += a && b ? 1 : 0;
    any += a || b ? 1 : 0;
  }
  return any === 0 ? 0 : both / any;
}

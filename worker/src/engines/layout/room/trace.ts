import { numberAt } from '../geometry/score.ts';
import { likelyCeilings } from './ceilings.ts';
import { contrastAt, type Sums, shadedContrastAt } from './contrast.ts';
import {
  crossings,
  type Edges,
  footT,
  nearest,
  type Plane,
  toleranceOf,
  uprightShare,
  uprightSums,
} from './planes.ts';
import { columnU, rowOf, type View } from './view.ts';

/** What the outline of the floor is traced by, made once for a photo. */
export interface Evidence {
  readonly planes: readonly Plane[];
  /** Per axis and column, `t` of the edges. */
  readonly across: readonly (readonly number[][])[];
  /** Upright edges, see `uprightSums`. */
  readonly upright: Uint16Array;
  readonly sums: Sums;
  /** Heights of ceilings to try, in camera heights. */
  readonly ceilings: readonly number[];
  /** For each column the edges below the horizon that part colours, the lowest first. */
  readonly strays: readonly (readonly Stray[])[];
}

interface Stray {
  readonly t: number;
  /** The most contrast up to here, 0 to 1. */
  readonly most: number;
}

/** A stretch of the outline: columns `from` to `to` (included) end at the foot of a plane. */
export interface Stretch {
  readonly plane: Plane;
  readonly from: number;
  readonly to: number;
}

export interface Outline {
  readonly stretches: readonly Stretch[];
  readonly score: number;
  /** Height of the ceiling in camera heights, when one agrees. */
  readonly ceiling: number | undefined;
}

/** Gains of one column. */
const EDGE = 1;
const NO_EDGE = -0.5;
/** An edge on the floor that parts colours is the foot of something. */
const STRAY = -0.3;
const CEILING_EDGE = 0.7;
const NO_CEILING_EDGE = -0.3;
const COLOUR = 1.6;
/** How much of an edge's worth is that it parts two colours: boards and tiles have edges too. */
const CONTRAST = 0.7;
/** Costs of going over to another wall, in columns. */
const CORNER = 8;
const JUMP = 60;
/** What an upright edge takes off these. */
const CORNER_HELP = 0.6;
const JUMP_HELP = 0.85;
/** Share of the gap that is enough. */
const JUMP_ENOUGH = 0.6;
/** How far above a corner to look for its upright edge, as a tangent. */
const CORNER_REACH = 0.25;
/** Cells within which two feet meet. */
const MEET = 2.5;
const IMPOSSIBLE = -1e9;

export function gatherEvidence(view: View, edges: Edges, planes: readonly Plane[], sums: Sums): Evidence {
  const across = [crossings(view, edges[0]), crossings(view, edges[1])];
  return {
    planes,
    across,
    strays: straysOf(view, across, sums),
    upright: uprightSums(view, edges[2]),
    sums,
    ceilings: likelyCeilings(edges),
  };
}

function straysOf(view: View, across: readonly (readonly number[][])[], sums: Sums): Stray[][] {
  return Array.from({ length: view.columns }, (_, i) => {
    let most = 0;
    return across
      .flatMap((columns) => columns[i] ?? [])
      .filter((t) => t < 0)
      .toSorted((p, q) => p - q)
      .map((t) => {
        most = Math.max(most, shadedContrastAt(view, sums, i, t));
        return { t, most };
      });
  });
}

/** The most contrast of an edge below a foot. */
function strayBelow(strays: readonly Stray[] | undefined, t: number): number {
  return strays?.findLast((stray) => stray.t < t)?.most ?? 0;
}

/**
 * The best outline of the floor: for each column the wall that ends it, by edges at the foot, by edges at the ceiling
 * over it, and by what parts the colours; few changes from wall to wall, at corners or at upright edges.
 * @param parting of colours, see `partings`
 */
export function trace(
  view: View,
  evidence: Evidence,
  parting: Float32Array | undefined,
): Outline | undefined {
  if (evidence.planes.length === 0) return undefined;
  const feet = evidence.planes.map((plane) => feetOf(view, plane));
  const base = evidence.planes.map((plane, k) =>
    gains(view, evidence, plane, feet[k] as Float64Array, parting),
  );
  let best: Outline | undefined;
  for (const ceiling of evidence.ceilings) {
    const gain = evidence.planes.map((plane, k) => {
      const sums = Float64Array.from(base[k] as Float64Array);
      const foot = feet[k] as Float64Array;
      for (let i = 0; i < view.columns; i += 1)
        sums[i] = numberAt(sums, i) + ceilingGain(view, evidence, plane, numberAt(foot, i), ceiling, i);
      return sums;
    });
    const outline = bestPath(view, evidence, feet, gain);
    if (!best || outline.score > best.score) best = { ...outline, ceiling };
  }
  const without = bestPath(view, evidence, feet, base);
  // Feet alone that do better than with any ceiling: none agrees.
  return best && best.score > without.score ? best : { ...without, ceiling: undefined };
}

function feetOf(view: View, plane: Plane): Float64Array {
  return Float64Array.from({ length: view.columns }, (_, i) => footT(view, plane, columnU(view, i)));
}

function gains(
  view: View,
  { across, sums, strays }: Evidence,
  plane: Plane,
  feet: Float64Array,
  parting: Float32Array | undefined,
): Float64Array {
  const tolerance = toleranceOf(view);
  return Float64Array.from(feet, (t, i) => {
    // Behind the camera or at the horizon: no wall of a room.
    if (t > -0.04) return IMPOSSIBLE;
    let gain = 0;
    if (t > numberAt(view.lowest, i) + tolerance) {
      const contrast = contrastAt(view, sums, i, t);
      const edge = nearest(across[plane.axis]?.[i], t, tolerance);
      gain += edgeGain(edge * (1 - CONTRAST + CONTRAST * contrast), EDGE, NO_EDGE);
    }
    gain += STRAY * strayBelow(strays[i], t - 3 * tolerance);
    if (parting) {
      const row = Math.min(view.rows, Math.max(0, rowOf(view, t)));
      gain += COLOUR * (parting[row * view.columns + i] as number);
    }
    return gain;
  });
}

/** From the loss without an edge to the gain with one. */
function edgeGain(support: number, most: number, least: number): number {
  return least + (most - least) * support;
}

function ceilingGain(
  view: View,
  { across }: Evidence,
  plane: Plane,
  foot: number,
  ceiling: number,
  column: number,
): number {
  const t = -(ceiling - 1) * foot;
  if (foot > -0.04 || t > numberAt(view.highest, column) - toleranceOf(view)) return 0;
  return edgeGain(nearest(across[plane.axis]?.[column], t, toleranceOf(view)), CEILING_EDGE, NO_CEILING_EDGE);
}

/** What a corner costs: less with an upright edge over it. */
function corner(view: View, upright: Uint16Array, column: number, t: number): number {
  return CORNER * (1 - CORNER_HELP * uprightShare(view, upright, column, t, t + CORNER_REACH));
}

/** What it costs that one wall hides another: its end has to be seen, from its foot up to the other one's. */
function jump(view: View, upright: Uint16Array, column: number, t: number, other: number): number {
  const low = Math.max(Math.min(t, other), numberAt(view.lowest, column));
  const high = Math.max(t, other);
  const share = Math.min(
    uprightShare(view, upright, column, low, high),
    // What begins higher up is a window.
    uprightShare(view, upright, column, low, low + (high - low) / 3),
  );
  return JUMP * (1 - JUMP_HELP * Math.min(1, share / JUMP_ENOUGH));
}

function bestPath(
  view: View,
  { planes, upright }: Evidence,
  feet: readonly Float64Array[],
  gain: readonly Float64Array[],
): Omit<Outline, 'ceiling'> {
  const count = planes.length;
  const from = new Int16Array(view.columns * count);
  let sums = Float64Array.from(gain, (g) => numberAt(g, 0));
  for (let i = 1; i < view.columns; i += 1) {
    const next = new Float64Array(count);
    for (let k = 0; k < count; k += 1) {
      const here = numberAt(feet[k] as Float64Array, i);
      let best = numberAt(sums, k);
      let before = k;
      for (let j = 0; j < count; j += 1) {
        if (j === k) continue;
        if (numberAt(sums, j) - CORNER * (1 - CORNER_HELP) <= best) continue;
        const there = numberAt(feet[j] as Float64Array, i);
        const meets = Math.abs(there - here) < MEET * view.cell && planes[j]?.axis !== planes[k]?.axis;
        const sum =
          numberAt(sums, j) - (meets ? corner(view, upright, i, here) : jump(view, upright, i, here, there));
        if (sum > best) {
          best = sum;
          before = j;
        }
      }
      from[i * count + k] = before;
      next[k] = best + numberAt(gain[k] as Float64Array, i);
    }
    sums = next;
  }
  let at = sums.indexOf(Math.max(...sums));
  const score = numberAt(sums, at) / view.columns;
  const stretches: Stretch[] = [];
  let end = view.columns - 1;
  for (let i = view.columns - 1; i >= 0; i -= 1) {
    const before = i === 0 ? -1 : (from[i * count + at] as number);
    if (before === at) continue;
    const plane = planes[at];
    if (plane) stretches.unshift({ plane, from: i, to: end });
    end = i - 1;
    at = before;
  }
  return { stretches, score };
}

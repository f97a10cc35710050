import { axesOf, type Vec3 } from './camera.ts';
import { type Guess, type Lines, numberAt, pickLines, STRIDE, squaredError } from './score.ts';
import { FINE, type Problem, refine, yawApart } from './search.ts';

const DEGREE = Math.PI / 180;
const APART_MIN = 8 * DEGREE;
const LIMIT = FINE * FINE;

/** A pair of level axes. */
export interface Frame {
  /** Radians, as in `Pose`. */
  readonly yaw: number;
  /** Share of the weight of all lines that it explains and the other frame does not. */
  readonly share: number;
}

/**
 * Tiles laid at 45 degrees and sun on the floor make a second pair of level axes, at times with more lines than the
 * walls. Walls reach above the horizon, and floors do not: of two frames the one with more lines up there is the room's.
 * @returns the guess with the room's frame, and the other one
 */
export function chooseFrame(problem: Problem, guess: Guess): { guess: Guess; other: Frame | undefined } {
  const other = findOther(problem.lines, guess);
  if (!other) return { guess, other };
  const { lines } = problem;
  if (shareAbove(lines, { ...guess, yaw: other.yaw }) <= shareAbove(lines, guess)) return { guess, other };
  const turned = refine(problem, { ...guess, yaw: other.yaw }).guess;
  // The climb may have led back to where it came from.
  if (yawApart(turned.yaw, guess.yaw) < APART_MIN) return { guess, other };
  return { guess: turned, other: findOther(lines, turned) };
}

/** Of a frame's share above the horizon, what another one needs up there to be a rival at all. */
const RIVAL_SHARE = 0.5;

/** Whether another guess names the level axes otherwise and cannot be the room's, as too little follows it on the walls. */
export function isFloorPattern(lines: Lines, other: Guess, best: Guess): boolean {
  if (yawApart(other.yaw, best.yaw) < APART_MIN) return false;
  return shareAbove(lines, other) < RIVAL_SHARE * shareAbove(lines, best);
}

/** What a line below the horizon counts for. */
const FLOOR_WEIGHT = 0.5;

/** The same lines, those on the floor with less weight: they may be boards and patches of sun, which follow no wall. */
export function lighterFloor(lines: Lines, guess: Guess): Lines {
  const { up } = axesOf(guess);
  const weights = lines.weights.map((weight, n) =>
    isAbove(lines, n, guess, up) ? weight : FLOOR_WEIGHT * weight,
  );
  return { ...lines, weights, totalWeight: weights.reduce((sum, weight) => sum + weight, 0) };
}

/** Of the weight of all lines; a weaker pattern cannot pull at the answer. */
const PATTERN_SHARE = 0.08;

/**
 * Without the lines below the horizon that follow nothing but a pattern of the floor: patches of sun are no evidence of
 * how the walls run.
 */
export function withoutPattern(lines: Lines, guess: Guess, other: Frame | undefined): Lines {
  if (!other || other.share < PATTERN_SHARE) return lines;
  const turned = { ...guess, yaw: other.yaw };
  if (!isFloorPattern(lines, turned, guess)) return lines;
  const walls = axesOf(guess);
  const pattern = axesOf(turned);
  const fits = (n: number, axes: readonly Vec3[]) =>
    axes.some((axis) => squaredError(lines.data, n * STRIDE, axis, guess) < LIMIT);
  const kept = Array.from({ length: lines.count }, (_, n) => n).filter(
    (n) =>
      isAbove(lines, n, guess, walls.up) ||
      fits(n, [walls.a, walls.b, walls.up]) ||
      !fits(n, [pattern.a, pattern.b]),
  );
  return pickLines(lines, kept);
}

/** Whether the ray through the middle of a line points upwards. */
function isAbove(lines: Lines, n: number, guess: Guess, up: Vec3): boolean {
  const x = numberAt(lines.data, n * STRIDE) - guess.offsetX;
  const y = numberAt(lines.data, n * STRIDE + 1) - guess.offsetY;
  return x * up[0] + y * up[1] + guess.focal * up[2] > 0;
}

/** The strongest level frame in what the chosen one leaves over. */
function findOther(lines: Lines, guess: Guess): Frame | undefined {
  const { a, b, up } = axesOf(guess);
  const left: number[] = [];
  for (let n = 0; n < lines.count; n += 1)
    if ([a, b, up].every((axis) => squaredError(lines.data, n * STRIDE, axis, guess) >= LIMIT)) left.push(n);
  let best: Frame | undefined;
  for (let degrees = -45; degrees < 45; degrees += 1) {
    const turned = { ...guess, yaw: degrees * DEGREE };
    if (yawApart(turned.yaw, guess.yaw) < APART_MIN) continue;
    const sum = weightOf(lines, left, turned);
    if (sum > 0 && (!best || sum > best.share * lines.totalWeight))
      best = { yaw: turned.yaw, share: sum / lines.totalWeight };
  }
  return best;
}

/** Share of the lines above the horizon, the upright ones apart, that this frame explains. */
function shareAbove(lines: Lines, guess: Guess): number {
  const { up } = axesOf(guess);
  const above: number[] = [];
  for (let n = 0; n < lines.count; n += 1) {
    if (squaredError(lines.data, n * STRIDE, up, guess) < LIMIT) continue;
    if (isAbove(lines, n, guess, up)) above.push(n);
  }
  return weightOf(lines, above, guess) / lines.totalWeight;
}

/** Weight of those of the lines that follow one of the frame's level axes. */
function weightOf(lines: Lines, chosen: readonly number[], guess: Guess): number {
  const { a, b } = axesOf(guess);
  let sum = 0;
  for (const n of chosen) {
    const error = Math.min(
      squaredError(lines.data, n * STRIDE, a, guess),
      squaredError(lines.data, n * STRIDE, b, guess),
    );
    if (error < LIMIT) sum += numberAt(lines.weights, n);
  }
  return sum;
}

import { axesOf, focalPixels } from './camera.ts';
import {
  type FocalPrior,
  type Guess,
  type Lines,
  logPrior,
  manhattanScore,
  numberAt,
  pickLines,
  STRIDE,
  squaredError,
} from './score.ts';
import { climb } from './simplex.ts';

const DEGREE = Math.PI / 180;
export const COARSE = Math.sin(3 * DEGREE);
export const FINE = Math.sin(1.8 * DEGREE);

/** Millimetres on the long side of 36 mm. */
const FOCALS = [14, 15.5, 17, 19, 21, 23.5, 26.5, 30, 34, 39, 45];
const PITCH_MAX = 34;
const ROLL_MAX = 9;
const ROLL_STEP = 0.75;
/** Ways of holding the camera that are tried with every yaw, for each focal length. */
const HOLDS = 10;
const KEPT = 24;
const ITERATIONS = 90;

export interface Hypothesis {
  readonly guess: Guess;
  /** Share of the lines that is explained, plus the prior. */
  readonly score: number;
}

export interface Problem {
  readonly lines: Lines;
  readonly longSide: number;
  readonly prior: FocalPrior;
}

/** Every way of holding a camera in a room of three square axes, the best first; each refined, no two alike. */
export function searchManhattan(problem: Problem): Hypothesis[] {
  const found: Hypothesis[] = [];
  for (const millimetres of FOCALS) {
    const focal = focalPixels(millimetres, problem.longSide);
    for (const { pitch, roll } of likelyHolds(problem, focal))
      found.push(...yaws(problem, focal, pitch, roll));
  }
  const refined = distinct(found, KEPT).map(({ guess }) => refine(problem, guess));
  return distinct(refined, KEPT);
}

/** Pitch and roll under which the upright lines meet, the best first. */
function likelyHolds({ lines, longSide, prior }: Problem, focal: number) {
  const upright = uprightLines(lines);
  const limit = COARSE * COARSE;
  const scored: { pitch: number; roll: number; score: number }[] = [];
  for (let p = -PITCH_MAX; p <= PITCH_MAX; p += 1) {
    for (let r = -ROLL_MAX; r <= ROLL_MAX; r += ROLL_STEP) {
      const guess: Guess = { pitch: p * DEGREE, roll: r * DEGREE, yaw: 0, focal, offsetX: 0, offsetY: 0 };
      const { up } = axesOf(guess);
      let sum = 0;
      for (let n = 0; n < upright.count; n += 1) {
        const error = squaredError(upright.data, n * STRIDE, up, guess);
        if (error < limit) sum += numberAt(upright.weights, n) * (1 - error / limit);
      }
      const score = sum / lines.totalWeight + logPrior(guess, longSide, prior);
      scored.push({ pitch: guess.pitch, roll: guess.roll, score });
    }
  }
  scored.sort((a, b) => b.score - a.score);
  const kept: typeof scored = [];
  for (const hold of scored) {
    const near = kept.some(
      (other) =>
        Math.abs(other.pitch - hold.pitch) < 2.5 * DEGREE && Math.abs(other.roll - hold.roll) < 1.6 * DEGREE,
    );
    if (!near) kept.push(hold);
    if (kept.length === HOLDS) break;
  }
  return kept;
}

function uprightLines(lines: Lines): Lines {
  const chosen: number[] = [];
  for (let n = 0; n < lines.count; n += 1)
    if (Math.abs(numberAt(lines.data, n * STRIDE + 3)) > 0.7) chosen.push(n);
  return pickLines(lines, chosen);
}

function yaws({ lines, longSide, prior }: Problem, focal: number, pitch: number, roll: number): Hypothesis[] {
  const scored: Hypothesis[] = [];
  for (let degrees = -45; degrees < 45; degrees += 1) {
    const guess: Guess = { pitch, roll, yaw: degrees * DEGREE, focal, offsetX: 0, offsetY: 0 };
    scored.push({ guess, score: manhattanScore(lines, guess, COARSE) + logPrior(guess, longSide, prior) });
  }
  return distinct(scored, 3);
}

/** Climbs to the nearest top, first with a wide tolerance, then with the one that counts. */
export function refine(
  problem: Problem,
  from: Guess,
  free: 'centred' | 'shifted' = 'centred',
  counts?: Uint8Array,
) {
  const { lines, longSide, prior } = problem;
  const toGuess = ([
    pitch = 0,
    roll = 0,
    yaw = 0,
    logFocal = 0,
    offsetX = 0,
    offsetY = 0,
  ]: readonly number[]) => ({
    pitch,
    roll,
    yaw,
    focal: Math.exp(logFocal),
    offsetX,
    offsetY,
  });
  const steps = [DEGREE, DEGREE / 2, DEGREE, 0.05];
  let point: readonly number[] = [from.pitch, from.roll, from.yaw, Math.log(from.focal)];
  if (free === 'shifted') {
    point = [...point, from.offsetX, from.offsetY];
    steps.push(0.03 * longSide, 0.03 * longSide);
  }
  let score = 0;
  for (const tolerance of [COARSE, FINE]) {
    const value = (p: readonly number[]) => {
      const guess = toGuess(p);
      return manhattanScore(lines, guess, tolerance, counts) + logPrior(guess, longSide, prior);
    };
    const top = climb(value, point, steps, ITERATIONS);
    point = top.point;
    score = top.value;
  }
  const guess = toGuess(point);
  return { guess: { ...guess, yaw: quarter(guess.yaw) }, score };
}

/** The same axes, named so that yaw lies between -45 and 45 degrees. */
function quarter(yaw: number): number {
  return yaw - Math.round(yaw / (Math.PI / 2)) * (Math.PI / 2);
}

/** Difference of two yaws of the same axes, 0 to 45 degrees. */
export function yawApart(a: number, b: number): number {
  return Math.abs(quarter(a - b));
}

function distinct(hypotheses: Hypothesis[], most: number): Hypothesis[] {
  const kept: Hypothesis[] = [];
  for (const one of hypotheses.toSorted((a, b) => b.score - a.score)) {
    const near = kept.some(
      ({ guess }) =>
        Math.abs(guess.pitch - one.guess.pitch) < 3 * DEGREE &&
        Math.abs(guess.roll - one.guess.roll) < 2 * DEGREE &&
        yawApart(guess.yaw, one.guess.yaw) < 3 * DEGREE &&
        Math.abs(Math.log(guess.focal / one.guess.focal)) < 0.2,
    );
    if (!near) kept.push(one);
    if (kept.length === most) break;
  }
  return kept;
}

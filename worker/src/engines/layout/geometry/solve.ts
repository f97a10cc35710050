import type { Camera } from './camera.ts';
import { chooseFrame, type Frame, isFloorPattern, lighterFloor, withoutPattern } from './frames.ts';
import { blur, type Gray } from './gray.ts';
import { mergeCollinear } from './merge.ts';
import {
  type FocalPrior,
  type Guess,
  type Lines,
  logPrior,
  manhattanScore,
  nearestAxis,
  numberAt,
  packLines,
  WIDE_ANGLE,
} from './score.ts';
import { FINE, type Hypothesis, type Problem, refine, searchManhattan, yawApart } from './search.ts';
import { findSegments, type Segment } from './segments.ts';

/** Pixels at a working size of about 960 on the long side. */
const BLUR = 0.8;
const USED_MIN = 20;
const USED_MOST = 400;
const RESAMPLES = 12;
const RIVALS = 10;
/** A principal point away from the middle has to explain this much more. */
const SHIFT_GAIN = 0.04;
const SHIFT_TRIES = 4;

/** What speaks for and against a solution. */
export interface Confidence {
  /** Lines that were used. */
  readonly lines: number;
  /** Share of the pixels on edges that lie on straight ones. Below 0.2 it is no room: leaves, gravel, cloth. */
  readonly lineShare: number;
  /** Share of the lines' length within 1.8 degrees of an axis. */
  readonly explained: number;
  /** Spread over resampled lines: radians, radians, logarithm. */
  readonly spread: { readonly pitch: number; readonly yaw: number; readonly focal: number };
}

export interface RoomCamera {
  readonly camera: Camera;
  readonly confidence: Confidence;
  /** The principal point is not in the middle: the picture was cropped, or the lens shifted. */
  readonly croppedOrShifted: boolean;
  readonly segments: readonly Segment[];
  /** The strongest level frame that is turned otherwise: tiles, sun on the floor, a kitchen set askew. */
  readonly otherFrame: Frame | undefined;
  /** Index of the axis of each segment: 0 `a`, 1 `b`, 2 up, -1 none. */
  readonly families: readonly (-1 | 0 | 1 | 2)[];
}

/**
 * The camera of a photo of a room, from its straight edges: the room's three square axes, the focal length and how the
 * camera was held. The same picture gives the same answer.
 * @param gray about 960 pixels on the long side, upright
 * @param prior of the focal length; from EXIF where the picture is whole
 * @returns undefined when there are too few lines to say anything
 */
export function solveCamera(gray: Gray, prior: FocalPrior = WIDE_ANGLE): RoomCamera | undefined {
  const { width, height } = gray;
  const edges = findSegments(blur(gray, BLUR));
  const segments = mergeCollinear(edges.segments)
    .filter(({ length }) => length >= USED_MIN)
    .toSorted((a, b) => b.length - a.length)
    .slice(0, USED_MOST);
  const lines = packLines(segments, width, height);
  const all: Problem = { lines, longSide: Math.max(width, height), prior };
  if (lines.count === 0) return undefined;
  const found = searchManhattan(all);
  const [first] = found;
  if (!first) return undefined;
  const problem = { ...all, lines: lighterFloor(lines, first.guess) };
  const hypotheses = rank(problem, found);
  const centred = hypotheses[0] ?? first;
  const shifted = shift(problem, hypotheses);
  const croppedOrShifted = shifted.score - centred.score >= SHIFT_GAIN;
  const { guess, other } = chooseFrame(problem, (croppedOrShifted ? shifted : centred).guess);
  const families = segments.map((_, n) => {
    const { axis, error } = nearestAxis(lines, n, guess);
    return error < FINE * FINE ? axis : -1;
  });
  const { offsetX, offsetY, ...held } = guess;
  return {
    camera: { ...held, cx: width / 2 + offsetX, cy: height / 2 + offsetY },
    confidence: {
      lines: lines.count,
      lineShare: edges.lineShare,
      explained: explainedShare(lines, families),
      spread: spreadOf({ ...problem, lines: withoutPattern(problem.lines, guess, other) }, guess, hypotheses),
    },
    croppedOrShifted,
    segments,
    families,
    otherFrame: other,
  };
}

/** The best few, refined for these lines, and the others behind them. */
function rank(problem: Problem, hypotheses: readonly Hypothesis[]): Hypothesis[] {
  const { lines, longSide, prior } = problem;
  const scored = hypotheses
    .map(({ guess }) => ({
      guess,
      score: manhattanScore(lines, guess, FINE) + logPrior(guess, longSide, prior),
    }))
    .toSorted((a, b) => b.score - a.score);
  const best = scored.slice(0, SHIFT_TRIES).map(({ guess }) => refine(problem, guess));
  return [...best, ...scored.slice(SHIFT_TRIES)].toSorted((a, b) => b.score - a.score);
}

/** The best with a principal point of its own. */
function shift(problem: Problem, hypotheses: readonly Hypothesis[]): Hypothesis {
  const tries = hypotheses.slice(0, SHIFT_TRIES).map(({ guess }) => refine(problem, guess, 'shifted'));
  return tries.reduce((best, one) => (one.score > best.score ? one : best));
}

function explainedShare({ weights, totalWeight }: Lines, families: readonly number[]): number {
  const sum = families.reduce((total, family, n) => (family < 0 ? total : total + numberAt(weights, n)), 0);
  return totalWeight === 0 ? 0 : sum / totalWeight;
}

/** How much the answer moves when other lines of the same kind had been seen: the bootstrap. */
function spreadOf(problem: Problem, best: Guess, hypotheses: readonly Hypothesis[]): Confidence['spread'] {
  const { lines, longSide, prior } = problem;
  const others = hypotheses.map(({ guess }) => guess).filter((guess) => !isFloorPattern(lines, guess, best));
  const rivals = [best, ...others.slice(0, RIVALS)];
  const random = createRandom(1);
  let pitch = 0;
  let yaw = 0;
  let focal = 0;
  for (let round = 0; round < RESAMPLES; round += 1) {
    const counts = new Uint8Array(lines.count);
    for (let n = 0; n < lines.count; n += 1) {
      const drawn = Math.floor(random() * lines.count);
      counts[drawn] = Math.min(255, (counts[drawn] as number) + 1);
    }
    const scored = rivals.map((guess) => ({
      guess,
      score: manhattanScore(lines, guess, FINE, counts) + logPrior(guess, longSide, prior),
    }));
    const winner = scored.reduce((top, one) => (one.score > top.score ? one : top));
    const { guess } = refine(problem, winner.guess, 'centred', counts);
    pitch += (guess.pitch - best.pitch) ** 2;
    yaw += yawApart(guess.yaw, best.yaw) ** 2;
    focal += Math.log(guess.focal / best.focal) ** 2;
  }
  const rms = (sum: number) => Math.sqrt(sum / RESAMPLES);
  return { pitch: rms(pitch), yaw: rms(yaw), focal: rms(focal) };
}

/** Even numbers from 0 to 1, the same for a seed on every machine (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

import { numberAt } from '../geometry/score.ts';
import { byteAt, type Picture } from './picture.ts';

/** Pixels on a side of the squares that are looked at as a whole. */
const SIDE = 5;
/** Levels between the darkest and the brightest pixel of a square: even up to the one, an edge from the other on. */
const EVEN = 3;
const EDGE = 20;
/** Levels that are one colour, and how many colours a page is painted in. */
const LEVELS = 2;
const COLOURS = 4;
/** Shares: of the squares in one of these colours, of the even squares, and of squares with an edge. */
const PAINTED = 0.25;
const EVEN_PAINTED = 0.9;
const EDGES = 0.02;
/** Of the squares that are not even, those without an edge: shades, which light makes and nobody draws. */
const SHADED_MOST = 0.55;
/** Of the pixels, those in which one colour is at its end and another one far from it: light that was too bright. */
const TINTED_MOST = 0.02;
const FULL = 252;
const FAR = 240;

/**
 * Whether a picture is a page, a plan or a screenshot. They are painted in a few colours with letters and lines on them, and
 * stay so when they are made smaller or saved as JPEG. In photos even walls have many colours; where they are plain white
 * because of too much light, what is beside is shaded or tinted.
 */
export function isDrawn({ width, height, rgb }: Picture): boolean {
  const painted = new Map<number, number>();
  let [squares, even, edges, tinted] = [0, 0, 0, 0];
  for (let y = 0; y + SIDE <= height; y += SIDE)
    for (let x = 0; x + SIDE <= width; x += SIDE) {
      const square = lookAt(rgb, (y * width + x) * 3, width * 3);
      squares += 1;
      if (square.range > EVEN) {
        if (square.range >= EDGE) edges += 1;
        tinted += square.tinted;
        continue;
      }
      even += 1;
      painted.set(square.colour, (painted.get(square.colour) ?? 0) + 1);
    }
  const most = Float64Array.from(painted.values()).sort().reverse().subarray(0, COLOURS);
  const inColours = most.reduce((sum, count) => sum + count, 0);
  return (
    inColours > PAINTED * squares &&
    inColours > EVEN_PAINTED * even &&
    edges > EDGES * squares &&
    edges > (1 - SHADED_MOST) * (squares - even) &&
    tinted < TINTED_MOST * SIDE * SIDE * squares
  );
}

interface Square {
  /** The largest of the three colours' ranges. */
  readonly range: number;
  /** Pixels. */
  readonly tinted: number;
  /** Of its first pixel, in steps of `LEVELS`. */
  readonly colour: number;
}

function lookAt(rgb: Uint8Array, first: number, row: number): Square {
  const least = new Float64Array(3).fill(255);
  const most = new Float64Array(3);
  let tinted = 0;
  for (let line = first; line < first + SIDE * row; line += row)
    for (let at = line; at < line + SIDE * 3; at += 3) {
      let [low, high] = [255, 0];
      for (let channel = 0; channel < 3; channel += 1) {
        const level = byteAt(rgb, at + channel);
        low = Math.min(low, level);
        high = Math.max(high, level);
        least[channel] = Math.min(numberAt(least, channel), level);
        most[channel] = Math.max(numberAt(most, channel), level);
      }
      if (high >= FULL && low < FAR) tinted += 1;
    }
  const step = (channel: number) => Math.floor(byteAt(rgb, first + channel) / LEVELS);
  return {
    range: Math.max(...most.map((level, channel) => level - numberAt(least, channel))),
    tinted,
    colour: (step(0) * 256 + step(1)) * 256 + step(2),
  };
}

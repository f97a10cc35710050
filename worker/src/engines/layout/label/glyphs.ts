/**
 * The letters of the label as strokes, so that it looks the same on every machine: no font has to be there. Units: the
 * base line is 0, a small letter has a height of 5, a capital one of 7.2; y is up.
 */

type Point = readonly [x: number, y: number];
export type Stroke = readonly Point[];

interface Glyph {
  readonly width: number;
  readonly strokes: readonly Stroke[];
}

export const CAPITAL = 7.2;
export const DESCENT = 2.2;
const HALF = 2.5;
/** Between letters, and between words. */
const GAP = 1.7;
const SPACE = 2.6;

/** Part of a circle, in degrees, 0 to the right and 90 up. */
function arc(x: number, y: number, radius: number, from: number, to: number): Stroke {
  const steps = Math.ceil(Math.abs(to - from) / 12);
  return Array.from({ length: steps + 1 }, (_, n): Point => {
    const angle = ((from + ((to - from) * n) / steps) * Math.PI) / 180;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
}

const bowl = arc(HALF, HALF, HALF, 0, 360);

const GLYPHS: Readonly<Record<string, Glyph>> = {
  V: {
    width: 6,
    strokes: [
      [
        [0, CAPITAL],
        [3, 0],
        [6, CAPITAL],
      ],
    ],
  },
  a: {
    width: 5,
    strokes: [
      bowl,
      [
        [5, 5],
        [5, 0],
      ],
    ],
  },
  d: {
    width: 5,
    strokes: [
      bowl,
      [
        [5, CAPITAL],
        [5, 0],
      ],
    ],
  },
  e: { width: 5, strokes: [[[0, HALF], ...arc(HALF, HALF, HALF, 0, 318)]] },
  g: { width: 5, strokes: [bowl, [[5, 5], ...arc(HALF, 0.3, HALF, 0, -145)]] },
  i: {
    width: 0,
    strokes: [
      [
        [0, 5],
        [0, 0],
      ],
      [
        [0, 7],
        [0, 7.05],
      ],
    ],
  },
  l: {
    width: 0,
    strokes: [
      [
        [0, CAPITAL],
        [0, 0],
      ],
    ],
  },
  r: {
    width: 2.6,
    strokes: [
      [
        [0, 5],
        [0, 0],
      ],
      arc(2.1, 2.9, 2.1, 180, 75),
    ],
  },
  s: {
    width: 3.4,
    strokes: [[...arc(1.75, 3.7, 1.3, 40, 270), ...arc(1.75, 1.2, 1.2, 90, -140)]],
  },
  t: {
    width: 3.2,
    strokes: [
      [[1.2, 6.6], [1.2, 1.5], ...arc(2.7, 1.5, 1.5, 180, 275)],
      [
        [0, 5],
        [3, 5],
      ],
    ],
  },
  u: {
    width: 4.6,
    strokes: [
      [[0, 5], [0, 2.3], ...arc(2.3, 2.3, 2.3, 180, 360), [4.6, 5]],
      [
        [4.6, 2.3],
        [4.6, 0],
      ],
    ],
  },
  y: {
    width: 4.6,
    strokes: [
      [
        [0, 5],
        [2.3, 0],
      ],
      [
        [4.6, 5],
        [1.3, -DESCENT],
      ],
    ],
  },
};

/** A line of text from x = 0 on. Throws for a letter that is not drawn. */
export function writeText(text: string): Glyph {
  let x = 0;
  const strokes: Stroke[] = [];
  for (const letter of text) {
    if (letter === ' ') {
      x += SPACE;
      continue;
    }
    const glyph = GLYPHS[letter];
    if (!glyph) throw new Error(`the letter ${JSON.stringify(letter)} is not drawn`);
    const left = x;
    strokes.push(...glyph.strokes.map((stroke) => stroke.map(([px, py]): Point => [left + px, py])));
    x += glyph.width + GAP;
  }
  return { width: x - GAP, strokes };
}

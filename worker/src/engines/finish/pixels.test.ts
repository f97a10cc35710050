import { describe, expect, test } from 'vitest';
import { type Pixels, turnUpright } from './pixels.ts';

/** One letter a pixel, rows from the top; the letter's code is its red, green and blue. */
function draw(rows: readonly string[]): Pixels {
  const letters = [...rows.join('')].flatMap((letter) => Array(3).fill(letter.charCodeAt(0)));
  return { data: Uint8Array.from(letters), width: rows[0]?.length ?? 0, height: rows.length };
}

function read({ data, width, height }: Pixels): string[] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => String.fromCharCode(data[3 * (y * width + x) + 2] ?? 0)).join(''),
  );
}

/** How a camera that is held so stores the upright picture `abc / def` (EXIF 2.3, tag 0x0112). */
const STORED: readonly (readonly [number, readonly string[]])[] = [
  [1, ['abc', 'def']],
  [2, ['cba', 'fed']],
  [3, ['fed', 'cba']],
  [4, ['def', 'abc']],
  [5, ['ad', 'be', 'cf']],
  [6, ['cf', 'be', 'ad']],
  [7, ['fc', 'eb', 'da']],
  [8, ['da', 'eb', 'fc']],
];

describe('turnUpright', () => {
  test.each(STORED)('orientation %i', (orientation, rows) => {
    expect(read(turnUpright(draw(rows), orientation))).toEqual(['abc', 'def']);
  });

  test.each([0, 9, -1, 1.5, Number.NaN])('%s is no orientation and turns nothing', (orientation) => {
    expect(read(turnUpright(draw(['abc', 'def']), orientation))).toEqual(['abc', 'def']);
  });
});

import { describe, expect, test } from 'vitest';
import * as terms from './terms.ts';

const DEGREE = Math.PI / 180;

function table(
  term: (value: number) => number,
  rows: readonly (readonly [value: number, expected: number])[],
) {
  test.each(rows)('%d gives %d', (value, expected) => {
    expect(term(value)).toBeCloseTo(expected, 2);
  });
}

describe('facing: three-quarter is best, a back is nothing', () => {
  table(
    (degrees) => terms.facing(degrees * DEGREE),
    [
      [0, 0.85],
      [25, 1],
      [45, 1],
      [65, 1],
      [90, 0.64],
      [100, 0.5],
      [101, 0.29],
      [140, 0],
      [180, 0],
    ],
  );
});

describe('facingDesk: not the back of the chair', () => {
  table(
    (degrees) => terms.facingDesk(degrees * DEGREE),
    [
      [0, 0.45],
      [25, 0.725],
      [50, 1],
      [90, 1],
      [180, 1],
    ],
  );
});

describe('centred', () => {
  table(terms.centred, [
    [-0.1, 0],
    [0, 0],
    [0.15, 0.5],
    [0.3, 1],
    [0.5, 1],
    [0.7, 1],
    [0.85, 0.5],
    [1.2, 0],
  ]);
});

describe('distanced', () => {
  table(terms.distanced, [
    [1, 0],
    [1.6, 0.5],
    [3, 1],
    [4.5, 1],
    [6.25, 0.5],
    [9, 0],
  ]);
});

describe('backed: at the wall or in the middle of the room', () => {
  table(terms.backed, [
    [0, 1],
    [0.4, 1],
    [0.9, 0.45],
    [2, 0.2],
  ]);
});

describe('openAhead', () => {
  table(terms.openAhead, [
    [0.5, 0],
    [1.2, 0.5],
    [2, 1],
    [3, 1],
  ]);
});

describe('settled: in the middle of its wall, or where there is no choice', () => {
  test.each([
    [0, 2, 1],
    [0.5, 2, 0.5],
    [1, 2, 0.2],
    [-0.5, 2, 0.5],
    [0.1, 0.2, 1],
  ])('%d m off with %d m to spare gives %d', (off, spare, expected) => {
    expect(terms.settled(off, spare)).toBeCloseTo(expected);
  });
});

describe('filled', () => {
  table(terms.filled, [
    [0.02, 0],
    [0.14, 1],
    [0.3, 1],
    [0.49, 0.5],
    [0.7, 0],
  ]);
});

describe('furnished', () => {
  table(terms.furnished, [
    [0.05, 0],
    [0.18, 1],
    [0.4, 1],
    [0.535, 0.5],
    [0.8, 0],
  ]);
});

describe('balanced', () => {
  table(terms.balanced, [
    [0.1, 0],
    [0.24, 0.5],
    [0.5, 1],
    [0.76, 0.5],
    [0.95, 0],
  ]);
});

describe('leavesWindow', () => {
  table(terms.leavesWindow, [
    [0, 1],
    [0.2, 0.5],
    [0.4, 0],
    [0.9, 0],
  ]);
});

describe('unhidden', () => {
  table(terms.unhidden, [
    [0, 1],
    [0.15, 1],
    [0.4, 0.5],
    [0.65, 0],
    [1, 0],
  ]);
});

describe('ample', () => {
  table(terms.ample, [
    [0.4, 0],
    [0.675, 0.5],
    [0.95, 1],
    [1, 1],
  ]);
});

test('mean weighs, and is nothing of nothing', () => {
  expect(
    terms.mean([
      [3, 1],
      [1, 0],
    ]),
  ).toBe(0.75);
  expect(terms.mean([])).toBe(0);
});

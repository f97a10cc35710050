import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  area,
  contains,
  corners,
  crosses,
  distanceTo,
  front,
  grow,
  hull,
  intersect,
  overlapDepth,
  type Rect,
  toLocal,
  toRoom,
  touches,
  turnTowards,
  within,
} from './plane.ts';

const DEGREE = Math.PI / 180;
const coordinate = fc.double({ min: -3, max: 3, noNaN: true });
const rects: fc.Arbitrary<Rect> = fc.record({
  at: fc.tuple(coordinate, coordinate),
  turn: fc.double({ min: -4, max: 4, noNaN: true }),
  width: fc.double({ min: 0.2, max: 3, noNaN: true }),
  depth: fc.double({ min: 0.2, max: 3, noNaN: true }),
});

/** Points spread evenly over a rectangle, its sides included. */
function spread(rect: Rect, count = 9): [number, number][] {
  const shares = Array.from({ length: count }, (_, n) => n / (count - 1) - 0.5);
  return shares.flatMap((u) =>
    shares.map((v) => [...toRoom(rect, [u * rect.width, v * rect.depth])] as [number, number]),
  );
}

describe('where a front looks', () => {
  test.each([
    [0, [0, -1]],
    [90, [1, 0]],
    [180, [0, 1]],
    [-90, [-1, 0]],
  ])('%d degrees', (degrees, [x = 0, z = 0]) => {
    expect(front(degrees * DEGREE)[0]).toBeCloseTo(x);
    expect(front(degrees * DEGREE)[1]).toBeCloseTo(z);
    expect(Math.cos(turnTowards([x, z]) - degrees * DEGREE)).toBeCloseTo(1);
  });
});

describe('rectangles', () => {
  test('corners run counter-clockwise and cover width times depth', () => {
    fc.assert(
      fc.property(rects, (rect) => {
        expect(area(corners(rect))).toBeCloseTo(rect.width * rect.depth);
      }),
    );
  });

  test('what is free in front of a piece lies where it looks', () => {
    const sofa: Rect = { at: [0, 2], turn: 0, width: 2, depth: 1 };
    const clear = grow(sofa, { front: 1, back: 0, sides: 0.5 });
    expect(clear).toMatchObject({ width: 3, depth: 2 });
    expect(clear.at[1]).toBeCloseTo(1.5);
  });

  test('points go to a piece and back', () => {
    fc.assert(
      fc.property(rects, coordinate, coordinate, (rect, x, z) => {
        const [bx, bz] = toRoom(rect, toLocal(rect, [x, z]));
        expect(bx).toBeCloseTo(x);
        expect(bz).toBeCloseTo(z);
      }),
    );
  });

  test('overlap is told when and only when a point lies in both', () => {
    fc.assert(
      fc.property(rects, rects, (a, b) => {
        const shared = area(intersect(corners(a), corners(b)));
        const depth = overlapDepth(a, b);
        if (depth <= 0) expect(shared).toBeLessThan(1e-9);
        if (spread(a).some((point) => distanceTo(b, point) === 0))
          expect(depth).toBeGreaterThanOrEqual(-1e-9);
        if (depth > 1e-6) expect(shared).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('polygons', () => {
  const LETTER_L = [
    [0, 0],
    [4, 0],
    [4, 2],
    [2, 2],
    [2, 4],
    [0, 4],
  ] as const;

  test.each<[string, Rect, boolean, boolean]>([
    ['inside of one arm', { at: [1, 3], turn: 0, width: 1.8, depth: 1.8 }, true, true],
    ['over the inner corner', { at: [2, 2], turn: 0, width: 1, depth: 1 }, false, true],
    ['over the inner corner, turned', { at: [1.9, 1.9], turn: 45 * DEGREE, width: 1, depth: 1 }, false, true],
    ['beyond a side', { at: [3.9, 1], turn: 0, width: 1, depth: 0.5 }, false, true],
    ['in the notch', { at: [3, 3], turn: 0, width: 1, depth: 1 }, false, false],
    ['around all of it', { at: [2, 2], turn: 0, width: 9, depth: 9 }, false, true],
  ])('%s', (_, rect, inside, meets) => {
    expect(within(LETTER_L, rect)).toBe(inside);
    expect(touches(LETTER_L, rect)).toBe(meets);
  });

  test('all points of a rectangle within are within', () => {
    fc.assert(
      fc.property(rects, (rect) => {
        const moved = { ...rect, at: [rect.at[0] / 2 + 1.5, rect.at[1] / 2 + 1.5] as const };
        const inner = spread({ ...moved, width: moved.width * 0.999, depth: moved.depth * 0.999 });
        if (within(LETTER_L, moved)) expect(inner.every((point) => contains(LETTER_L, point))).toBe(true);
        else if (!touches(LETTER_L, moved))
          expect(inner.some((point) => contains(LETTER_L, point))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['through', [-2, 0], [2, 0], true],
    ['inside', [-0.2, 0], [0.2, 0.1], true],
    ['past a corner', [-2, 0], [0, 2], false],
    ['along a side', [-2, 0.5], [2, 0.5], false],
    ['short of it', [-2, 0], [-1, 0], false],
  ] as const)('a line %s', (_, from, to, meets) => {
    expect(crosses({ at: [0, 0], turn: 0, width: 1, depth: 1 }, from, to)).toBe(meets);
  });

  test('a hull holds its points', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(coordinate, coordinate), { minLength: 3, maxLength: 9 }), (points) => {
        const outline = hull(points);
        fc.pre(area(outline) > 1e-3);
        const [cx, cz] = outline.reduce(
          ([x, z], [px, pz]) => [x + px / outline.length, z + pz / outline.length],
          [0, 0],
        );
        for (const [x, z] of points)
          expect(contains(outline, [x + (cx - x) * 1e-6, z + (cz - z) * 1e-6])).toBe(true);
      }),
    );
  });
});

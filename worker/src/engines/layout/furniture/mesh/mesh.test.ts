import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { STYLES } from '../styles.ts';
import { Assembly } from './assembly.ts';
import { box, outline } from './box.ts';
import { drape } from './drape.ts';
import { circle, lathe, plate, rectangle, tube } from './loft.ts';
import { at, move, type Part } from './part.ts';
import { noise, random } from './random.ts';
import { shell } from './shell.ts';
import { cushion, pillow } from './soft.ts';

/** Edges that are not shared by exactly two triangles, or that both run along in the same direction. */
function openEdges({ positions, triangles }: Part): number {
  const points = new Map<string, number>();
  const ids = positions.map((p) => {
    const key = p.map((x) => Math.round(x * 1e6)).join(' ');
    const known = points.get(key) ?? points.size;
    points.set(key, known);
    return known;
  });
  const edges = new Map<string, number>();
  for (const [a, b, c] of triangles) {
    const [p, q, r] = [at(ids, a), at(ids, b), at(ids, c)];
    if (p === q || q === r || p === r) continue;
    for (const [from, to] of [
      [p, q],
      [q, r],
      [r, p],
    ] as const) {
      const [key, way] = from < to ? [`${from} ${to}`, 1] : [`${to} ${from}`, -1];
      edges.set(key, (edges.get(key) ?? 0) + way);
    }
  }
  return [...edges.values()].filter((count) => count !== 0).length;
}

const PARTS: readonly (readonly [string, readonly Part[]])[] = [
  ['box', [box(0.4, 0.3, 0.2, { round: 0.03, bevel: 6, grid: [3, 2, 4] })]],
  ['sharp box', [box(0.4, 0.3, 0.2, { round: 0, bevel: 0 })]],
  [
    'lathe',
    [
      lathe([
        [0, 0],
        [0.1, 0],
        [0.05, 0.2],
        [0, 0.2],
      ]),
    ],
  ],
  ['round plate', [plate(circle(0.3, 24), 0.02)]],
  ['plate', [plate(rectangle(0.6, 0.4, 0.03), 0.02, 0.008)]],
  [
    'rod',
    [
      tube(
        [
          [0, 0, 0],
          [0, 0.3, 0],
          [0.2, 0.4, 0],
        ],
        0.01,
      ),
    ],
  ],
  ['ring', [tube(outline(0.5, 0.4, 0.05, 0.1), 0.01, { closed: true })]],
  [
    'sheet',
    [
      shell(
        (u, v) => [u, 0.1 * Math.sin(3 * u), v],
        [6, 5],
        () => 0.01,
      ),
    ],
  ],
  ['cushion', cushion(0.6, 0.15, 0.5, { seed: 4 })],
  ['pillow', pillow(0.5, 0.5, 0.15, 4)],
];

describe('parts', () => {
  test.each(PARTS)('%s: is closed', (_, parts) => {
    for (const part of parts) expect(openEdges(part)).toBe(0);
  });

  test('what is open is found', () => {
    const [whole] = [box(1, 1, 1)];
    expect(openEdges({ ...whole, triangles: whole.triangles.slice(1) })).toBeGreaterThan(0);
  });

  test('a box turned inside out is turned right again', () => {
    const part = box(1, 1, 1, { round: 0.1, grid: [1, 1, 1] });
    const turned: Part = { ...part, triangles: part.triangles.map(([a, b, c]) => [a, c, b]) };
    const [good, mended] = [part, turned].map((made) =>
      new Assembly().add(STYLES.modern.wood, made).build([1, 1, 1]),
    );
    expect(mended?.normals.toSorted()).toEqual(good?.normals.toSorted());
    // The highest point looks up.
    const normals = good?.normals ?? [];
    const positions = good?.positions ?? [];
    for (let n = 1; n < positions.length; n += 3)
      if ((positions[n] ?? 0) > 0.9999) expect(normals[n]).toBeGreaterThan(0.9);
  });

  test('a mesh is brought to its size and stands on the floor', () => {
    const mesh = new Assembly().add(STYLES.modern.wood, move(box(3, 0.2, 1), 5, 7, -3)).build([1, 2, 0.5]);
    const heights = mesh.positions.filter((_, n) => n % 3 === 1);
    expect(Math.min(...heights)).toBe(0);
    expect(Math.max(...heights)).toBeCloseTo(0.5, 6);
  });
});

describe('cloth over a box', () => {
  const cloth = { x: 0.8, z: 1, top: 0.5, round: 0.05, off: 0.01, seed: 2, puff: 0, folds: 0 };

  test('lies on the top, hangs at the sides and never goes through', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1.05, max: 1.05, noNaN: true }),
        fc.double({ min: -1.25, max: 1.25, noNaN: true }),
        (a, b) => {
          const [x, y, z] = drape(cloth, a, b);
          expect(y).toBeLessThanOrEqual(0.51 + 1e-9);
          const beside = Math.max(Math.abs(x) - 0.8, Math.abs(z) - 1);
          // Beside the mattress, or above its rounded edge.
          expect(beside > -0.05 || y > 0.5).toBe(true);
        },
      ),
    );
    expect(drape(cloth, 0.2, 0.3)).toEqual([0.2, 0.51, 0.3]);
    expect(drape(cloth, 1.05, 0)[1]).toBeLessThan(0.3);
  });
});

describe('chance', () => {
  test('follows from the seed, fills its range, and differs from seed to seed', () => {
    const draw = (seed: number) => {
      const dice = random(seed);
      return Array.from({ length: 400 }, () => dice.below(10));
    };
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
    expect(new Set(draw(5)).size).toBe(10);
  });

  test('noise is smooth and stays between -1 and 1', () => {
    for (let n = 0; n < 500; n += 1) {
      const [a, b] = [noise(n * 0.37, n * 0.11, 0.5, 3), noise(n * 0.37 + 0.001, n * 0.11, 0.5, 3)];
      expect(Math.abs(a)).toBeLessThanOrEqual(1);
      expect(Math.abs(a - b)).toBeLessThan(0.01);
    }
  });
});

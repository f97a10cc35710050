import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Vec3 } from '../geometry/camera.ts';
import { buildBvh } from '../render/kernel/bvh.ts';
import { createKernel, steer } from '../render/kernel/kernel.ts';
import type { Mesh, PieceMaker } from '../scene/types.ts';
import { CATALOGUE } from './catalogue.ts';
import { cross, dot, subtract, unit } from './mesh/part.ts';
import { random } from './mesh/random.ts';
import { findPiece, PIECES } from './pieces.ts';
import { STYLE_NAMES, STYLES } from './styles.ts';

/** Most triangles of a piece of the usual size, in thousands: what the time of a picture is planned with. */
const BUDGETS: Readonly<Record<string, number>> = {
  sofa: 36,
  armchair: 17,
  bed: 38,
  bookcase: 19,
  plant: 21,
  vase: 13,
  rug: 4,
  wardrobe: 6,
  bunk_bed: 14,
  kids_bed: 8,
  crib: 10,
  desk_chair: 8,
  bench: 9,
};
const BUDGET = 7;

const corner = ({ positions }: Mesh, vertex: number): Vec3 => [
  positions[3 * vertex] ?? Number.NaN,
  positions[3 * vertex + 1] ?? Number.NaN,
  positions[3 * vertex + 2] ?? Number.NaN,
];

const normal = ({ normals }: Mesh, vertex: number): Vec3 => [
  normals[3 * vertex] ?? Number.NaN,
  normals[3 * vertex + 1] ?? Number.NaN,
  normals[3 * vertex + 2] ?? Number.NaN,
];

function corners({ triangles }: Mesh, n: number): [number, number, number] {
  return [triangles[3 * n] ?? -1, triangles[3 * n + 1] ?? -1, triangles[3 * n + 2] ?? -1];
}

/** Counter-clockwise to the eye, in a frame whose axes are left-handed. */
function facing(mesh: Mesh, n: number): Vec3 {
  const [a, b, c] = corners(mesh, n).map((vertex) => corner(mesh, vertex)) as [Vec3, Vec3, Vec3]; // three of three
  return cross(subtract(c, a), subtract(b, a));
}

function bounds(mesh: Mesh): { least: number[]; most: number[] } {
  const least = [Infinity, Infinity, Infinity];
  const most = [-Infinity, -Infinity, -Infinity];
  for (const [n, value] of mesh.positions.entries()) {
    least[n % 3] = Math.min(least[n % 3] ?? value, value);
    most[n % 3] = Math.max(most[n % 3] ?? value, value);
  }
  return { least, most };
}

/** Every number is one, normals are of length one, triangles and parts exist. */
function expectWhole(mesh: Mesh): void {
  const vertices = mesh.positions.length / 3;
  expect(mesh.normals).toHaveLength(3 * vertices);
  expect(mesh.uvs).toHaveLength(2 * vertices);
  expect(mesh.parts).toHaveLength(mesh.triangles.length / 3);
  expect(mesh.positions.every(Number.isFinite)).toBe(true);
  expect(mesh.uvs.every(Number.isFinite)).toBe(true);
  expect(mesh.triangles.every((vertex) => vertex < vertices)).toBe(true);
  expect(mesh.parts.every((part) => part < mesh.materials.length)).toBe(true);
  for (let n = 0; n < vertices; n += 1) {
    const [x, y, z] = normal(mesh, n);
    expect(Math.abs(x * x + y * y + z * z - 1)).toBeLessThan(1e-4);
  }
}

/** Share of triangles, by area, whose corners' normals look to the other side. */
function turnedAway(mesh: Mesh): number {
  let [all, wrong] = [0, 0];
  for (let n = 0; n < mesh.parts.length; n += 1) {
    const out = facing(mesh, n);
    const area = Math.sqrt(dot(out, out));
    all += area;
    if (corners(mesh, n).some((vertex) => dot(normal(mesh, vertex), out) < 0)) wrong += area;
  }
  return wrong / all;
}

/** Rays from all around that hit the back of a triangle first: somebody would look inside. */
function insides(mesh: Mesh, [w, d, h]: Vec3, rays: number): number {
  const kernel = createKernel(buildBvh(mesh.positions, mesh.triangles));
  const dice = random(rays);
  let seen = 0;
  for (let ray = 0; ray < rays; ray += 1) {
    const way = unit([dice.between(-1, 1), dice.between(-0.9, 0.4), dice.between(-1, 1)]);
    const through: Vec3 = [dice.between(-w, w) / 2, dice.between(0, h), dice.between(-d, d) / 2];
    const [x, y, z] = subtract(through, [way[0] * 9, way[1] * 9, way[2] * 9]);
    const first = kernel.closest(x, y, z, steer(way[0]), steer(way[1]), steer(way[2]), 99);
    if (first >= 0 && dot(facing(mesh, first), way) > 0) seen += 1;
  }
  return seen;
}

test('every kind of the catalogue can be made, and nothing else', () => {
  expect(PIECES.map(({ kind }) => kind).toSorted()).toEqual(CATALOGUE.map(({ kind }) => kind).toSorted());
  for (const { kind, sizes } of CATALOGUE) expect(findPiece(kind).sizes).toBe(sizes);
  expect(() => findPiece('throne')).toThrow('"throne"');
});

describe.each(PIECES)('$kind', (piece: PieceMaker) => {
  const [least, usual, most] = piece.sizes;
  const between = (axis: 0 | 1 | 2) => fc.double({ min: least[axis], max: most[axis], noNaN: true });
  const sizes = fc.tuple(between(0), between(1), between(2));

  test('fills exactly its size, stands on the floor and is whole, in every size and style', () => {
    fc.assert(
      fc.property(sizes, fc.constantFrom(...STYLE_NAMES), fc.nat(), (size, style, seed) => {
        const mesh = piece.make(size, STYLES[style], seed);
        const { least: low, most: high } = bounds(mesh);
        const [w, d, h] = size;
        for (const [n, value] of [-w / 2, 0, -d / 2].entries()) expect(low[n]).toBeCloseTo(value, 4);
        for (const [n, value] of [w / 2, h, d / 2].entries()) expect(high[n]).toBeCloseTo(value, 4);
        expectWhole(mesh);
        expect(turnedAway(mesh)).toBeLessThan(0.01);
      }),
      { numRuns: 5 },
    );
  });

  test('shows no inside and stays in its budget of triangles, in every style', () => {
    for (const [seed, style] of STYLE_NAMES.entries()) {
      const mesh = piece.make(usual, STYLES[style], seed);
      // A ray may slip in where two parts touch.
      expect(insides(mesh, usual, 300), style).toBeLessThanOrEqual(1);
      expect(mesh.parts.length, style).toBeLessThanOrEqual(1000 * (BUDGETS[piece.kind] ?? BUDGET));
    }
  });

  test('the same seed makes the same piece', () => {
    const [a, b] = [piece.make(usual, STYLES.modern, 7), piece.make(usual, STYLES.modern, 7)];
    expect(a).toEqual(b);
  });
});

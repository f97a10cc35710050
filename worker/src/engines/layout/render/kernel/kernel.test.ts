import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bvh, buildBvh } from './bvh.ts';
import { createKernel, type Kernel, steer } from './kernel.ts';
import { createPlainKernel } from './plain.ts';

type Ray = [number, number, number, number, number, number, number];

const coordinate = fc.float({ min: -4, max: 4, noNaN: true });
/** Corners on a coarse grid make flat boxes, shared edges and triangles on top of each other. */
const snapped = fc.integer({ min: -4, max: 4 });
const corners = fc.array(
  fc.oneof(fc.tuple(coordinate, coordinate, coordinate), fc.tuple(snapped, snapped, snapped)),
  {
    minLength: 3,
    maxLength: 240,
  },
);
const component = fc.oneof(fc.constantFrom(0, 1, -1), fc.float({ min: -1, max: 1, noNaN: true }));
/** Off the grid. */
const place = fc.integer({ min: -4000, max: 4000 }).map((n) => n / 1000 + 0.000137);
const ray = fc
  .tuple(place, place, place, component, component, component, fc.constantFrom(0.5, 3, 1e9))
  .filter(([, , , dx, dy, dz]) => Math.hypot(dx, dy, dz) > 0.1)
  .map(([ox, oy, oz, dx, dy, dz, far]): Ray => [ox, oy, oz, steer(dx), steer(dy), steer(dz), far]);

function soup(points: readonly (readonly number[])[]) {
  const count = Math.floor(points.length / 3);
  return {
    count,
    positions: Float32Array.from(points.flat()),
    triangles: Uint32Array.from({ length: 3 * count }, (_, n) => n),
  };
}

/** Every second triangle lets light through. */
const clear = (triangle: number) => triangle % 2 === 1;

/** How squarely a ray meets a triangle of what extent: near 0 for needles and along the surface. */
function flatness(points: readonly (readonly number[])[], n: number, [, , , dx, dy, dz]: Ray): number {
  const [a = [], b = [], c = []] = points.slice(3 * n, 3 * n + 3);
  const edge = (to: readonly number[]) => [0, 1, 2].map((k) => (to[k] ?? 0) - (a[k] ?? 0));
  const [[x1 = 0, y1 = 0, z1 = 0], [x2 = 0, y2 = 0, z2 = 0]] = [edge(b), edge(c)];
  const normal = [y1 * z2 - z1 * y2, z1 * x2 - x1 * z2, x1 * y2 - y1 * x2] as const;
  const facing = Math.abs(normal[0] * dx + normal[1] * dy + normal[2] * dz) / Math.hypot(dx, dy, dz);
  return facing / (1 + Math.hypot(x1, y1, z1) * Math.hypot(x2, y2, z2));
}

function hitOf(kernel: Kernel, way: Ray) {
  const triangle = kernel.closest(...way);
  return triangle < 0 ? 'none' : { triangle, hit: [...kernel.hit] };
}

test('both kernels give the same bits', () => {
  fc.assert(
    fc.property(corners, fc.array(ray, { minLength: 20, maxLength: 60 }), (points, rays) => {
      const { positions, triangles } = soup(points);
      const bvh = buildBvh(positions, triangles, clear);
      const simd = createKernel(bvh);
      const plain = createPlainKernel(bvh);
      expect([simd.kind, plain.kind]).toEqual(['simd', 'plain']);
      for (const way of rays) {
        expect(hitOf(simd, way)).toEqual(hitOf(plain, way));
        expect(simd.occluded(...way)).toBe(plain.occluded(...way));
      }
    }),
    { numRuns: 150 },
  );
});

test('the tree finds what asking every triangle finds', () => {
  fc.assert(
    fc.property(corners, fc.array(ray, { minLength: 10, maxLength: 30 }), (points, rays) => {
      const { count, positions, triangles } = soup(points);
      const single = (n: number): Bvh =>
        buildBvh(positions, triangles.subarray(3 * n, 3 * n + 3), () => clear(n));
      const alone = Array.from({ length: count }, (_, n) => createPlainKernel(single(n)));
      const kernel = createKernel(buildBvh(positions, triangles, clear));
      // Rounding decides about needles and about rays along a surface.
      const clean = rays.filter((way) => alone.every((_, n) => flatness(points, n, way) > 1e-3));
      for (const way of clean) {
        const distances = alone.map((one) =>
          one.closest(...way) < 0 ? Number.POSITIVE_INFINITY : one.hit[0],
        );
        const nearest = Math.min(...distances.map(Number));
        const found = kernel.closest(...way);
        if (found < 0) expect(nearest).toBe(Number.POSITIVE_INFINITY);
        else expect([kernel.hit[0], distances[found]]).toEqual([nearest, nearest]);
        expect(kernel.occluded(...way)).toBe(alone.some((one) => one.occluded(...way)));
      }
    }),
    { numRuns: 150 },
  );
});

test('no ray slips through the seams of a closed surface', () => {
  // A ball of 40 x 20 quads, seen from its middle.
  const points: number[][] = [];
  const at = (i: number, j: number) => {
    const [around, up] = [(Math.PI * (i % 40)) / 20, (Math.PI * j) / 20];
    return [Math.sin(up) * Math.cos(around), Math.cos(up), Math.sin(up) * Math.sin(around)];
  };
  for (let i = 0; i < 40; i += 1)
    for (let j = 0; j < 20; j += 1)
      points.push(at(i, j), at(i + 1, j), at(i, j + 1), at(i + 1, j), at(i + 1, j + 1), at(i, j + 1));
  const { positions, triangles } = soup(points);
  const kernel = createKernel(buildBvh(positions, triangles));
  let missed = 0;
  for (let n = 0; n < 20_000; n += 1) {
    const y = 1 - (2 * n + 1) / 20_000;
    const r = Math.sqrt(1 - y * y);
    const around = n * 2.399963229728653;
    if (
      kernel.closest(
        0.01,
        0.02,
        0.03,
        steer(r * Math.cos(around)),
        steer(y),
        steer(r * Math.sin(around)),
        9,
      ) < 0
    )
      missed += 1;
  }
  expect(missed).toBe(0);
});

test('no triangles, no hits', () => {
  const bvh = buildBvh(new Float32Array(), new Uint32Array());
  for (const kernel of [createKernel(bvh), createPlainKernel(bvh)])
    expect([
      kernel.closest(0, 0, 0, 1e-9, 1e-9, 1, 1e9),
      kernel.occluded(0, 0, 0, 1e-9, 1e-9, 1, 1e9),
    ]).toEqual([-1, false]);
});

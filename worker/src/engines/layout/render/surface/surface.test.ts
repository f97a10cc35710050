import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Material } from '../../scene/types.ts';
import { meanAlbedo, Surface } from './surface.ts';

const grey = [0.4, 0.4, 0.4] as const;
const MATERIALS: readonly Material[] = [
  ...(['flat', 'wool', 'linen', 'velvet', 'boucle'] as const).map(
    (weave): Material => ({ kind: 'fabric', albedo: grey, weave }),
  ),
  { kind: 'leather', albedo: grey, roughness: 0.38 },
  { kind: 'wood', albedo: grey, grain: [0.2, 0.2, 0.2], roughness: 0.3 },
  { kind: 'metal', albedo: [0.9, 0.9, 0.9], roughness: 0.25 },
  { kind: 'ceramic', albedo: grey, roughness: 0.12 },
  { kind: 'glass', tint: grey },
  { kind: 'leaf', albedo: grey },
  { kind: 'paint', albedo: grey, roughness: 0.5 },
  ...(['plain', 'lattice', 'stripes', 'border'] as const).map(
    (pattern): Material => ({ kind: 'rug', albedo: grey, second: [0.1, 0.1, 0.1], pattern }),
  ),
  ...[0, 1, 2, 3, 4, 5].map((seed): Material => ({ kind: 'art', seed, palette: [grey, [0.1, 0.2, 0.3]] })),
  { kind: 'art', seed: 3, palette: [] },
  { kind: 'shade', albedo: grey },
];

function shade(material: Material, u: number, v: number, footprint: number): Surface {
  const surface = new Surface();
  surface.orient(0.1, 0.9, 0.2, 1, 0.2, -0.9, 0.3);
  Object.assign(surface, { u, v, footprint, seed: 5 });
  surface.shadeAs(material);
  return surface;
}

const nameOf = (material: Material) =>
  Object.values(material)
    .filter((word) => typeof word === 'string')
    .join(' ');

describe.each(MATERIALS.map((material) => [nameOf(material), material] as const))('%s', (_, material) => {
  test('reflects neither more than white paint nor less than black, and its normal stays a normal', () => {
    const metres = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(metres, metres, fc.double({ min: 1e-5, max: 0.5, noNaN: true }), (u, v, footprint) => {
        const s = shade(material, u, v, footprint);
        for (const part of [s.r, s.g, s.b]) {
          expect(part).toBeGreaterThanOrEqual(0.03);
          expect(part).toBeLessThanOrEqual(0.82);
        }
        expect(Math.hypot(s.nx, s.ny, s.nz)).toBeCloseTo(1, 6);
        expect(s.f0r).toBeLessThan(1);
        for (const part of meanAlbedo(material)) expect(part).toBeLessThanOrEqual(0.9);
      }),
      { numRuns: 60 },
    );
  });
});

test('fine weave is gone before a pixel is as large as a thread', () => {
  const roughness = (footprint: number) => {
    let sum = 0;
    for (let n = 0; n < 400; n += 1) {
      const at = (v: number) =>
        shade({ kind: 'fabric', albedo: grey, weave: 'wool' }, 0.37 * n, v, footprint).g;
      sum += Math.abs(at(0.0031 * n) - at(0.0031 * n + 0.003));
    }
    return sum / 400;
  };
  expect(roughness(0.0002)).toBeGreaterThan(6 * roughness(0.01));
});

test('near its outline a surface still looks at who sees it', () => {
  const surface = new Surface();
  surface.orient(0, 0.05, 1, 1, 0, 0, 1);
  expect(surface.nz).toBeLessThan(0);
  // The back of a leaf has its normal turned.
  surface.orient(0, 0.3, 0.95, -1, 0, 0, 1);
  expect(surface.nz).toBeCloseTo(-0.95, 1);
});

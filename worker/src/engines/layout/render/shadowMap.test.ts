import { describe, expect, test } from 'vitest';
import { exampleRoom } from './fixtures.ts';
import { ShadowMap, smoothShadow } from './shadowMap.ts';
import { FLOOR, WALL } from './shell.ts';
import { View } from './view.ts';

const room = exampleRoom('01-living-room');

/** What is left of the light along the first row of a map, by what came to it. */
function along(surface: number, ratioAt: (x: number) => number): number[] {
  const map = new ShadowMap(new View(room, 400, 400));
  const shaded = 40 * map.width;
  for (let n = 0; n < shaded; n += 1) {
    map.surface[n] = surface + 2;
    map.share[n] = 1;
    map.ratio.fill(ratioAt(n % map.width), 3 * n, 3 * n + 3);
  }
  smoothShadow(map);
  return Array.from({ length: map.width }, (_, x) => map.ratio[3 * x] ?? Number.NaN);
}

describe('a shadow as it is seen', () => {
  test('is never black under furniture, and grows light towards its edge without a step', () => {
    const left = along(FLOOR, (x) => Math.min(1, x / 120));
    expect(left[0]).toBeGreaterThan(0.08);
    expect(left[0]).toBeLessThan(0.2);
    expect(left[150]).toBe(1);
    for (let x = 1; x < left.length; x += 1) {
      const step = (left[x] ?? 0) - (left[x - 1] ?? 0);
      expect(step).toBeGreaterThan(-1e-6);
      expect(step).toBeLessThan(0.03);
    }
  });

  test('is no soot on the wall behind a lamp that hides a quarter of the light', () => {
    const [light = 0] = along(WALL, () => 0.75);
    expect(light).toBeGreaterThan(0.85);
    expect(light).toBeLessThan(0.95);
  });
});

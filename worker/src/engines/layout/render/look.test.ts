import { describe, expect, test } from 'vitest';
import { toEncoded } from '../../finish/transfer.ts';
import { Grain } from './composite.ts';
import { expose, measureLook, toLevel } from './look.ts';

const [WIDTH, HEIGHT] = [240, 160];

function photo(paint: (x: number, y: number) => number) {
  const data = new Uint8Array(3 * WIDTH * HEIGHT);
  for (let n = 0; n < WIDTH * HEIGHT; n += 1)
    data.fill(
      Math.min(255, Math.max(0, Math.round(paint(n % WIDTH, Math.floor(n / WIDTH))))),
      3 * n,
      3 * n + 3,
    );
  return { width: WIDTH, height: HEIGHT, data };
}

/** Stripes whose edges are Gaussian with this sigma. */
function stripes(sigma: number) {
  return photo((x) => {
    const from = 10 - Math.abs((x % 40) - 20) + 0.35;
    return 60 + 120 / (1 + Math.exp((-1.702 * from) / sigma));
  });
}

describe('the look of a photo', () => {
  test('its grain is the deviation of flat places', () => {
    const grain = new Grain(5);
    const noisy = (sigma: number) => measureLook(photo((x, y) => 120 + sigma * grain.at(x, y))).grain;
    expect(noisy(1)).toBeGreaterThan(0.7);
    expect(noisy(1)).toBeLessThan(1.3);
    expect(noisy(0)).toBeLessThan(0.3);
  });

  test('its blur grows with that of its edges, within bounds', () => {
    const [sharp, soft, softer] = [0.5, 1.2, 3].map((sigma) => measureLook(stripes(sigma)).blur);
    expect(sharp).toBeLessThan(0.7);
    expect(soft).toBeGreaterThan(0.8);
    expect(soft).toBeLessThan(1.6);
    expect(softer).toBeLessThanOrEqual(1.6);
  });

  test('its black is lifted by haze, but a bright room without black is no haze', () => {
    expect(measureLook(photo(() => 0)).black).toBe(0);
    const hazy = measureLook(photo((x) => (x < 20 ? 10 : 120))).black;
    expect(hazy).toBeGreaterThan(0);
    expect(measureLook(photo(() => 80)).black).toBeLessThan(0.004);
    expect(measureLook(photo(() => 80)).black).toBeGreaterThanOrEqual(hazy);
  });

  test('light bends into white, never past it, and rises everywhere', () => {
    let last = -1;
    for (let light = 0; light < 8; light += 0.01) {
      const shown = expose(light, 0.002);
      expect(shown).toBeGreaterThan(last);
      last = shown;
    }
    expect(last).toBeLessThanOrEqual(1);
    expect(expose(0.5, 0)).toBe(0.5);
  });

  test('linear light becomes the levels of sRGB', () => {
    for (let n = 0; n <= 1000; n += 1) expect(toLevel(n / 1000)).toBeCloseTo(255 * toEncoded(n / 1000), 1);
  });
});

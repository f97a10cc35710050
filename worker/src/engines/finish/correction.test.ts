import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseTone, evOf, measureBrightness } from './exposure.ts';
import type { Pixels } from './pixels.ts';
import { makeProxy } from './proxy.ts';
import { applyTone, makeTable, toneCurve } from './tone.ts';
import { toEncoded, toLinear } from './transfer.ts';
import { chooseGains, estimateCast, NEUTRAL_GAINS } from './whiteBalance.ts';

type Colour = readonly [number, number, number];

/** Horizontal bands of equal height, in linear light. */
function bands(colours: readonly Colour[]): Pixels {
  const width = 64;
  const each = 16;
  const data = colours.flatMap((colour) =>
    Array.from({ length: width * each }, () =>
      colour.map((value) => Math.round(255 * toEncoded(value))),
    ).flat(),
  );
  return { data: Uint8Array.from(data), width, height: each * colours.length };
}

function tint(colours: readonly Colour[], light: Colour): Colour[] {
  return colours.map(([r, g, b]) => [r * light[0], g * light[1], b * light[2]] as const);
}

function gainsOf(colours: readonly Colour[]) {
  return chooseGains(estimateCast(makeProxy(bands(colours))));
}

const WHITES: readonly Colour[] = [0.15, 0.3, 0.5, 0.7].map((value) => [value, value, value] as const);
const NO_TONE = { white: 1, middle: 1, shadows: 0 };

describe('white balance', () => {
  test('leaves a neutral room alone', () => {
    const { r, g, b } = gainsOf(WHITES);
    for (const gain of [r, g, b]) expect(gain).toBeCloseTo(1, 3);
  });

  test.each([
    ['warm', [1.2, 1, 0.8]],
    ['cool', [0.85, 1, 1.2]],
  ] as const)('takes away part of a %s light, and not all of it', (_, light) => {
    const { r, b } = gainsOf(tint(WHITES, light));
    const before = Math.log(light[0] / light[2]);
    const after = Math.log((light[0] * r) / (light[2] * b));
    expect(Math.abs(after)).toBeLessThan(0.55 * Math.abs(before));
    expect(Math.sign(after)).toBe(Math.sign(before));
  });

  test('takes yellow paint for paint', () => {
    const { r, b } = gainsOf([
      [0.5, 0.4, 0.08],
      [0.6, 0.48, 0.1],
      [0.4, 0.32, 0.06],
      [0.3, 0.24, 0.05],
    ]);
    expect(r).toBeCloseTo(1, 2);
    expect(b).toBeCloseTo(1, 2);
  });

  test('does not turn what was white to blue for a warm wall beside it', () => {
    const wall: Colour = [0.5, 0.42, 0.33];
    const { r, b } = gainsOf([wall, wall, [0.5, 0.5, 0.5], wall]);
    expect(b / r).toBeLessThan(1.02);
  });

  test('takes away no more than a little green', () => {
    const { r, g, b } = gainsOf(tint(WHITES, [0.85, 1, 0.85]));
    expect(g / r).toBeGreaterThan(0.94);
    expect(g / b).toBeGreaterThan(0.94);
  });

  test.each([
    ['black', [0, 0, 0]],
    ['white', [1, 1, 1]],
    ['pure red', [1, 0, 0]],
  ] as const)('does nothing to a picture that is all %s', (_, colour) => {
    expect(gainsOf([colour])).toEqual(NEUTRAL_GAINS);
  });

  test('no picture moves a channel by more than a quarter, and white keeps its luminance', () => {
    const channel = fc.double({ min: 0, max: 1, noNaN: true });
    const colour = fc.tuple(channel, channel, channel);
    fc.assert(
      fc.property(fc.array(colour, { minLength: 1, maxLength: 4 }), (colours) => {
        const { r, g, b } = gainsOf(colours);
        for (const gain of [r, g, b]) {
          expect(gain).toBeGreaterThanOrEqual(0.7999);
          expect(gain).toBeLessThanOrEqual(1.2501);
        }
        expect(0.2126 * r + 0.7152 * g + 0.0722 * b).toBeCloseTo(1, 1);
      }),
      { numRuns: 60 },
    );
  });
});

describe('exposure', () => {
  const brightness = (dark: number, mean: number, bright: number) => ({ dark, middle: mean, bright, mean });
  test.each([
    ['a good photo', brightness(0.2, 0.65, 0.98), 0, 0],
    ['a dim room with a bright window', brightness(0.1, 0.35, 0.99), 0.5, 1.2],
    ['an underexposed photo', brightness(0.08, 0.3, 0.5), 0.9, 1.5],
    ['a black frame', brightness(0, 0.01, 0.02), 1.5, 1.5],
    ['a washed-out photo', brightness(0.6, 0.9, 1), -1.5, -0.4],
    ['a white frame', brightness(1, 1, 1), -1.5, 0],
  ])('%s', (_, measured, low, high) => {
    const ev = evOf(chooseTone(measured));
    expect(ev).toBeGreaterThanOrEqual(low - 1e-9);
    expect(ev).toBeLessThanOrEqual(high + 1e-9);
  });

  test('stays within 1.5 stops whatever is measured', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(unit, unit, unit, (dark, mean, bright) => {
        expect(Math.abs(evOf(chooseTone(brightness(dark, mean, bright))))).toBeLessThanOrEqual(1.5 + 1e-9);
      }),
    );
  });

  test('measures encoded luminance', () => {
    const measured = measureBrightness(
      makeProxy(bands([0.1, 0.2, 0.4, 0.8].map((v) => [v, v, v] as const))),
      NEUTRAL_GAINS,
    );
    expect(measured.dark).toBeCloseTo(toEncoded(0.1), 2);
    expect(measured.bright).toBeCloseTo(toEncoded(0.8), 2);
    expect(measured.mean).toBeGreaterThan(measured.dark);
    expect(measured.mean).toBeLessThan(measured.bright);
  });
});

describe('tone', () => {
  const change = fc.record({
    white: fc.double({ min: 1, max: 2, noNaN: true }),
    middle: fc.double({ min: 0.36, max: 2.8, noNaN: true }),
    shadows: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  test('keeps black and white and never folds back', () => {
    fc.assert(
      fc.property(change, fc.double({ min: 0.8, max: 1.25, noNaN: true }), (tone, gain) => {
        const table = makeTable(gain, tone);
        expect(table[0]).toBe(0);
        expect(table[255]).toBe(255);
        for (let i = 1; i < 256; i++) expect(table[i]).toBeGreaterThanOrEqual(table[i - 1] ?? 255);
      }),
    );
  });

  test('is smooth: no step where its parts meet', () => {
    fc.assert(
      fc.property(change, fc.double({ min: 0.001, max: 0.998, noNaN: true }), (tone, x) => {
        const before = toneCurve(x, tone) - toneCurve(x - 0.0005, tone);
        const after = toneCurve(x + 0.0005, tone) - toneCurve(x, tone);
        expect(Math.abs(after - before)).toBeLessThan(0.0005);
      }),
    );
  });

  test('a window that was blown out stays white under a balanced light', () => {
    const { data } = applyTone(bands([[1, 1, 1]]), { r: 0.85, g: 1.02, b: 1.2 }, NO_TONE);
    expect([...data.subarray(0, 3)]).toEqual([255, 255, 255]);
  });

  test('no change gives the same bytes', () => {
    const pixels = bands(WHITES);
    expect(applyTone(pixels, NEUTRAL_GAINS, NO_TONE).data).toEqual(pixels.data);
  });

  test('the transfer curve and its inverse agree', () => {
    for (let i = 0; i <= 255; i++) expect(255 * toEncoded(toLinear(i / 255))).toBeCloseTo(i, 6);
  });
});

import { describe, expect, test } from 'vitest';
import { exposureFault, lifted } from './exposure.ts';
import { outdoors } from './outdoors.ts';
import type { Picture } from './picture.ts';
import { judgeFloor } from './verdict.ts';

function plain(width: number, height: number, [r, g, b]: readonly [number, number, number]): Picture {
  const rgb = new Uint8Array(width * height * 3);
  for (let at = 0; at < rgb.length; at += 3) rgb.set([r, g, b], at);
  return { width, height, rgb };
}

describe('verdicts', () => {
  const good = { support: 0.9, contrast: 0.9, ceiling: 0.8, agreement: 1, clutter: 0 };
  const certain = { free: 8, taken: 0, wall: 3, explained: 0.9 };
  test.each([
    ['good', good, certain, undefined],
    ['hardly a foot seen', { ...good, support: 0.3 }, certain, 'geometry_uncertain'],
    ['walls of the same colour', { ...good, contrast: 0.3 }, certain, 'geometry_uncertain'],
    [
      'few feet seen, by hardly a change of colour',
      { ...good, support: 0.5, contrast: 0.65 },
      certain,
      'geometry_uncertain',
    ],
    ['few feet seen, but clearly', { ...good, support: 0.5 }, certain, undefined],
    ['few feet seen, and things', { ...good, support: 0.5, clutter: 0.15 }, certain, 'furnished'],
    ['two readings', { ...good, agreement: 0.6 }, certain, 'geometry_uncertain'],
    ['hardly any free floor', good, { ...certain, free: 1 }, 'geometry_uncertain'],
    ['no wall to be sure of', good, { ...certain, wall: 0.8 }, 'geometry_uncertain'],
    ['things that rise from the floor', { ...good, clutter: 0.8 }, certain, 'furnished'],
    ['things of other colours', good, { ...certain, taken: 0.6 }, 'furnished'],
    ['edges that follow no wall', good, { ...certain, explained: 0.6 }, 'furnished'],
    [
      'some things, and some edges of their own',
      { ...good, clutter: 0.1 },
      { ...certain, taken: 0.06, explained: 0.85 },
      'furnished',
    ],
    ['an open door', good, { ...certain, taken: 0.3, explained: 0.9 }, undefined],
  ] as const)('%s', (_, marks, floor, expected) => {
    const refusal = judgeFloor(marks, floor);
    expect(refusal?.kind).toBe(expected);
    if (refusal) expect(refusal.hint).toContain('--floor');
  });
});

test('grass and sky are no room; a blue wall is one', () => {
  const garden = plain(200, 200, [0, 0, 0]);
  for (let at = 0; at < garden.rgb.length; at += 3)
    garden.rgb.set(at < 200 * 80 * 3 ? [90 + (at % 5), 150, 220] : [90 + (at % 7), 120, 60], at);
  expect(outdoors(garden)).toContain('outdoors');
  const wall = plain(200, 200, [140, 135, 130]);
  for (let at = 0; at < 200 * 120 * 3; at += 3) wall.rgb.set([110 + (at % 7), 150, 200], at);
  for (let at = 200 * 120 * 3; at < wall.rgb.length; at += 3) wall.rgb.set([140 + (at % 5), 135, 130], at);
  expect(outdoors(wall)).toBeUndefined();
});

test('a dim photo is lifted to a usual white, but not without end; others stay as they are', () => {
  const dim = plain(100, 100, [60, 50, 40]);
  expect([...lifted(dim).rgb.subarray(0, 3)]).toEqual([150, 125, 100]);
  dim.rgb.fill(100, 0, 3000);
  const [white = 0, , , ...rest] = [...lifted(dim).rgb];
  expect(white).toBe(205);
  expect(rest.slice(-3)).toEqual([123, 102, 82]);
  dim.rgb.fill(180, 0, 3000);
  expect(lifted(dim)).toBe(dim);
});

test('a photo too dark or too bright says so; a black frame has no fault of exposure', () => {
  const dark = plain(100, 100, [5, 5, 5]);
  dark.rgb.fill(60, 0, 3000);
  expect(exposureFault(dark)).toContain('dark');
  const white = plain(100, 100, [255, 255, 255]);
  white.rgb.fill(60, 0, 9000);
  expect(exposureFault(white)).toContain('overexposed');
  expect(exposureFault(plain(100, 100, [0, 0, 0]))).toBeUndefined();
});

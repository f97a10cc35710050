import { describe, expect, test } from 'vitest';
import type { Camera } from '../geometry/camera.ts';
import type { FloorPoint } from '../scene/types.ts';
import { sumsOf } from './contrast.ts';
import { footSeenAt, provenFeet } from './foot.ts';
import { freeFloor } from './free.ts';
import { GROUND, groundOf, LIT, SHADE, THING } from './ground.ts';
import { contains } from './outline.ts';
import type { Picture } from './picture.ts';
import { type Edge, footT, type Plane } from './planes.ts';
import { sunOn } from './sun.ts';
import { gatherEvidence } from './trace.ts';
import { type Spot, Upright } from './upright.ts';
import { columnOf, columnU, makeView, rowOf, type View } from './view.ts';

const DEGREE = Math.PI / 180;
const camera: Camera = { pitch: -8 * DEGREE, roll: 0, yaw: 12 * DEGREE, focal: 600, cx: 480, cy: 320 };
const upright = new Upright(camera);
/** A wall 3 camera heights away. */
const WALL: Plane = { axis: 1, nearness: 1 / 3 };

type Colour = readonly [number, number, number];
const FLOOR: Colour = [150, 110, 80];

/** @param paint colour of a place that is not wall or plain floor; its place on the floor where it lies below the horizon */
function scene(paint: (spot: Spot, at: FloorPoint | undefined) => Colour | undefined) {
  const rgb = new Uint8Array(960 * 640 * 3);
  const picture: Picture = { width: 960, height: 640, rgb };
  const view = makeView(upright, picture);
  if (!view) throw new Error('no view');
  for (let y = 0; y < 640; y += 1)
    for (let x = 0; x < 960; x += 1) {
      const spot = upright.fromPixel(x + 0.5, y + 0.5);
      if (!spot) continue;
      const plain: Colour = spot.t < footT(view, WALL, spot.u) ? FLOOR : [205, 203, 200];
      rgb.set(paint(spot, spot.t < 0 ? upright.toFloor(spot) : undefined) ?? plain, (y * 960 + x) * 3);
    }
  const feet = Float64Array.from({ length: view.columns }, (_, i) => footT(view, WALL, columnU(view, i)));
  return { view, picture, feet, ground: groundOf(view, picture, feet) };
}

function kindAt(view: View, ground: Uint8Array, at: FloorPoint): number | undefined {
  const spot = upright.fromFloor(at);
  return spot && ground[rowOf(view, spot.t) * view.columns + columnOf(view, spot.u)];
}

function isIn(area: FloorPoint, [x, z]: FloorPoint, half: number): boolean {
  return Math.abs(area[0] - x) < half && Math.abs(area[1] - z) < half;
}

/** A post of 0.2 by 0.2 whose front stands on the floor at a place, up to the ceiling. */
function post(x: number, z: number) {
  const ends = [x - 0.1, x + 0.1].map((side) => upright.fromFloor([side, z]));
  const [left, right] = ends;
  if (!left || !right) throw new Error('not seen');
  const bottom = Math.min(left.t, right.t);
  return { left: left.u, right: right.u, bottom };
}

describe('the free floor', () => {
  const all = (view: View, value: number) => new Uint8Array(view.columns).fill(value);
  const without = { uprights: [], strays: [] };

  test('an empty one is free up to a wall whose foot is seen, and not quite where it is not', () => {
    const { view, feet, ground } = scene(() => undefined);
    const seen = freeFloor(view, { ground, feet, proven: all(view, 1), ...without });
    expect(seen.keepOuts).toEqual([]);
    expect(seen.taken).toBe(0);
    const unseen = freeFloor(view, { ground, feet, proven: all(view, 0), ...without });
    const middle: FloorPoint = [0.6, 2.92];
    expect(unseen.keepOuts.some(({ outline }) => contains(outline, ...middle))).toBe(true);
    expect(unseen.keepOuts.some(({ outline }) => contains(outline, 0.4, 2))).toBe(false);
  });

  test('a post takes the floor that it hides, by its colour or by its edges alone', () => {
    const { left, right, bottom } = post(0.4, 2);
    const posted = scene(({ u, t }) => (u > left && u < right && t > bottom ? [60, 70, 120] : undefined));
    const byColour = freeFloor(posted.view, { ...posted, proven: all(posted.view, 1), ...without });
    const edges = [left, right].map((u): Edge => ({ u1: u, t1: bottom, u2: u, t2: 0.3, length: 200 }));
    const plain = scene(() => undefined);
    const byEdges = freeFloor(plain.view, {
      ...plain,
      proven: all(plain.view, 1),
      uprights: edges,
      strays: [],
    });
    for (const { keepOuts } of [byColour, byEdges]) {
      const isTaken = (at: FloorPoint) => keepOuts.some(({ outline }) => contains(outline, ...at));
      expect(isTaken([0.4, 2.05])).toBe(true);
      // Behind it, as seen from the camera.
      expect(isTaken([0.4 * 1.35, 2.7])).toBe(true);
      expect(isTaken([0.4, 1.7])).toBe(false);
      expect(isTaken([1.1, 2.2])).toBe(false);
    }
  });

  test('two things close together leave no place between them', () => {
    const posts = [post(0.1, 2), post(0.5, 2)];
    const { view, feet, ground } = scene(({ u, t }) =>
      posts.some(({ left, right, bottom }) => u > left && u < right && t > bottom)
        ? [60, 70, 120]
        : undefined,
    );
    const { keepOuts } = freeFloor(view, { ground, feet, proven: all(view, 1), ...without });
    expect(keepOuts.some(({ outline }) => contains(outline, 0.33, 2.2))).toBe(true);
  });

  test('boards with dark joints are floor; shade is, where the wall behind it is seen', () => {
    const { view, feet, ground } = scene((_, at) => {
      if (!at || at[1] > 3) return undefined;
      if (Math.abs(((at[0] + 9) % 0.2) - 0.1) < 0.004) return [90, 66, 48];
      return isIn(at, [0.4, 2], 0.3) ? [100, 73, 53] : undefined;
    });
    expect(kindAt(view, ground, [0.45, 2])).toBe(SHADE);
    const seen = freeFloor(view, { ground, feet, proven: all(view, 1), ...without });
    expect(seen.keepOuts).toEqual([]);
    const unseen = freeFloor(view, { ground, feet, proven: all(view, 0), ...without });
    expect(unseen.keepOuts.some(({ outline }) => contains(outline, 0.45, 2))).toBe(true);
  });

  test('a thing of another hue is none of the floor; a soft change of light is floor', () => {
    const { view, ground } = scene((_, at) => {
      if (!at || at[1] > 3) return undefined;
      if (isIn(at, [-0.5, 2], 0.2)) return [70, 110, 150];
      const dim = 1 - 0.45 * Math.min(1, Math.max(0, (at[0] - 0.2) / 0.8));
      return [FLOOR[0] * dim, FLOOR[1] * dim, FLOOR[2] * dim];
    });
    expect(kindAt(view, ground, [-0.5, 2])).toBe(THING);
    for (const x of [0.2, 0.6, 1]) expect(kindAt(view, ground, [x, 2]), `${x}`).toBe(GROUND);
  });
});

describe('the foot of a wall', () => {
  /** @param gap camera heights along the wall in which it has the colour of the floor, about 0.6 */
  const seen = (gap: number) => {
    const { view, picture } = scene(({ u, t }) => {
      const foot = footT(view0, WALL, u);
      const along = upright.toFloor({ u, t: foot })[0];
      return t > foot && t < foot + 0.15 && Math.abs(along - 0.6) < gap / 2 ? FLOOR : undefined;
    });
    const evidence = gatherEvidence(view, [[], [], []], [WALL], sumsOf(view, picture));
    const wall = { plane: WALL, from: 0, to: view.columns - 1 };
    const shown = footSeenAt(view, evidence, wall, columnOf(view, upright.fromFloor([0.6, 3])?.u ?? 0));
    return { shown, missing: provenFeet(view, evidence, [wall]).filter((one) => one === 0).length };
  };
  const { view: view0 } = scene(() => undefined);

  test('is seen where colours change at it, without any straight edge', () => {
    const whole = seen(0);
    expect(whole.shown).toBe(1);
    // Columns at a side of the picture that end just below it.
    expect(whole.missing).toBeLessThan(25);
  });

  test('goes on over a short gap in which it cannot be seen, not over a long one', () => {
    expect(seen(0.4)).toEqual({ shown: 0, missing: seen(0).missing });
    const long = seen(1.6);
    expect(long.shown).toBe(0);
    expect(long.missing).toBeGreaterThan(80);
  });
});

test('the sun has a sharp border; a window that is mirrored in the floor has none', () => {
  const patch = (soft: number) =>
    scene((_, at) => {
      if (!at || at[1] > 3) return undefined;
      const off = Math.max(Math.abs(at[0] - 0.4), Math.abs(at[1] - 2)) - 0.25;
      const share = Math.min(1, Math.max(0, off / soft));
      return [255 + share * (FLOOR[0] - 255), 250 + share * (FLOOR[1] - 250), 240 + share * (FLOOR[2] - 240)];
    });
  const sharp = patch(0.01);
  const [sun, ...more] = sunOn(sharp.view, sharp.picture, sharp.ground);
  expect(more).toEqual([]);
  expect(sun?.why).toBe('sun');
  expect(contains(sun?.outline ?? [], 0.4, 2)).toBe(true);
  expect(kindAt(sharp.view, sharp.ground, [0.4, 2])).toBe(LIT);
  const mirrored = patch(0.5);
  expect(sunOn(mirrored.view, mirrored.picture, mirrored.ground)).toEqual([]);
});

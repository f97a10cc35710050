import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Camera } from '../geometry/camera.ts';
import { likelyCeilings } from './ceilings.ts';
import { areaOf, contains, feetOf, floorPixels } from './outline.ts';
import type { Picture } from './picture.ts';
import { crossings, type Edge, type Edges, footT, likelyPlanes } from './planes.ts';
import { hullOf } from './regions.ts';
import { cameraHeight } from './scale.ts';
import { belowSkirting } from './skirting.ts';
import { fitSurface } from './surface.ts';
import { Upright } from './upright.ts';
import { columnOf, makeView, type View } from './view.ts';
import { closeGlimpses, closePassages, tidyStretches } from './walls.ts';

const DEGREE = Math.PI / 180;
const camera: Camera = { pitch: -6 * DEGREE, roll: 0, yaw: 14 * DEGREE, focal: 600, cx: 480, cy: 320 };

function plain(width: number, height: number, [r, g, b]: readonly [number, number, number]): Picture {
  const rgb = new Uint8Array(width * height * 3);
  for (let at = 0; at < rgb.length; at += 3) rgb.set([r, g, b], at);
  return { width, height, rgb };
}

function viewOf(held: Camera): View {
  const view = makeView(new Upright(held), plain(960, 640, [0, 0, 0]));
  if (!view) throw new Error('no view');
  return view;
}

describe('the upright view', () => {
  const radians = (most: number) => fc.double({ min: -most * DEGREE, max: most * DEGREE, noNaN: true });
  const metres = (least: number, most: number) => fc.double({ min: least, max: most, noNaN: true });

  test('pixels and places on the floor lead to one another, however the camera is held', () => {
    fc.assert(
      fc.property(
        radians(20),
        radians(8),
        radians(44),
        metres(-1, 1),
        metres(1.5, 6),
        (pitch, roll, yaw, x, z) => {
          const upright = new Upright({ ...camera, pitch, roll, yaw });
          const spot = upright.fromFloor([x, z]);
          const pixel = spot && upright.toPixel(spot);
          if (!pixel) return;
          const back = upright.fromPixel(...pixel);
          if (!back) throw new Error('lost');
          const floor = upright.toFloor(back);
          expect(floor[0]).toBeCloseTo(x, 6);
          expect(floor[1]).toBeCloseTo(z, 6);
        },
      ),
    );
  });

  test('what stands upright has one u, and a wall has a straight foot', () => {
    const upright = new Upright({ ...camera, roll: 4 * DEGREE });
    expect(upright.fromFloor([0.5, 3], 1.8)?.u).toBeCloseTo(upright.fromFloor([0.5, 3])?.u ?? 9, 9);
    const view = viewOf(camera);
    for (const z of [1.2, 2.5, 4]) {
      const spot = view.upright.fromFloor([2, z]);
      expect(footT(view, { axis: 0, nearness: 1 / 2 }, spot?.u ?? 0)).toBeCloseTo(spot?.t ?? 9, 9);
    }
  });

  test('there is none of a camera that looks at its feet', () => {
    expect(
      makeView(new Upright({ ...camera, pitch: -75 * DEGREE }), plain(960, 640, [0, 0, 0])),
    ).toBeUndefined();
  });
});

/** Edges of the foot and the ceiling of a wall along `b` at a distance. */
function wallEdges(view: View, distance: number, ceiling: number): Edges {
  const edge = (height: number): Edge => {
    const [p, q] = [
      view.upright.fromFloor([-1, distance], height),
      view.upright.fromFloor([1, distance], height),
    ];
    if (!p || !q) throw new Error('behind');
    return { u1: p.u, t1: p.t, u2: q.u, t2: q.t, length: 300 };
  };
  return [[], [edge(0), edge(ceiling)], []];
}

test('a wall and its ceiling are told by their edges', () => {
  const view = viewOf(camera);
  const edges = wallEdges(view, 3, 1.8);
  const [plane] = likelyPlanes(view, edges);
  expect(plane?.axis).toBe(1);
  expect(1 / (plane?.nearness ?? 0)).toBeCloseTo(3, 2);
  expect(Math.abs((likelyCeilings(edges)[0] ?? 0) - 1.8)).toBeLessThan(0.02);
});

describe('stretches', () => {
  const near = { axis: 1, nearness: 1 / 2 } as const;
  const far = { axis: 1, nearness: 1 / 4 } as const;
  const side = { axis: 0, nearness: 1 / 1.5 } as const;

  test('slips go, boards join their wall, all columns stay covered', () => {
    const tidy = tidyStretches([
      { plane: near, from: 0, to: 99 },
      { plane: far, from: 100, to: 101 },
      { plane: { axis: 1, nearness: 1 / 2.04 }, from: 102, to: 120 },
      { plane: side, from: 121, to: 319 },
    ]);
    expect(tidy).toEqual([
      { plane: near, from: 0, to: 120 },
      { plane: side, from: 121, to: 319 },
    ]);
  });

  test('a gap as wide as a door is closed, a wider one is part of the room', () => {
    const view = viewOf({ ...camera, yaw: 0 });
    const at = (x: number) => columnOf(view, view.upright.fromFloor([x, 2])?.u ?? 0);
    const gap = (width: number) => [
      { plane: near, from: 0, to: at(0) - 1 },
      { plane: far, from: at(0), to: at(width) },
      { plane: near, from: at(width) + 1, to: 319 },
    ];
    const door = closePassages(view, gap(0.7));
    expect(door.stretches).toEqual([{ plane: near, from: 0, to: 319 }]);
    expect(door.passages).toHaveLength(1);
    expect(closePassages(view, gap(0.2)).passages).toEqual([]);
    expect(
      closePassages(viewOf({ ...camera, yaw: 0, focal: 400 }), gap(0.7)).stretches.length,
    ).toBeGreaterThan(0);
  });

  test('a glimpse past the end of a wall is no floor, a view past it is', () => {
    const view = viewOf({ ...camera, yaw: 0 });
    const past = (columns: number) => [
      { plane: far, from: 0, to: columns - 1 },
      { plane: near, from: columns, to: 319 },
    ];
    expect(closeGlimpses(view, past(20))).toEqual([{ plane: near, from: 0, to: 319 }]);
    expect(closeGlimpses(view, past(100))).toEqual(past(100));
    const nearer = [
      { plane: far, from: 0, to: 299 },
      { plane: near, from: 300, to: 319 },
    ];
    expect(closeGlimpses(view, nearer)).toEqual(nearer);
  });

  test('the floor ends at corners and at the sides of the picture', () => {
    const view = viewOf({ ...camera, yaw: 0 });
    const corner = view.upright.fromFloor([1.5, 4]);
    const column = columnOf(view, corner?.u ?? 0);
    const feet = feetOf(view, [
      { plane: far, from: 0, to: column + 2 },
      { plane: side, from: column + 3, to: 319 },
    ]);
    expect(feet[0]?.right.u).toBeCloseTo(corner?.u ?? 9, 9);
    const outline = floorPixels(view.upright, feet, 960, 640);
    for (const [x, y] of outline) {
      expect(x).toBeGreaterThanOrEqual(-1e-6);
      expect(x).toBeLessThanOrEqual(960 + 1e-6);
      expect(y).toBeLessThanOrEqual(640 + 1e-6);
    }
    expect(contains(outline, 300, 600)).toBe(true);
    expect(contains(outline, 300, 200)).toBe(false);
    const pixel = corner && view.upright.toPixel(corner);
    expect(outline.some(([x, y]) => Math.hypot(x - (pixel?.[0] ?? 0), y - (pixel?.[1] ?? 0)) < 0.01)).toBe(
      true,
    );
  });
});

describe('skirting boards', () => {
  const view = viewOf(camera);
  const flat = {
    red: new Float64Array(0),
    green: new Float64Array(0),
    blue: new Float64Array(0),
    count: new Float64Array(0),
  };
  const foot = (from: readonly [number, number], to: readonly [number, number], height: number): Edge => {
    const [p, q] = [view.upright.fromFloor(from, height), view.upright.fromFloor(to, height)];
    if (!p || !q) throw new Error('behind');
    const [left, right] = p.u < q.u ? [p, q] : [q, p];
    return { u1: left.u, t1: left.t, u2: right.u, t2: right.t, length: 200 };
  };
  const back = (height: number) => foot([-1.5, 4], [1.5, 4], height);
  const right = (height: number) => foot([1.5, 4], [1.5, 2], height);
  // Read at the upper edges of boards of 0.05.
  const corner = columnOf(view, view.upright.fromFloor([1.5, 4], 0.05)?.u ?? 0);
  const stretches = [
    { plane: { axis: 1, nearness: 0.95 / 4 }, from: columnOf(view, back(0).u1) + 1, to: corner },
    { plane: { axis: 0, nearness: 0.95 / 1.5 }, from: corner + 1, to: columnOf(view, right(0).u2) - 1 },
  ] as const;
  const distances = (edges: Edges) => {
    const evidence = {
      planes: [],
      across: [crossings(view, edges[0]), crossings(view, edges[1])],
      upright: new Uint16Array(0),
      sums: flat,
      ceilings: [],
      strays: [],
    };
    return belowSkirting(view, evidence, stretches).map(({ plane }) => 1 / plane.nearness);
  };

  test('of two walls are stepped down from to the floor', () => {
    const [z = 0, x = 0] = distances([[right(0), right(0.05)], [back(0), back(0.05)], []]);
    expect(Math.abs(z - 4)).toBeLessThan(0.05);
    expect(Math.abs(x - 1.5)).toBeLessThan(0.02);
  });

  test('are not seen in one board along one wall', () => {
    const [z, x] = distances([[right(0.05)], [back(0), back(0.05)], []]);
    expect(z).toBeCloseTo(4 / 0.95, 9);
    expect(x).toBeCloseTo(1.5 / 0.95, 9);
  });
});

test('the hull goes counter-clockwise around all points', () => {
  const points = fc.array(fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -20, max: 20 })), {
    minLength: 3,
    maxLength: 40,
  });
  fc.assert(
    fc.property(points, (cloud) => {
      const hull = hullOf(cloud);
      if (hull.length < 3) return;
      expect(areaOf(hull)).toBeGreaterThan(0);
      for (const [x, z] of cloud)
        for (const [n, to] of hull.entries()) {
          const from = hull.at(n - 1) ?? to;
          expect(
            (to[0] - from[0]) * (z - from[1]) - (to[1] - from[1]) * (x - from[0]),
          ).toBeGreaterThanOrEqual(0);
        }
    }),
  );
});

test('an even floor is fitted past what stands on it', () => {
  const samples = Array.from({ length: 400 }, (_, n) => {
    const [x, y] = [(n % 20) / 20, Math.floor(n / 20) / 20];
    return { x, y, value: x > 0.7 && y > 0.6 ? 20 : 120 + 30 * x - 40 * y * y };
  });
  const surface = fitSurface(samples);
  expect(surface?.at(0.9, 0.9)).toBeCloseTo(120 + 27 - 32.4, 0);
  expect(fitSurface(samples.slice(0, 5))).toBeUndefined();
});

test('scale comes from doors, then the ceiling, then how people hold cameras', () => {
  expect(cameraHeight(undefined, [])).toBeCloseTo(1.42, 2);
  expect(Math.abs(cameraHeight(undefined, [2.09 / 1.6]) - 1.6)).toBeLessThan(0.03);
  const low = cameraHeight(2.58 / 1.2, []);
  expect(low).toBeGreaterThan(1.2);
  expect(low).toBeLessThan(1.42);
});

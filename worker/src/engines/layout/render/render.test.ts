import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Room } from '../scene/types.ts';
import type { Photo } from './coarse.ts';
import { blocks, examplePhoto, exampleRoom, rug, sofa, table } from './fixtures.ts';
import { createKernel } from './kernel/kernel.ts';
import { createPlainKernel } from './kernel/plain.ts';
import { type Rendered, type RenderInput, render } from './render.ts';
import { ShadowMap, smoothShadow } from './shadowMap.ts';
import { FLOOR, Shell, WALL } from './shell.ts';
import { View } from './view.ts';

const NAME = '01-living-room';
const room = exampleRoom(NAME);
const pieces = [sofa([-1, 3.6], 0.3), table([-0.7, 2.5], 0.3), rug([-0.9, 2.8], 0.3)];
let photo: Photo;
let rendered: Rendered;

const run = (change: Partial<RenderInput> = {}) =>
  render({ photo, room, pieces, quality: 'preview', seed: 3, ...change });

beforeAll(async () => {
  photo = await examplePhoto(NAME, 360);
  rendered = await run();
});

function same(a: Rendered, b: Rendered): boolean {
  return (['picture', 'furniture', 'shadow'] as const).every(
    (layer) => Buffer.compare(a[layer], b[layer]) === 0,
  );
}

describe('the camera', () => {
  const turns = fc.double({ min: -0.5, max: 0.5, noNaN: true });

  test('sees a point where it projects it', () => {
    const place = fc.double({ min: 0.05, max: 0.95, noNaN: true });
    fc.assert(
      fc.property(turns, turns, turns, place, place, (pitch, roll, yaw, s, t) => {
        const held: Room = { ...room, pitch, roll, yaw, cx: 500, cy: 450 };
        const view = new View(held, 600, 400);
        view.aim(600 * s, 400 * t);
        expect(view.project(3 * view.x, view.eye + 3 * view.y, 3 * view.z)).toBe(true);
        expect([view.u, view.v]).toEqual([expect.closeTo(600 * s, 6), expect.closeTo(400 * t, 6)]);
        expect(view.inside()).toBe(true);
      }),
    );
  });

  test.each([NAME, '02-bedroom', '04-home-office', '09-hallway-portrait'])(
    'finds the corners of the floor of %s where they are in the picture',
    (name) => {
      const known = exampleRoom(name);
      const path = resolve(import.meta.dirname, `../../../../../examples/photos/${name}.camera.json`);
      const { floor_polygon_px: corners } = z
        .object({ floor_polygon_px: z.array(z.tuple([z.number(), z.number()])) })
        .parse(JSON.parse(readFileSync(path, 'utf8')));
      const view = new View(known, known.width, known.height);
      const border = (x: number, y: number) => x <= 0 || y <= 0 || x >= known.width || y >= known.height;
      const inside = corners.filter(([x, y]) => !border(x, y));
      expect(inside.length).toBeGreaterThan(0);
      for (const [x, y] of inside) {
        const distances = known.floor.map(([fx, fz]) =>
          view.project(fx, 0, fz) ? Math.hypot(view.u - x, view.v - y) : Number.POSITIVE_INFINITY,
        );
        expect(Math.min(...distances)).toBeLessThan(1.5);
      }
    },
  );
});

describe('the shell of a room', () => {
  test('ends every ray, on the side that the ray goes to', () => {
    const shell = new Shell(room);
    const unit = fc.double({ min: -1, max: 1, noNaN: true }).filter((n) => Math.abs(n) > 1e-6);
    fc.assert(
      fc.property(unit, unit, unit, (dx, dy, dz) => {
        const t = shell.hit(0, 1.4, 0, dx, dy, dz);
        expect(t).toBeGreaterThan(0);
        expect(shell.nx * dx + shell.ny * dy + shell.nz * dz).toBeLessThan(0);
        const [x, y, z] = [t * dx, 1.4 + t * dy, t * dz];
        expect(x).toBeGreaterThanOrEqual(-4.3 - 1e-6);
        expect(x).toBeLessThanOrEqual(1.1 + 1e-6);
        expect(y).toBeGreaterThanOrEqual(-1e-6);
        expect(y).toBeLessThanOrEqual(2.65 + 1e-6);
        expect(z).toBeLessThanOrEqual(5.7 + 1e-6);
      }),
    );
    shell.hit(0, 1.4, 0, 1e-9, -1, 1e-9);
    expect(shell.surface).toBe(FLOOR);
    shell.hit(0, 1.4, 0, 1e-9, 1e-9, 1);
    expect(shell.surface).toBe(WALL + 2);
  });
});

describe('a rendered picture', () => {
  test('is the same each time, from the plain kernel too, and however many rows are made at once', async () => {
    expect(same(await run(), rendered)).toBe(true);
    expect(same(await run({ makeKernel: createPlainKernel }), rendered)).toBe(true);
    expect(same(await run({ makeKernel: createKernel, rows: 17 }), rendered)).toBe(true);
    expect(same(await run({ seed: 4 }), rendered)).toBe(false);
  });

  test('of no pieces is the photo', async () => {
    const empty = await run({ pieces: [] });
    expect(Buffer.compare(empty.picture, photo.data)).toBe(0);
    expect(empty.report).toMatchObject({ furnitureShare: 0, shadowShare: 0 });
  });

  test('has the furniture where the camera sees it, at its distance', () => {
    const view = new View(room, photo.width, photo.height);
    // The middle of the sofa's seat.
    view.project(-1, 0.45, 3.5);
    const n = Math.floor(view.v) * photo.width + Math.floor(view.u);
    expect(rendered.furniture[n]).toBe(255);
    const depth = (rendered.depth[n] ?? 0) / 1000;
    expect(Math.abs(depth - Math.hypot(1, 0.95, 3.5))).toBeLessThan(0.5);
  });

  test('is darker on the floor beside a thing that stands there, and only near to it', async () => {
    const block = {
      mesh: blocks([
        {
          middle: [0, 0.2, 0],
          size: [0.5, 0.4, 0.5],
          round: 0.02,
          material: { kind: 'paint', albedo: [0.5, 0.5, 0.5], roughness: 0.6 },
        },
      ]),
      placed: { kind: 'block', at: [-0.6, 3], turn: 0, size: [0.5, 0.4, 0.5], lift: 0, seed: 1 },
    } as const;
    const { picture, furniture, shadow } = await run({ pieces: [block], quality: 'final' });
    const view = new View(room, photo.width, photo.height);
    const at = (x: number, z: number) => {
      view.project(x, 0, z);
      return Math.floor(view.v) * photo.width + Math.floor(view.u);
    };
    const ratio = (n: number) => (picture[3 * n + 1] ?? 0) / (photo.data[3 * n + 1] ?? 1);
    const contact = at(-0.6, 2.72);
    expect(furniture[contact]).toBe(0);
    expect(ratio(contact)).toBeLessThan(0.85);
    const far = at(-1.75, 3);
    expect([furniture[far], shadow[far], ratio(far)]).toEqual([0, 0, 1]);
  });

  test('shows no furniture behind a wall', async () => {
    const screen = { from: [1, 2], to: [-4, 2], height: 2.6, confidence: 1 } as const;
    // The room lies on the left of a wall's way, so this one looks at the camera.
    const hidden = await run({ room: { ...room, walls: [...room.walls, screen] } });
    expect(hidden.report.furnitureShare).toBeLessThan(0.2 * rendered.report.furnitureShare);
  });

  test('lets the photo be seen through glass', async () => {
    const pane = (material: Parameters<typeof blocks>[0][0]['material']) => ({
      mesh: blocks([{ middle: [0, 0.8, 0], size: [1, 1, 0.02], round: 0.005, material }]),
      placed: { kind: 'pane', at: [-1, 3] as const, turn: 0, size: [1, 1, 1] as const, lift: 0, seed: 1 },
    });
    const clear = await run({ pieces: [pane({ kind: 'glass', tint: [0.7, 0.8, 0.75] })] });
    const solid = await run({ pieces: [pane({ kind: 'ceramic', albedo: [0.1, 0.1, 0.1], roughness: 0.2 })] });
    const view = new View(room, photo.width, photo.height);
    view.project(-1, 0.8, 3);
    const n = Math.floor(view.v) * photo.width + Math.floor(view.u);
    expect(solid.furniture[n]).toBe(255);
    expect(clear.furniture[n]).toBeLessThan(100);
    expect(clear.furniture[n]).toBeGreaterThan(0);
  });

  test('stops when it is told to', async () => {
    const control = new AbortController();
    const seen: number[] = [];
    const stopped = run({
      signal: control.signal,
      progress: (fraction) => {
        seen.push(fraction);
        control.abort();
      },
    });
    await expect(stopped).rejects.toThrow('aborted');
    expect(seen).toHaveLength(1);
  });
});

describe('odd input', () => {
  test.each([
    ['a tiny photo', 40, 30],
    ['a portrait', 60, 160],
    ['a panorama', 400, 50],
  ])('%s is rendered', async (_, width, height) => {
    const small = { width, height, data: new Uint8Array(3 * width * height).fill(120) };
    const held = { ...room, width, height, cx: width / 2, cy: height / 2, focal: 0.7 * width };
    const { picture, furniture } = await run({ photo: small, room: held });
    expect(picture).toHaveLength(small.data.length);
    expect(furniture.some((share) => share > 0)).toBe(true);
  });

  test.each([
    ['black', 0],
    ['white', 255],
  ])('a photo that is %s takes furniture without fault, and white no shadow', async (_, level) => {
    const plain = { ...photo, data: new Uint8Array(photo.data.length).fill(level) };
    const { picture, shadow, furniture, report } = await run({ photo: plain });
    expect(report.lightScale).toBeGreaterThanOrEqual(0.3);
    expect(report.lightScale).toBeLessThanOrEqual(40);
    expect(shadow.every((depth) => depth === 0)).toBe(true);
    picture.forEach((value, at) => {
      if (furniture[Math.floor(at / 3)] === 0 && value !== level) throw new Error(`changed at ${at}`);
    });
  });

  test('a room of which no wall and no floor is known still takes furniture, without a shadow', async () => {
    const { report } = await run({ room: { ...room, floor: [], walls: [], openings: [] } });
    expect(report.furnitureShare).toBeGreaterThan(0.1);
    expect(report.shadowShare).toBe(0);
  });

  test('a wall of no length hides and shades nothing', async () => {
    const none = { from: [-1, 2], to: [-1, 2], height: 2.6, confidence: 1 } as const;
    const walls = [...room.walls, none];
    expect(same(await run({ room: { ...room, walls } }), rendered)).toBe(true);
  });

  test('a point of a shadow that is alone on its surface, at the border, keeps its shadow', () => {
    const map = new ShadowMap(new View(room, 40, 40));
    // No surface is next to itself; a fifth of the map, as more than a quarter is never dark.
    const alone = Array.from(map.surface.keys()).filter((n) => n % map.width < 4);
    for (const n of alone) {
      map.surface[n] = 2 + (n % 200);
      map.share[n] = 1;
      map.ratio.fill(0.5, 3 * n, 3 * n + 3);
    }
    smoothShadow(map);
    for (const n of alone) {
      expect(map.ratio[3 * n]).toBeGreaterThan(0.2);
      expect(map.ratio[3 * n]).toBeLessThan(0.8);
    }
  });

  test('a piece around the camera, behind it, or of no triangles is no trouble', async () => {
    const [around, behind] = [sofa([0, 0.2], 0), sofa([0, -3], 0)];
    const empty = { mesh: blocks([]), placed: { ...around.placed, kind: 'nothing' } };
    const { report } = await run({ pieces: [around, behind, empty] });
    expect(report.furnitureShare).toBeLessThan(1);
    expect((await run({ pieces: [behind, empty] })).report.furnitureShare).toBe(0);
  });
});

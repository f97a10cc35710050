import { existsSync, readdirSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { createCamera, describeCamera, project, projectPolygon, vanishingPoint } from './camera.ts';
import { develop } from './develop.ts';
import { render } from './render.ts';
import { ROOMS, sceneOf } from './rooms.ts';
import { add, scale, type Vec } from './vec.ts';

const room = ROOMS[0] ?? expect.unreachable();
const camera = createCamera(room.camera);

describe('the camera', () => {
  test('parallel lines meet in their vanishing point', () => {
    const point = vanishingPoint(camera, [0, 1, 0]) ?? expect.unreachable();
    for (const start of [
      [0, 3, 0],
      [5, 3, 2],
    ] satisfies Vec[]) {
      const far = project(camera, add(start, scale([0, 1, 0], 1e6))) ?? expect.unreachable();
      expect(far[0]).toBeCloseTo(point[0], 1);
      expect(far[1]).toBeCloseTo(point[1], 1);
    }
  });

  test('looking straight ahead, the horizon and both vanishing points are where they must be', () => {
    const straight = createCamera({ ...room.camera, yaw: 0, pitch: 0, roll: 0 });
    const about = describeCamera(straight, { size: room.spec.size, floor: room.floor });
    expect(about.horizon_y_at_left_and_right).toEqual([straight.height / 2, straight.height / 2]);
    expect(about.vp_horizontal_a).toEqual([straight.width / 2, straight.height / 2]);
    expect(about.vp_horizontal_b).toMatchObject({ at_infinity: true });
  });

  test('looking down lifts the horizon, a roll tilts it', () => {
    const about = describeCamera(createCamera({ ...room.camera, pitch: -10, roll: 2 }), {
      size: room.spec.size,
      floor: room.floor,
    });
    const [left, right] = about.horizon_y_at_left_and_right;
    expect((Number(left) + Number(right)) / 2).toBeLessThan(camera.height / 2);
    expect(left).not.toBe(right);
  });

  test('the outline of the floor stays in the frame and keeps the corners that are seen', () => {
    for (const { camera: spec, floor } of ROOMS) {
      const eye = createCamera(spec);
      const outline = projectPolygon(eye, floor);
      expect(outline.length).toBeGreaterThanOrEqual(3);
      for (const [x, y] of outline) {
        expect(x).toBeGreaterThanOrEqual(-1e-6);
        expect(x).toBeLessThanOrEqual(eye.width + 1e-6);
        expect(y).toBeGreaterThanOrEqual(-1e-6);
        expect(y).toBeLessThanOrEqual(eye.height + 1e-6);
      }
      for (const corner of floor) {
        const seen = project(eye, corner);
        if (!seen || seen[0] < 0 || seen[0] > eye.width || seen[1] < 0 || seen[1] > eye.height) continue;
        expect(outline.some(([x, y]) => Math.hypot(x - seen[0], y - seen[1]) < 1)).toBe(true);
      }
    }
  });
});

test('the same seed gives the same picture, and light falls into every room', () => {
  for (const one of ROOMS) {
    const small = createCamera({ ...one.camera, width: 36, height: 24 });
    const options = { width: 36, height: 24, exposure: 0, cast: [1, 1, 1] as Vec, seed: 2 };
    const picture = develop(render(sceneOf(one), small, { samples: 2, seed: 1 }), options);
    const again = develop(render(sceneOf(one), small, { samples: 2, seed: 1 }), options);
    expect(picture.equals(again)).toBe(true);
    const mean = picture.reduce((sum, value) => sum + value, 0) / picture.length;
    expect(mean, one.name).toBeGreaterThan(40);
    expect(mean, one.name).toBeLessThan(235);
  }
});

describe('the pictures of the repository', () => {
  const folder = new URL('../photos/', import.meta.url);

  test('there is one of every room, with its camera beside it', () => {
    expect(ROOMS.length).toBeGreaterThanOrEqual(8);
    for (const { name } of ROOMS) {
      expect(existsSync(new URL(`${name}.jpg`, folder)), name).toBe(true);
      const about = JSON.parse(readFileSync(new URL(`${name}.camera.json`, folder), 'utf8'));
      expect(about.focal_px).toBeGreaterThan(0);
      expect(about.floor_polygon_px.length).toBeGreaterThanOrEqual(3);
    }
  });

  test('they carry what their table promises: a profile, a position, an orientation', async () => {
    const meta = (name: string) => sharp(readFileSync(new URL(`${name}.jpg`, folder))).metadata();
    expect((await meta('02-bedroom')).icc).toBeDefined();
    expect((await meta('06-kitchen-living')).exif?.includes('Stager')).toBe(true);
    const portrait = await meta('09-hallway-portrait');
    expect(portrait.orientation).toBe(6);
    expect(portrait.width).toBeGreaterThan(portrait.height);
  });

  test('they are small enough to be kept here', () => {
    const bytes = readdirSync(folder).reduce(
      (sum, name) => sum + readFileSync(new URL(name, folder)).length,
      0,
    );
    expect(bytes).toBeLessThan(3_000_000);
  });
});

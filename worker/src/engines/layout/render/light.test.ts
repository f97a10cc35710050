import { beforeAll, describe, expect, test } from 'vitest';
import { coarsen, type Photo } from './coarse.ts';
import { Environment } from './environment.ts';
import { solveLighting } from './exposure.ts';
import { examplePhoto, exampleRoom } from './fixtures.ts';
import { steer } from './kernel/kernel.ts';
import { findWindows, Lamps } from './lights.ts';
import { Shell, WALL } from './shell.ts';
import { View } from './view.ts';

const room = exampleRoom('02-bedroom');
let photo: Photo;

beforeAll(async () => {
  photo = await examplePhoto('02-bedroom', 600);
});

function studio(from: Photo) {
  const view = new View(room, from.width, from.height);
  const shell = new Shell(room);
  const coarse = coarsen(from);
  return { view, shell, coarse, environment: new Environment(coarse, view, shell) };
}

/** The same photo with every level lowered: half the light or so. */
function dimmed(factor: number): Photo {
  return { ...photo, data: photo.data.map((level) => Math.round(level * factor)) };
}

describe('a window in a polished top', () => {
  const lamps = new Lamps([
    {
      corner: [-0.5, 1, 3],
      across: [1, 0, 0],
      up: [0, 1, 0],
      normal: [0, 0, -1],
      area: 1,
      colour: [1, 1, 1],
      seen: true,
    },
  ]);
  const mirrored = (height: number, spread: number) => {
    const length = Math.hypot(height - 0.5, 3);
    return lamps.mirrored(0, 0.5, 0, steer(0), (height - 0.5) / length, 3 / length, 4, spread);
  };

  test('is whole in its middle and ends without a step, the softer the rougher the top', () => {
    expect(mirrored(1.5, 0.02)).toBe(1);
    expect(mirrored(0.5, 0.02)).toBe(0);
    const heights = Array.from({ length: 200 }, (_, n) => 0.5 + n / 100);
    const steps = (spread: number) =>
      heights.map((height) => Math.abs(mirrored(height + 0.01, spread) - mirrored(height, spread)));
    expect(Math.max(...steps(0.18))).toBeLessThan(0.03);
    expect(Math.max(...steps(0.02))).toBeGreaterThan(0.05);
  });

  test('is no spark on what stands against it', () => {
    for (let n = 0; n < 200; n += 1)
      if (lamps.draw(0, 1.5, 2.98, 0, 0, 1, (n * 0.618034) % 1, n / 200))
        expect(lamps.weight).toBeLessThan(1.3);
  });

  test('is not seen from behind', () => {
    expect(lamps.mirrored(0, 1.5, 4, steer(0), steer(0), -1, 4, 0.1)).toBe(0);
  });
});

test('a shadow goes on over a white casing in a grey wall, but not over a pane', () => {
  const grey = Math.round(255 * 0.66);
  const levels = new Map([
    [0, grey],
    [1, Math.round(255 * 0.76)],
    [2, 252],
  ]);
  const data = Uint8Array.from({ length: 3 * 600 * 400 }, (_, at) => {
    const column = Math.floor(at / 3) % 600;
    return levels.get(column < 400 ? 0 : column < 500 ? 1 : 2) ?? 0;
  });
  const { environment } = studio({ width: 600, height: 400, data });
  const shares = [300, 450, 550].map((x) => environment.shadowed(x, 200, WALL));
  expect(shares).toEqual([1, 1, 0]);
});

describe('the light of a room', () => {
  test('comes from the window that is in the photo, where it is in the wall', () => {
    const { view, shell, coarse } = studio(photo);
    const lights = findWindows(coarse, view, shell);
    expect(lights.length).toBeGreaterThan(0);
    for (const { corner, across, up, normal } of lights) {
      const [x, y, z] = [0, 1, 2].map((k) => (corner[k] ?? 0) + ((across[k] ?? 0) + (up[k] ?? 0)) / 2);
      const inWindow = room.openings.some(({ wall, start, end, bottom, top, kind }) => {
        const plane = shell.walls[wall];
        if (!plane || kind !== 'window') return false;
        const along = ((x ?? 0) - plane.x) * plane.dx + ((z ?? 0) - plane.z) * plane.dz;
        const off = ((x ?? 0) - plane.x) * plane.nx + ((z ?? 0) - plane.z) * plane.nz;
        return along > start && along < end && (y ?? 0) > bottom && (y ?? 0) < top && Math.abs(off) < 0.05;
      });
      expect(inWindow).toBe(true);
      // It shines into the room.
      expect(normal[0] * -(x ?? 0) + normal[2] * (2 - (z ?? 0))).toBeGreaterThan(0);
    }
  });

  test('is weaker in a darker photo, and supposed outside of one that shows no window', () => {
    const scaleOf = (from: Photo) => {
      const { view, coarse, environment } = studio(from);
      return solveLighting(coarse, view, room, environment);
    };
    const bright = scaleOf(photo);
    expect(bright.anchors).toBeGreaterThan(20);
    expect(bright.lamps.lights.every(({ seen }) => seen)).toBe(true);
    const dark = scaleOf(dimmed(0.6));
    expect(dark.lamps.lights).toHaveLength(1);
    expect(dark.lamps.lights[0]?.seen).toBe(false);
    const darker = scaleOf(dimmed(0.4));
    expect(darker.scale).toBeLessThan(dark.scale);
  });

  test('has what the photo shows where a ray ends in it, and the mean of such surfaces elsewhere', () => {
    const { view, environment, shell, coarse } = studio(photo);
    view.aim(300, 200);
    environment.look(0, view.eye, 0, view.x, view.y, view.z);
    const cell = 3 * (Math.floor(200 / coarse.cell) * coarse.width + Math.floor(300 / coarse.cell));
    expect(environment.r).toBeCloseTo(coarse.data[cell] ?? Number.NaN, 5);
    environment.look(0, view.eye, 0, steer(0), steer(0), -1);
    expect(shell.surface).toBeGreaterThanOrEqual(WALL);
    expect([environment.r, environment.g, environment.b]).toEqual([...environment.means.slice(6)]);
  });
});

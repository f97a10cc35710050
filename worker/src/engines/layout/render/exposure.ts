import { luminance } from '../../finish/transfer.ts';
import type { Room } from '../scene/types.ts';
import type { Coarse } from './coarse.ts';
import type { Environment } from './environment.ts';
import { steer } from './kernel/kernel.ts';
import { findWindows, Lamps, type Light, supposeWindows } from './lights.ts';
import { Sampler } from './sampler.ts';
import { FLOOR, WALL } from './shell.ts';
import { findSun, type Sun } from './sun.ts';
import type { View } from './view.ts';

/** What walls and floors are supposed to reflect: nothing in a photo tells. */
const ALBEDO = { wall: 0.72, floor: 0.4 };
const FLOOR_WEIGHT = 0.5;
const LEAST = 0.3;
const MOST = 40;
const RAYS = 48;
const ACROSS = 18;
const DOWN = 12;

/** The room's light: rectangles and what they shine with. */
export interface Lighting {
  readonly lamps: Lamps;
  /** Radiance of the lights where the photo's white is 1. */
  readonly scale: number;
  /** Without which the scale is a guess: places of the photo that it was fitted to. */
  readonly anchors: number;
  readonly sun: Sun | undefined;
}

interface Anchor {
  readonly point: readonly [number, number, number];
  readonly normal: readonly [number, number, number];
  readonly weight: number;
  /** What has to come from the lights, by the photo. */
  readonly missing: number;
}

/** Lights that explain how bright walls and floor of the photo are: windows in it, or else one behind the camera. */
export function solveLighting(coarse: Coarse, view: View, room: Room, environment: Environment): Lighting {
  const anchors = findAnchors(coarse, view, environment);
  const seen = findWindows(coarse, view, environment.shell);
  const candidates =
    seen.length > 0 ? [seen] : supposeWindows(room, environment.shell).map((light) => [light]);
  const fits = candidates.map((lights) => fit(lights, anchors));
  const { lights, scale } = fits.reduce((best, one) => (one.residual < best.residual ? one : best));
  const sun = findSun(coarse, view, room, environment.shell, lights);
  return { lamps: new Lamps(lights), scale, anchors: anchors.length, sun };
}

function fit(lights: readonly Light[], anchors: readonly Anchor[]) {
  const lamps = new Lamps(lights);
  const sampler = new Sampler(1);
  const rows = anchors.map(({ point, normal, weight, missing }, n) => {
    sampler.start(n, 0);
    let direct = 0;
    for (let k = 0; k < RAYS; k += 1) {
      sampler.pair(k, 0);
      if (lamps.draw(...point, ...normal, sampler.u, sampler.v)) direct += lamps.weight / RAYS;
    }
    return { direct, weight, missing };
  });
  let scale = solve(rows);
  // Once more without what fits worst: a dark door, a painted stripe.
  const errors = rows.map(({ direct, missing }) => Math.abs(missing - scale * direct));
  const limit = errors.toSorted((a, b) => a - b)[Math.floor(0.75 * errors.length)] ?? 0;
  const kept = rows.filter((_, n) => (errors[n] ?? 0) <= limit);
  scale = Math.min(MOST, Math.max(LEAST, solve(kept)));
  const residual = kept.reduce(
    (sum, { direct, weight, missing }) => sum + weight * (missing - scale * direct) ** 2,
    0,
  );
  return { lights, scale, residual };
}

function solve(rows: readonly { direct: number; weight: number; missing: number }[]): number {
  const above = rows.reduce((sum, { direct, weight, missing }) => sum + weight * missing * direct, 0);
  const below = rows.reduce((sum, { direct, weight }) => sum + weight * direct * direct, 0);
  return below === 0 ? LEAST : above / below;
}

/** Plain places of floor and walls, neither dark nor blown out. */
function findAnchors(coarse: Coarse, view: View, environment: Environment): Anchor[] {
  const anchors: Anchor[] = [];
  const { shell } = environment;
  const sampler = new Sampler(2);
  for (let j = 0; j < DOWN; j += 1) {
    for (let i = 0; i < ACROSS; i += 1) {
      const x = Math.floor(((i + 0.5) * coarse.width) / ACROSS);
      const y = Math.floor(((j + 0.5) * coarse.height) / DOWN);
      const level = plainLevel(coarse, x, y);
      if (level < 0.03 || level > 0.85) continue;
      view.aim((x + 0.5) * coarse.cell, (y + 0.5) * coarse.cell);
      const t = shell.hit(0, view.eye, 0, view.x, view.y, view.z);
      const floor = shell.surface === FLOOR;
      if (!floor && shell.surface < WALL) continue;
      const normal = [shell.nx, shell.ny, shell.nz] as const;
      const point = [
        t * view.x + 0.001 * normal[0],
        view.eye + t * view.y + 0.001 * normal[1],
        t * view.z + 0.001 * normal[2],
      ] as const;
      sampler.start(i, j);
      const around = meanAround(environment, sampler, point, normal);
      const albedo = floor ? ALBEDO.floor : ALBEDO.wall;
      anchors.push({ point, normal, weight: floor ? FLOOR_WEIGHT : 1, missing: level / albedo - around });
    }
  }
  return anchors;
}

/** Luminance of a place whose neighbours are alike, or -1. */
function plainLevel({ width, height, data, clipped }: Coarse, x: number, y: number): number {
  if (x < 1 || y < 1 || x >= width - 1 || y >= height - 1) return -1;
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  let sum = 0;
  for (let j = y - 1; j <= y + 1; j += 1) {
    for (let i = x - 1; i <= x + 1; i += 1) {
      const n = j * width + i;
      if ((clipped[n] as number) > 0) return -1;
      const level = luminance(data[3 * n] as number, data[3 * n + 1] as number, data[3 * n + 2] as number);
      least = Math.min(least, level);
      most = Math.max(most, level);
      sum += level / 9;
    }
  }
  return most - least > 0.15 * sum ? -1 : sum;
}

function meanAround(
  environment: Environment,
  sampler: Sampler,
  [x, y, z]: Anchor['point'],
  [nx, ny, nz]: Anchor['normal'],
): number {
  let sum = 0;
  for (let k = 0; k < RAYS; k += 1) {
    sampler.pair(k, 0);
    // A point on the unit ball about the tip of the normal: cosine-distributed.
    const h = 1 - 2 * sampler.u;
    const r = Math.sqrt(Math.max(0, 1 - h * h));
    const around = 2 * Math.PI * sampler.v;
    const [dx, dy, dz] = [nx + r * Math.cos(around), ny + h, nz + r * Math.sin(around)];
    const length = Math.sqrt(dx * dx + dy * dy + dz * dz) + 1e-9;
    environment.look(x, y, z, steer(dx / length), steer(dy / length), steer(dz / length));
    sum += luminance(environment.r, environment.g, environment.b) / RAYS;
  }
  return sum;
}

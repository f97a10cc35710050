import type { Rgb } from '../scene/types.ts';
import type { Photo } from './coarse.ts';
import { f32 } from './kernel/at.ts';
import { expose, type Look, ofByte, toLevel } from './look.ts';
import { COVERED, type ShadowMap } from './shadowMap.ts';

/** Less of a share is nothing: a quarter of a level at most. */
const LEAST_ALPHA = 1 / 1024;

/** Parts of a pixel in which surfaces are told apart, and what of its width and height each has. */
const PARTS = 4;
const PART = 0.5;

/** Which surface of the room a place in the picture shows, as the shell names it. */
type SurfaceAt = (u: number, v: number) => number;

/** The finished picture and what in it is not the photo. */
export interface Layers {
  readonly picture: Uint8Array;
  /** 0 where no furniture is, else its share of the pixel, 1 to 255. */
  readonly furniture: Uint8Array;
  /** 0 where nothing was darkened, else by how much, 1 to 255. */
  readonly shadow: Uint8Array;
}

/** Furniture of some rows: colour times share, linear, and share; blurred as the photo is. */
export interface Rows {
  readonly left: number;
  readonly width: number;
  readonly colour: Float32Array;
  readonly alpha: Float32Array;
}

/** Shadow and image in the floor, everywhere. A pixel that neither changes keeps its bytes. @param shade the floor out of the sun */
export function applyShadow(
  { width, height, data }: Photo,
  map: ShadowMap,
  layers: Layers,
  surfaceAt: SurfaceAt,
  shade: Rgb = [1, 1, 1],
): void {
  const change = new Float32Array(7);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (!changeAt(map, x, y, surfaceAt, change)) continue;
      const p = 3 * (y * width + x);
      let changed = 0;
      for (let c = 0; c < 3; c += 1) {
        const before = data[p + c] as number;
        const whole = ofByte(before);
        // What furniture keeps the sun from is as the floor beside that the sun does not reach.
        const light = whole + f32(change, 6) * (Math.min(whole, shade[c] as number) - whole);
        const level = Math.round(toLevel(Math.max(0, light * f32(change, c) + f32(change, 3 + c))));
        layers.picture[p + c] = level;
        changed = Math.max(changed, Math.abs(level - before));
      }
      if (changed === 0) continue;
      const darker = Math.max(1 - f32(change, 1), f32(change, 6));
      layers.shadow[y * width + x] = Math.max(1, Math.round(255 * darker));
    }
  }
}

/**
 * Ratio, added light and lost sun of a pixel of the photo, between those of the map. Where surfaces meet, each counts for
 * its share of the pixel: else the foot of a wall would be a flight of steps. @returns whether there are any
 */
function changeAt(map: ShadowMap, x: number, y: number, surfaceAt: SurfaceAt, out: Float32Array): boolean {
  const u = (x + 0.5) / map.step - 0.5;
  const v = (y + 0.5) / map.step - 0.5;
  const left = Math.max(0, Math.floor(u));
  const top = Math.max(0, Math.floor(v));
  const { surface, width, height } = map;
  const a = top * width + left;
  const b = left + 1 < width ? a + 1 : a;
  const below = top + 1 < height ? width : 0;
  if (!(map.isSeen(a) || map.isSeen(b) || map.isSeen(a + below) || map.isSeen(b + below))) return false;
  out.fill(0);
  const s = u - left;
  const t = v - top;
  const here = surface[a] as number;
  if (surface[b] === here && surface[a + below] === here && surface[b + below] === here) {
    between(map, a, b, below, s, t, -1, 1, out);
    return true;
  }
  for (let part = 0; part < PARTS; part += 1) {
    const one = surfaceAt(x + PART * ((part & 1) + 0.5), y + PART * ((part >> 1) + 0.5)) + 2;
    const known =
      surface[a] === one || surface[b] === one || surface[a + below] === one || surface[b + below] === one;
    between(map, a, b, below, s, t, known ? one : -1, 1 / PARTS, out);
  }
  return true;
}

/** Adds a share of what lies between four points of the map: `a`, `b` and those below. @param only the surface that counts; -1 for all */
function between(
  map: ShadowMap,
  a: number,
  b: number,
  below: number,
  s: number,
  t: number,
  only: number,
  share: number,
  out: Float32Array,
): void {
  let sum = 0;
  for (let k = 0; k < 4; k += 1) sum += weightOf(map, cornerOf(k, a, b, below), k, s, t, only);
  if (sum === 0) return;
  for (let k = 0; k < 4; k += 1) {
    const n = cornerOf(k, a, b, below);
    const weight = (share * weightOf(map, n, k, s, t, only)) / sum;
    if (weight === 0) continue;
    for (let c = 0; c < 3; c += 1) {
      out[c] = f32(out, c) + weight * f32(map.ratio, 3 * n + c);
      out[3 + c] = f32(out, 3 + c) + weight * f32(map.mirror, 3 * n + c);
    }
    out[6] = f32(out, 6) + weight * f32(map.sun, n);
  }
}

function cornerOf(k: number, a: number, b: number, below: number): number {
  return (k & 1 ? b : a) + (k & 2 ? below : 0);
}

function weightOf(map: ShadowMap, n: number, corner: number, s: number, t: number, only: number): number {
  // What is behind furniture tells nothing of the pixel beside it.
  if (map.surface[n] === COVERED || (only >= 0 && map.surface[n] !== only)) return 0;
  const across = corner & 1 ? s : 1 - s;
  const down = corner & 2 ? t : 1 - t;
  return Math.max(0, across) * Math.max(0, down) + 1e-6;
}

/** Lays a row of furniture over what is there. @param at the row within `rows` */
export function layOver(
  rows: Rows,
  at: number,
  y: number,
  width: number,
  layers: Layers,
  look: Look,
  grain: Grain,
) {
  for (let x = 0; x < rows.width; x += 1) {
    const n = at * rows.width + x;
    const alpha = Math.min(1, f32(rows.alpha, n));
    if (alpha < LEAST_ALPHA) continue;
    const to = y * width + rows.left + x;
    const noise = grain.at(rows.left + x, y) * look.grain * alpha;
    for (let c = 0; c < 3; c += 1) {
      const light = expose(f32(rows.colour, 3 * n + c) / alpha, look.black);
      const below = ofByte(layers.picture[3 * to + c] as number);
      layers.picture[3 * to + c] = Math.round(
        Math.min(255, Math.max(0, toLevel(alpha * light + (1 - alpha) * below) + noise)),
      );
    }
    layers.furniture[to] = Math.max(1, Math.round(255 * alpha));
  }
}

/** Noise of about a normal distribution, of standard deviation 1, the same for a pixel and seed. */
export class Grain {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  at(x: number, y: number): number {
    let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ this.#seed;
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
    h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
    h ^= h >>> 15;
    // Four even numbers of 8 bits; the variance of their sum is 4 * 65535 / 12.
    const sum = (h & 255) + ((h >>> 8) & 255) + ((h >>> 16) & 255) + (h >>> 24);
    return (sum - 510) / 147.8;
  }
}

import { Bounce } from './bounce.ts';
import type { Environment } from './environment.ts';
import type { Lighting } from './exposure.ts';
import { f32 } from './kernel/at.ts';
import { steer } from './kernel/kernel.ts';
import type { Receiver } from './receiver.ts';
import { Sampler } from './sampler.ts';
import type { Scene } from './scene.ts';
import { FLOOR } from './shell.ts';
import { smooth } from './surface/noise.ts';
import type { View } from './view.ts';

/** Darker at its foot than light alone would be: the eye wants to see where a thing stands. */
const CONTRAST = 0.7;
/** How much of a mirror a floor is, beside the angle: a guess that carpet and polished tiles both bear. */
const POLISH = 0.25;
const MIRRORS = 3;
const TINT = 0.5;
/** Metres to furniture that make a contact, and how many times the samples it has. */
const CONTACT = 0.06;
const CLOSER = 3;
/** And how much darker it is, for the share of the half sphere that is that near. */
const DEEPER = 0.8;
const LIFT = 0.002;
const LEAST_SHARE = 0.002;
/** So little darker is not seen, only a touched photo. */
const UNSEEN = 0.008;
/** Of the picture: a quarter is promised. */
const MOST_SHARE = 0.235;

/** No floor and no wall, or behind furniture; a surface of the room is its number + 2. */
const NOTHING = 0;
const COVERED = 1;

/** How much darker furniture makes floor and walls, and its image in the floor, at half the photo's size or less. */
export class ShadowMap {
  readonly width: number;
  readonly height: number;
  /** Pixels of the photo in one. */
  readonly step: number;
  /** Three numbers a pixel: what is left of the light. */
  ratio: Float32Array;
  /** Linear light that is added. */
  readonly mirror: Float32Array;
  readonly surface: Uint8Array;
  /** 1 where furniture touches: shadows there are small and well sampled. */
  readonly contact: Uint8Array;
  /** Share of the shadow that is taken. */
  readonly share: Float32Array;

  constructor(view: View) {
    this.step = Math.max(2, Math.round(Math.sqrt((view.width * view.height) / 1e6)));
    this.width = Math.ceil(view.width / this.step);
    this.height = Math.ceil(view.height / this.step);
    const count = this.width * this.height;
    this.ratio = new Float32Array(3 * count).fill(1);
    this.mirror = new Float32Array(3 * count);
    this.surface = new Uint8Array(count);
    this.contact = new Uint8Array(count);
    this.share = new Float32Array(count);
  }

  isSeen(n: number): boolean {
    return (this.surface[n] as number) > COVERED;
  }
}

export interface ShadowOptions {
  readonly view: View;
  readonly scene: Scene;
  readonly environment: Environment;
  readonly lighting: Lighting;
  readonly receiver: Receiver;
  readonly samples: number;
  readonly seed: number;
  /** Whether a pixel of the photo is well inside of furniture. */
  readonly covered: (x: number, y: number) => boolean;
}

/** Fills rows of the map; `smoothShadow` ends it. @returns rays that were traced */
export function traceShadow(map: ShadowMap, from: number, to: number, options: ShadowOptions): number {
  const { view, environment, receiver, covered } = options;
  const { shell } = environment;
  const tracer = new Tracer(options);
  for (let y = from; y < to; y += 1) {
    for (let x = 0; x < map.width; x += 1) {
      const n = y * map.width + x;
      const [u, v] = [map.step * (x + 0.5), map.step * (y + 0.5)];
      view.aim(u, v);
      const [dx, dy, dz] = [view.x, view.y, view.z];
      const t = shell.hit(0, view.eye, 0, dx, dy, dz);
      const { surface, nx, ny, nz } = shell;
      const [px, py, pz] = [t * dx + LIFT * nx, view.eye + t * dy + LIFT * ny, t * dz + LIFT * nz];
      const share = receiver.share(surface, px, py, pz) * environment.shadowed(u, v, surface);
      if (share < LEAST_SHARE) continue;
      const hidden = covered(
        Math.min(view.width - 1, Math.floor(u)),
        Math.min(view.height - 1, Math.floor(v)),
      );
      map.surface[n] = hidden ? COVERED : surface + 2;
      if (hidden) continue;
      map.share[n] = share;
      tracer.start(x, y);
      tracer.shade(px, py, pz, nx, ny, nz);
      put(map.ratio, 3 * n, tracer.r, tracer.g, tracer.b);
      map.contact[n] = tracer.touches ? 1 : 0;
      if (surface !== FLOOR) continue;
      tracer.reflect(px, py, pz, dx, dy, dz, share);
      put(map.mirror, 3 * n, tracer.r, tracer.g, tracer.b);
    }
  }
  return tracer.rays;
}

class Tracer {
  r = 1;
  g = 1;
  b = 1;
  rays = 0;
  /** Whether the place of the last `shade` is at a contact. */
  touches = false;
  readonly #options: ShadowOptions;
  readonly #bounce: Bounce;
  readonly #sampler: Sampler;

  constructor(options: ShadowOptions) {
    const { scene, environment, lighting } = options;
    this.#options = options;
    this.#bounce = new Bounce(scene, environment, lighting);
    this.#sampler = new Sampler(options.seed ^ 0x51ed270b);
  }

  start(x: number, y: number): void {
    this.#sampler.start(x, y);
  }

  /** Light with the furniture over light without it, from the same random places: noise divides away. */
  shade(px: number, py: number, pz: number, nx: number, ny: number, nz: number): void {
    const { scene, environment, lighting, samples } = this.#options;
    const { lamps, scale } = lighting;
    let [r, g, b, allR, allG, allB] = [0, 0, 0, 1e-6, 1e-6, 1e-6];
    let touching = 0;
    let most = samples;
    for (let k = 0; k < most; k += 1) {
      this.#sampler.pair(k, 0);
      if (lamps.draw(px, py, pz, nx, ny, nz, this.#sampler.u, this.#sampler.v)) {
        const light = scale * lamps.weight;
        allR += light * lamps.colour[0];
        allG += light * lamps.colour[1];
        allB += light * lamps.colour[2];
        this.rays += 1;
        if (!scene.kernel.occluded(px, py, pz, lamps.x, lamps.y, lamps.z, lamps.distance)) {
          r += light * lamps.colour[0];
          g += light * lamps.colour[1];
          b += light * lamps.colour[2];
        }
      }
      this.#sampler.pair(k, 1);
      const h = 1 - 2 * this.#sampler.u;
      const ring = Math.sqrt(Math.max(0, 1 - h * h));
      const around = 2 * Math.PI * this.#sampler.v;
      const x = nx + ring * Math.cos(around);
      const y = ny + h;
      const z = nz + ring * Math.sin(around);
      const to = 1 / (Math.sqrt(x * x + y * y + z * z) + 1e-9);
      const dx = steer(x * to);
      const dy = steer(y * to);
      const dz = steer(z * to);
      this.rays += 1;
      this.#bounce.diffuse(px, py, pz, dx, dy, dz);
      r += this.#bounce.r;
      g += this.#bounce.g;
      b += this.#bounce.b;
      if (this.#bounce.met) {
        if (this.#bounce.distance < CONTACT) touching += 1;
        environment.look(px, py, pz, dx, dy, dz);
      }
      allR += environment.r;
      allG += environment.g;
      allB += environment.b;
      // Where a leg meets the floor the shadow is small, and may not be blurred.
      if (k === samples - 1 && touching > 0) most = CLOSER * samples;
    }
    const red = Math.min(1, (r + 1e-6) / allR);
    const green = Math.min(1, (g + 1e-6) / allG);
    const blue = Math.min(1, (b + 1e-6) / allB);
    // The colours of the lights are a guess, and so is half of a shadow's tint.
    const darker = 1 - (DEEPER * touching) / most;
    this.touches = touching > 0;
    const grey = (red + green + blue) / 3;
    this.r = darker * (grey + TINT * (red - grey));
    this.g = darker * (grey + TINT * (green - grey));
    this.b = darker * (grey + TINT * (blue - grey));
  }

  /** What furniture adds to and takes from the room's image in the floor. */
  reflect(px: number, py: number, pz: number, dx: number, dy: number, dz: number, share: number): void {
    const { environment } = this.#options;
    this.r = this.g = this.b = 0;
    const mirror = POLISH * (0.04 + 0.96 * (1 - Math.abs(dy)) ** 5) * share;
    for (let k = 0; k < MIRRORS; k += 1) {
      this.#sampler.pair(k, 2);
      const x = steer(dx + 0.08 * (this.#sampler.u - 0.5));
      const y = steer(-dy);
      const z = steer(dz + 0.08 * (this.#sampler.v - 0.5));
      this.rays += 1;
      this.#bounce.mirror(px, py, pz, x, y, z);
      if (!this.#bounce.met) continue;
      environment.look(px, py, pz, x, y, z);
      this.r += (mirror / MIRRORS) * (this.#bounce.r - environment.r);
      this.g += (mirror / MIRRORS) * (this.#bounce.g - environment.g);
      this.b += (mirror / MIRRORS) * (this.#bounce.b - environment.b);
    }
  }
}

/** Takes the noise out, deepens the shadow and lets it fade. */
export function smoothShadow(map: ShadowMap): void {
  const other = new Float32Array(map.ratio.length);
  blur(map, map.ratio, other, 1, 3, 8);
  blur(map, other, map.ratio, 2, 6, 16);
  blur(map, map.ratio, other, 1, 9, 24);
  for (let n = 0; n < map.share.length; n += 1) {
    if (!map.isSeen(n)) continue;
    const share = f32(map.share, n);
    for (let c = 3 * n; c < 3 * n + 3; c += 1)
      other[c] = 1 + share * (f32(other, c) ** (1 + CONTRAST * share) - 1);
  }
  map.ratio = other;
  blur(map, map.mirror.slice(), map.mirror, 1, 0, 0);
  let unseen = UNSEEN;
  while (shareAbove(map, unseen) > MOST_SHARE) unseen *= 1.4;
  for (let c = 0; c < other.length; c += 1) {
    const darker = 1 - f32(other, c);
    other[c] = 1 - darker * smooth(unseen, 4 * unseen, darker);
    map.mirror[c] = f32(map.mirror, c) * smooth(0, 2 * unseen, darker);
  }
}

/** Share of the map that is darkened by more than this. */
function shareAbove({ ratio }: ShadowMap, limit: number): number {
  let count = 0;
  for (let c = 1; c < ratio.length; c += 3) if (1 - f32(ratio, c) > limit) count += 1;
  return (3 * count) / ratio.length;
}

/** @param sharp how much a neighbour may differ, the less the sharper; `atContact` where furniture touches */
function blur(
  map: ShadowMap,
  from: Float32Array,
  to: Float32Array,
  step: number,
  sharp: number,
  atContact: number,
): void {
  const { width, height, surface } = map;
  to.set(from);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const n = y * width + x;
      const here = surface[n] as number;
      if (here === NOTHING || here === COVERED) continue;
      const level = f32(from, 3 * n + 1);
      const stop = map.contact[n] === 1 ? atContact : sharp;
      let r = 0;
      let g = 0;
      let b = 0;
      let sum = 0;
      for (let j = y - 2 * step; j <= y + 2 * step; j += step) {
        if (j < 0 || j >= height) continue;
        for (let i = x - 2 * step; i <= x + 2 * step; i += step) {
          if (i < 0 || i >= width) continue;
          const m = j * width + i;
          if (surface[m] !== here) continue;
          const apart = stop * (f32(from, 3 * m + 1) - level);
          const weight = 1 / (1 + apart * apart * 4);
          r += weight * f32(from, 3 * m);
          g += weight * f32(from, 3 * m + 1);
          b += weight * f32(from, 3 * m + 2);
          sum += weight;
        }
      }
      put(to, 3 * n, r / sum, g / sum, b / sum);
    }
  }
}

function put(plane: Float32Array, at: number, a: number, b: number, c: number): void {
  plane[at] = a;
  plane[at + 1] = b;
  plane[at + 2] = c;
}

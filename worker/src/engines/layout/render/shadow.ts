import { Bounce } from './bounce.ts';
import type { Environment } from './environment.ts';
import type { Lighting } from './exposure.ts';
import { steer } from './kernel/kernel.ts';
import type { Receiver } from './receiver.ts';
import { Sampler } from './sampler.ts';
import type { Scene } from './scene.ts';
import { COVERED, put, type ShadowMap } from './shadowMap.ts';
import { FLOOR } from './shell.ts';
import { comesThrough } from './sun.ts';
import { smooth } from './surface/noise.ts';
import type { View } from './view.ts';

/** How much of a mirror a floor is, beside the angle: a guess that carpet and polished tiles both bear. */
const POLISH = 0.25;
const MIRRORS = 3;
const TINT = 0.5;
/** Metres to furniture that make a contact, and how many times the samples it has. */
const CONTACT = 0.06;
const CLOSER = 3;
/** And how much darker it is, for the share of the half sphere that is that near. */
const DEEPER = 1.2;
/** How much brighter than floor in the shade is floor in the sun: less is the image of a window in it. */
const BRIGHTER = [1.4, 1.9] as const;
/** Radius of the sun, radians: more than it has, as its direction is known to a degree. */
const DISC = 0.012;
const SUN_SAMPLES = 12;
const FAR = 1e4;
const LIFT = 0.002;
const LEAST_SHARE = 0.002;

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
      const u = map.step * (x + 0.5);
      const v = map.step * (y + 0.5);
      view.aim(u, v);
      const dx = view.x;
      const dy = view.y;
      const dz = view.z;
      const t = shell.hit(0, view.eye, 0, dx, dy, dz);
      const { surface, nx, ny, nz } = shell;
      const px = t * dx + LIFT * nx;
      const py = view.eye + t * dy + LIFT * ny;
      const pz = t * dz + LIFT * nz;
      tracer.start(x, y);
      let lost = surface === FLOOR ? tracer.sunLost(u, v, px, py, pz) : 0;
      if (lost > 0) lost *= receiver.onFloor(px, pz);
      const taken = Math.max(lost, environment.shadowed(u, v, surface));
      const share = receiver.share(surface, px, py, pz) * taken;
      if (share < LEAST_SHARE && lost < LEAST_SHARE) continue;
      const hidden = covered(
        Math.min(view.width - 1, Math.floor(u)),
        Math.min(view.height - 1, Math.floor(v)),
      );
      map.surface[n] = hidden ? COVERED : surface + 2;
      if (hidden) continue;
      map.sun[n] = lost;
      if (share < LEAST_SHARE) continue;
      map.share[n] = share;
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
    const { scene, environment } = options;
    this.#options = options;
    this.#bounce = new Bounce(scene, environment);
    this.#sampler = new Sampler(options.seed ^ 0x51ed270b);
  }

  start(x: number, y: number): void {
    this.#sampler.start(x, y);
  }

  /** Share of the sun that furniture takes from a place on the floor: 0 where the photo does not show it to be in the sun. */
  sunLost(u: number, v: number, px: number, py: number, pz: number): number {
    const { scene, environment, lighting } = this.#options;
    const { sun } = lighting;
    if (!sun) return 0;
    const lit = smooth(...BRIGHTER, environment.peak(u, v) / Math.max(0.01, ...sun.shade));
    if (lit === 0 || !comesThrough(sun, px, py, pz)) return 0;
    let lost = 0;
    for (let k = 0; k < SUN_SAMPLES; k += 1) {
      this.#sampler.pair(k, 3);
      const around = 2 * Math.PI * this.#sampler.u;
      const out = DISC * Math.sqrt(this.#sampler.v);
      const x = steer(sun.x + out * Math.cos(around));
      const y = steer(sun.y);
      const z = steer(sun.z + out * Math.sin(around));
      this.rays += 1;
      if (scene.kernel.occluded(px, py, pz, x, y, z, FAR)) lost += 1 / SUN_SAMPLES;
    }
    return lit * lost;
  }

  /** Light with the furniture over light without it, from the same random places: noise divides away. */
  shade(px: number, py: number, pz: number, nx: number, ny: number, nz: number): void {
    const { scene, environment, lighting, samples } = this.#options;
    const { lamps, scale } = lighting;
    let r = 0;
    let g = 0;
    let b = 0;
    let allR = 1e-6;
    let allG = 1e-6;
    let allB = 1e-6;
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
    const darker = Math.max(0, 1 - (DEEPER * touching) / most);
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

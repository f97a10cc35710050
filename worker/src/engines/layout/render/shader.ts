import { Bounce } from './bounce.ts';
import type { Environment } from './environment.ts';
import type { Lighting } from './exposure.ts';
import { Gloss } from './gloss.ts';
import { f32 } from './kernel/at.ts';
import { type Kernel, steer } from './kernel/kernel.ts';
import { Sampler } from './sampler.ts';
import type { Scene } from './scene.ts';
import { WALL } from './shell.ts';
import { comesThrough } from './sun.ts';
import { BULB } from './surface/patterns.ts';
import { Surface } from './surface/surface.ts';
import type { View } from './view.ts';

/** A wall hides what lies this much farther, metres: furniture that touches a wall is not cut by an error of the wall. */
const BEHIND_WALL = 0.15;
const LIFT = 0.002;
const FAR = 1e4;
const PANES = 6;
/** Metres over which the edge of a sunbeam is softened. */
const BEAM = 0.04;
/** Rougher surfaces have no mirror image. */
const MATT = 0.7;
/** Samples that gather light: its noise is filtered, that of edges is not. */
const LIT = 4;
/** What random pairs are drawn for. */
const USE = { place: 0, side: 1, lamp: 2, bounce: 3, mirror: 4, lamp2: 5, sun: 6 };

/** What a furniture looks like in one pixel, apart: colour, light on it, mirror image, and where it is. */
export class Shader {
  /** Share of the pixel. */
  alpha = 0;
  /** Colour times share. */
  ar = 0;
  ag = 0;
  ab = 0;
  /** Light on it, where white under it is 1. */
  er = 0;
  eg = 0;
  eb = 0;
  /** Mirror image times share. */
  sr = 0;
  sg = 0;
  sb = 0;
  nx = 0;
  ny = 0;
  nz = 0;
  /** Metres along the ray. */
  depth = 0;
  rays = 0;
  readonly #view: View;
  readonly #scene: Scene;
  readonly #kernel: Kernel;
  readonly #environment: Environment;
  readonly #lighting: Lighting;
  readonly #bounce: Bounce;
  readonly #gloss: Gloss;
  readonly #sampler: Sampler;
  readonly #samples: number;
  readonly #surface = new Surface();
  /** Weights of light in `er`: colour of the samples that gathered it. */
  #lr = 0;
  #lg = 0;
  #lb = 0;
  /** Irradiance over pi of the last `#gather`. */
  #ir = 0;
  #ig = 0;
  #ib = 0;

  constructor(
    view: View,
    scene: Scene,
    environment: Environment,
    lighting: Lighting,
    options: { samples: number; seed: number },
  ) {
    this.#view = view;
    this.#scene = scene;
    this.#kernel = scene.kernel;
    this.#environment = environment;
    this.#lighting = lighting;
    this.#bounce = new Bounce(scene, environment);
    this.#gloss = new Gloss(scene, environment, lighting);
    this.#sampler = new Sampler(options.seed);
    this.#samples = options.samples;
  }

  /** Whether the middle of a pixel shows furniture. */
  touches(x: number, y: number): boolean {
    const view = this.#view;
    view.aim(x + 0.5, y + 0.5);
    this.rays += 1;
    return this.#kernel.closest(0, view.eye, 0, view.x, view.y, view.z, FAR) >= 0;
  }

  pixel(x: number, y: number): void {
    this.#clear();
    this.#sampler.start(x, y);
    let taken = 0;
    let first = -1;
    let alike = true;
    for (let sample = 0; sample < this.#samples; sample += 1) {
      // Inside of a part its four first samples tell all.
      if (sample === LIT && alike && this.#even(taken)) break;
      const part = this.#sample(x, y, sample, sample < LIT);
      if (sample === 0) first = part;
      alike &&= part >= 0 && part === first;
      taken += 1;
    }
    this.#divide(taken);
  }

  #clear(): void {
    this.alpha = this.depth = 0;
    this.ar = this.ag = this.ab = 0;
    this.er = this.eg = this.eb = 0;
    this.sr = this.sg = this.sb = 0;
    this.nx = this.ny = this.nz = 0;
    this.#lr = this.#lg = this.#lb = 0;
  }

  #even(taken: number): boolean {
    const length = Math.sqrt(this.nx * this.nx + this.ny * this.ny + this.nz * this.nz);
    return length > 0.9 * taken;
  }

  #divide(taken: number): void {
    this.er = this.#lr > 0 ? this.er / this.#lr : 0;
    this.eg = this.#lg > 0 ? this.eg / this.#lg : 0;
    this.eb = this.#lb > 0 ? this.eb / this.#lb : 0;
    const length = Math.sqrt(this.nx * this.nx + this.ny * this.ny + this.nz * this.nz) + 1e-9;
    this.nx /= length;
    this.ny /= length;
    this.nz /= length;
    this.depth /= Math.max(1e-9, this.alpha);
    this.alpha /= taken;
    this.ar /= taken;
    this.ag /= taken;
    this.ab /= taken;
    this.sr /= taken;
    this.sg /= taken;
    this.sb /= taken;
  }

  /** Through panes to the first thing that is not clear. @returns its material, -1 for none */
  #sample(x: number, y: number, sample: number, lit: boolean): number {
    const view = this.#view;
    const surface = this.#surface;
    this.#sampler.pair(sample, USE.place);
    view.aim(x + this.#sampler.u, y + this.#sampler.v);
    const dx = view.x;
    const dy = view.y;
    const dz = view.z;
    let ox = 0;
    let oy = view.eye;
    let oz = 0;
    let past = 0;
    let through = 1;
    for (let pane = 0; pane < PANES; pane += 1) {
      this.rays += 1;
      const triangle = this.#kernel.closest(ox, oy, oz, dx, dy, dz, FAR);
      if (triangle < 0) return -1;
      const distance = past + f32(this.#kernel.hit, 0);
      if (pane === 0 && this.#hidden(dx, dy, dz, distance)) return -1;
      this.#scene.resolve(surface, triangle, ox, oy, oz, dx, dy, dz);
      const facing = -(surface.nx * dx + surface.ny * dy + surface.nz * dz);
      surface.footprint = distance / view.focal / Math.max(0.08, facing);
      surface.shadeAs(this.#scene.materialOf(triangle));
      const share = through * (surface.glass ? 0.1 : 1);
      this.alpha += share;
      this.depth += share * distance;
      this.nx += share * surface.nx;
      this.ny += share * surface.ny;
      this.nz += share * surface.nz;
      if (!surface.glass) {
        this.#opaque(sample, dx, dy, dz, through, lit);
        return this.#scene.partOf(triangle);
      }
      this.#mirror(sample, dx, dy, dz, through);
      this.ar += 0.1 * through * surface.r * 0.5;
      this.ag += 0.1 * through * surface.g * 0.5;
      this.ab += 0.1 * through * surface.b * 0.5;
      if (lit) this.#light(sample, 0.1 * through * 0.5);
      through *= 0.9;
      past = distance + LIFT;
      ox = past * dx;
      oy = view.eye + past * dy;
      oz = past * dz;
    }
    return -1;
  }

  #hidden(dx: number, dy: number, dz: number, distance: number): boolean {
    const { shell } = this.#environment;
    const t = shell.hit(0, this.#view.eye, 0, dx, dy, dz);
    return shell.surface >= WALL && t < distance - BEHIND_WALL;
  }

  #opaque(sample: number, dx: number, dy: number, dz: number, share: number, lit: boolean): void {
    const surface = this.#surface;
    const grazing = 1 - Math.max(0, -(surface.nx * dx + surface.ny * dy + surface.nz * dz));
    const kept = surface.roughness < MATT ? this.#mirror(sample, dx, dy, dz, share) : 1;
    // Fibres that stand out catch light from the side.
    const sheen = surface.sheen * grazing * grazing * grazing;
    surface.r = kept * surface.r + sheen;
    surface.g = kept * surface.g + sheen;
    surface.b = kept * surface.b + sheen;
    this.ar += share * surface.r;
    this.ag += share * surface.g;
    this.ab += share * surface.b;
    this.sr += share * surface.glow * BULB[0];
    this.sg += share * surface.glow * BULB[1];
    this.sb += share * surface.glow * BULB[2];
    if (lit) this.#light(sample, share);
  }

  #light(sample: number, share: number): void {
    const surface = this.#surface;
    this.#gather(sample);
    this.#lr += share * surface.r;
    this.#lg += share * surface.g;
    this.#lb += share * surface.b;
    this.er += share * surface.r * this.#ir;
    this.eg += share * surface.g * this.#ig;
    this.eb += share * surface.b * this.#ib;
  }

  /** Two draws of the windows' light and one of the room's. */
  #gather(sample: number): void {
    const s = this.#surface;
    const sampler = this.#sampler;
    sampler.pair(sample, USE.side);
    const side = sampler.u < s.translucent ? -1 : 1;
    const nx = side * s.nx;
    const ny = side * s.ny;
    const nz = side * s.nz;
    const px = s.x + LIFT * nx;
    const py = s.y + LIFT * ny;
    const pz = s.z + LIFT * nz;
    this.#ir = this.#ig = this.#ib = 0;
    const { lamps, scale } = this.#lighting;
    for (let draw = 0; draw < 2; draw += 1) {
      sampler.pair(sample, draw === 0 ? USE.lamp : USE.lamp2);
      if (!lamps.draw(px, py, pz, nx, ny, nz, sampler.u, sampler.v)) continue;
      this.rays += 1;
      if (this.#kernel.occluded(px, py, pz, lamps.x, lamps.y, lamps.z, lamps.distance)) continue;
      const light = 0.5 * scale * lamps.weight;
      this.#ir += light * lamps.colour[0];
      this.#ig += light * lamps.colour[1];
      this.#ib += light * lamps.colour[2];
    }
    this.#sunlight(sample, px, py, pz, nx, ny, nz);
    sampler.pair(sample, USE.bounce);
    const h = 1 - 2 * sampler.u;
    const r = Math.sqrt(Math.max(0, 1 - h * h));
    const around = 2 * Math.PI * sampler.v;
    const x = nx + r * Math.cos(around);
    const y = ny + h;
    const z = nz + r * Math.sin(around);
    const scaleTo = 1 / (Math.sqrt(x * x + y * y + z * z) + 1e-9);
    this.rays += 1;
    const bounce = this.#bounce;
    bounce.diffuse(px, py, pz, steer(x * scaleTo), steer(y * scaleTo), steer(z * scaleTo));
    this.#ir += bounce.r;
    this.#ig += bounce.g;
    this.#ib += bounce.b;
  }

  #sunlight(sample: number, px: number, py: number, pz: number, nx: number, ny: number, nz: number): void {
    const { sun } = this.#lighting;
    if (!sun) return;
    const facing = nx * sun.x + ny * sun.y + nz * sun.z;
    if (facing <= 0) return;
    // Where the light of a beam ends is known to some centimetres, and softened by them.
    this.#sampler.pair(sample, USE.sun);
    const x = px + BEAM * (this.#sampler.u - 0.5);
    const z = pz + BEAM * (this.#sampler.v - 0.5);
    if (!comesThrough(sun, x, py, z, 0)) return;
    this.rays += 1;
    if (this.#kernel.occluded(px, py, pz, sun.x, sun.y, sun.z, FAR)) return;
    this.#ir += facing * sun.radiance[0];
    this.#ig += facing * sun.radiance[1];
    this.#ib += facing * sun.radiance[2];
  }

  /** @returns what is left for the colour */
  #mirror(sample: number, dx: number, dy: number, dz: number, share: number): number {
    const gloss = this.#gloss;
    this.#sampler.pair(sample, USE.mirror);
    this.rays += 1;
    gloss.reflect(this.#surface, dx, dy, dz, this.#sampler.u, this.#sampler.v);
    this.sr += share * gloss.r;
    this.sg += share * gloss.g;
    this.sb += share * gloss.b;
    return gloss.kept;
  }
}

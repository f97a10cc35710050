import type { Environment } from './environment.ts';
import type { Lighting } from './exposure.ts';
import { f32 } from './kernel/at.ts';
import type { Scene } from './scene.ts';
import { BULB } from './surface/patterns.ts';

/** Share of the room's mean light that furniture gives on, and how dark its crevices are: at contact and a metre on. */
const GIVEN = 0.55;
const CREVICE = 0.08;
const OPENING = 1.7;
/** What a mirrored light is bright, where white is 1: more would sparkle. */
const BRIGHTEST = 6;
/** What a lamp that is on gives to what is about it: no black shadow lies behind it. */
const SHINE = 0.6;
const FAR = 1e4;

/** Light that comes along a ray: from other furniture, or from the room. */
export class Bounce {
  r = 0;
  g = 0;
  b = 0;
  /** Whether the last ray met furniture. */
  met = false;
  /** To it, in lengths of the direction. */
  distance = 0;
  readonly #scene: Scene;
  readonly #environment: Environment;
  readonly #lighting: Lighting;

  constructor(scene: Scene, environment: Environment, lighting: Lighting) {
    this.#scene = scene;
    this.#environment = environment;
    this.#lighting = lighting;
  }

  /** Without windows: their light is drawn on its own. */
  diffuse(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number): void {
    const triangle = this.#scene.kernel.closest(ox, oy, oz, dx, dy, dz, FAR);
    this.met = triangle >= 0;
    if (this.met) {
      this.distance = f32(this.#scene.kernel.hit, 0);
      this.#furniture(triangle, GIVEN * Math.min(1, CREVICE + OPENING * this.distance));
    } else this.#room(ox, oy, oz, dx, dy, dz);
  }

  /** A mirror image, windows included. */
  mirror(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number): void {
    const triangle = this.#scene.kernel.closest(ox, oy, oz, dx, dy, dz, FAR);
    this.met = triangle >= 0;
    if (this.met) {
      this.#furniture(triangle, 0.8);
      return;
    }
    this.#room(ox, oy, oz, dx, dy, dz);
    const { lamps, scale } = this.#lighting;
    const colour = lamps.seen(ox, oy, oz, dx, dy, dz, this.#environment.shell.t);
    if (!colour) return;
    const bright = Math.min(BRIGHTEST, scale);
    this.r += bright * colour[0];
    this.g += bright * colour[1];
    this.b += bright * colour[2];
  }

  #furniture(triangle: number, share: number): void {
    const { albedos } = this.#scene;
    const part = 3 * this.#scene.partOf(triangle);
    const [r, g, b] = this.#environment.ambient;
    this.r = share * r * (albedos[part] as number);
    this.g = share * g * (albedos[part + 1] as number);
    this.b = share * b * (albedos[part + 2] as number);
    if (this.#scene.materials[part / 3]?.kind !== 'shade') return;
    this.r += SHINE * BULB[0];
    this.g += SHINE * BULB[1];
    this.b += SHINE * BULB[2];
  }

  #room(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number): void {
    const environment = this.#environment;
    environment.look(ox, oy, oz, dx, dy, dz);
    this.r = environment.r;
    this.g = environment.g;
    this.b = environment.b;
  }
}

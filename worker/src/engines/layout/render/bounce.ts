import type { Environment } from './environment.ts';
import { f32 } from './kernel/at.ts';
import type { Scene } from './scene.ts';
import { BULB } from './surface/patterns.ts';

/** Share of the room's mean light that furniture gives on, and how dark its crevices are: at contact and a metre on. */
const GIVEN = 0.55;
const CREVICE = 0.08;
const OPENING = 1.7;
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

  constructor(scene: Scene, environment: Environment) {
    this.#scene = scene;
    this.#environment = environment;
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

  /** A mirror image, without windows as well. */
  mirror(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number): void {
    const triangle = this.#scene.kernel.closest(ox, oy, oz, dx, dy, dz, FAR);
    this.met = triangle >= 0;
    if (this.met) this.#furniture(triangle, 0.8);
    else this.#room(ox, oy, oz, dx, dy, dz);
  }

  #furniture(triangle: number, share: number): void {
    const { albedos } = this.#scene;
    const part = 3 * this.#scene.partOf(triangle);
    const { ambient } = this.#environment;
    this.r = share * ambient[0] * (albedos[part] as number);
    this.g = share * ambient[1] * (albedos[part + 1] as number);
    this.b = share * ambient[2] * (albedos[part + 2] as number);
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

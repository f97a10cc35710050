import { Bounce } from './bounce.ts';
import type { Environment } from './environment.ts';
import type { Lighting } from './exposure.ts';
import { steer } from './kernel/kernel.ts';
import type { Scene } from './scene.ts';
import type { Surface } from './surface/surface.ts';

const LIFT = 0.002;
/** Of a mirrored window where the photo's white is 1: a polished top shows one as its own floor does, not as a white cloud. */
const BRIGHTEST = 2;
/** How wide a metre away is what a wholly rough surface mirrors, metres. */
const SPREAD = 1.1;

/** What a surface mirrors of furniture, room and windows. */
export class Gloss {
  /** Of the last `reflect`: light towards the viewer, and the share that is left for the colour. */
  r = 0;
  g = 0;
  b = 0;
  kept = 1;
  readonly #environment: Environment;
  readonly #lighting: Lighting;
  readonly #bounce: Bounce;

  constructor(scene: Scene, environment: Environment, lighting: Lighting) {
    this.#environment = environment;
    this.#lighting = lighting;
    this.#bounce = new Bounce(scene, environment);
  }

  /** @param u v random, 0 to 1: one of the directions that are mirrored */
  reflect(s: Surface, dx: number, dy: number, dz: number, u: number, v: number): void {
    const facing = -(s.nx * dx + s.ny * dy + s.nz * dz);
    const grazing = (1 - Math.min(1, Math.max(0, facing))) ** 5;
    // At a grazing angle the hills of a rough surface hide each other.
    const most = (1 - s.roughness) ** 2;
    const wide = SPREAD * s.roughness * s.roughness;
    const spread = wide * Math.sqrt(u);
    const around = 2 * Math.PI * v;
    const mx = dx + 2 * facing * s.nx;
    const my = dy + 2 * facing * s.ny;
    const mz = dz + 2 * facing * s.nz;
    let x = mx + spread * Math.cos(around);
    let y = my + spread * Math.sin(around);
    let z = mz + spread * Math.cos(around + 2.1);
    const below = x * s.nx + y * s.ny + z * s.nz;
    if (below < 0.02) {
      x += (0.02 - below) * s.nx;
      y += (0.02 - below) * s.ny;
      z += (0.02 - below) * s.nz;
    }
    const scale = 1 / (Math.sqrt(x * x + y * y + z * z) + 1e-9);
    const px = s.x + LIFT * s.nx;
    const py = s.y + LIFT * s.ny;
    const pz = s.z + LIFT * s.nz;
    const bounce = this.#bounce;
    bounce.mirror(px, py, pz, steer(x * scale), steer(y * scale), steer(z * scale));
    let r = bounce.r;
    let g = bounce.g;
    let b = bounce.b;
    if (!bounce.met) {
      const { lamps, scale: radiance } = this.#lighting;
      const far = this.#environment.shell.t;
      const bright = Math.min(BRIGHTEST, radiance) * lamps.mirrored(px, py, pz, mx, my, mz, far, wide);
      r += bright * lamps.colour[0];
      g += bright * lamps.colour[1];
      b += bright * lamps.colour[2];
    }
    const fg = s.f0g + Math.max(0, most - s.f0g) * grazing;
    this.r = (s.f0r + Math.max(0, most - s.f0r) * grazing) * r;
    this.g = fg * g;
    this.b = (s.f0b + Math.max(0, most - s.f0b) * grazing) * b;
    this.kept = 1 - fg;
  }
}

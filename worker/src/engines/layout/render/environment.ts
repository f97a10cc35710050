import type { Rgb } from '../scene/types.ts';
import { type Coarse, peakAt } from './coarse.ts';
import { CEILING, FLOOR, type Shell } from './shell.ts';
import { smooth } from './surface/noise.ts';
import type { View } from './view.ts';

const STRIDE = 3;
/** Above this share of clipped pixels a cell shows a light, which is counted where lights are. */
const LIT = 0.5;

/** How much brighter sun on the floor is than the white that a photo has for it. */
const SUNLIT = 1.4;
/** Linear, and times the mean of such surfaces. */
const BLOWN = 0.8;
const BRIGHT = 1.75;
/** Sum of the differences of the shares of red, green and blue, up to which two hues are alike. */
const HUE = 0.12;
/** As bright as a white casing in a dim room: a shadow goes on over it. */
const PAINTED = 0.65;

/** The room as light: where a ray meets the room, the photo is looked up, or the mean colour of such a surface. */
export class Environment {
  readonly shell: Shell;
  /** Mean radiance of floor, ceiling and walls, three each. */
  readonly means: Float64Array;
  /** Of all of them. */
  readonly ambient: Rgb;
  /** Of the last `look`. */
  r = 0;
  g = 0;
  b = 0;
  readonly #coarse: Coarse;
  readonly #view: View;

  constructor(coarse: Coarse, view: View, shell: Shell) {
    this.#coarse = coarse;
    this.#view = view;
    this.shell = shell;
    this.means = this.#measure();
    const mean = (c: number) =>
      0.3 * num(this.means, c) + 0.2 * num(this.means, 3 + c) + 0.5 * num(this.means, 6 + c);
    this.ambient = [mean(0), mean(1), mean(2)];
  }

  /** Light that comes to a point from a direction, without that of windows. */
  look(ox: number, oy: number, oz: number, dx: number, dy: number, dz: number): void {
    const { shell } = this;
    const t = shell.hit(ox, oy, oz, dx, dy, dz);
    const view = this.#view;
    if (view.project(ox + t * dx, oy + t * dy, oz + t * dz) && view.inside()) {
      const coarse = this.#coarse;
      const n = Math.floor(view.v / coarse.cell) * coarse.width + Math.floor(view.u / coarse.cell);
      const blown = (coarse.clipped[n] as number) >= LIT;
      // On the floor it is the sun, which lights the room from there.
      if (!blown || shell.surface === FLOOR) {
        const more = blown ? SUNLIT : 1;
        this.r = more * (coarse.data[3 * n] as number);
        this.g = more * (coarse.data[3 * n + 1] as number);
        this.b = more * (coarse.data[3 * n + 2] as number);
        return;
      }
    }
    const kind = 3 * kindOf(shell.surface);
    this.r = num(this.means, kind);
    this.g = num(this.means, kind + 1);
    this.b = num(this.means, kind + 2);
  }

  /**
   * Share of a shadow that a place in the photo takes: none where it is blown out, or so much brighter than floor and
   * walls that it is a pane, a lamp or in the sun.
   */
  shadowed(u: number, v: number, surface: number): number {
    const kind = 3 * kindOf(surface);
    const usual = Math.max(num(this.means, kind), num(this.means, kind + 1), num(this.means, kind + 2));
    const from = Math.min(BLOWN, Math.max(surface === FLOOR ? 0 : PAINTED, BRIGHT * usual));
    return 1 - smooth(from, 1.25 * from, this.peak(u, v));
  }

  /** The brightest colour of the photo about a pixel. */
  peak(u: number, v: number): number {
    return peakAt(this.#coarse, u, v);
  }

  /** Whether the photo shows about the hue of the floor at a place on it; one outside of the picture has it. */
  hasFloorHue(x: number, z: number): boolean {
    const view = this.#view;
    if (!view.project(x, 0, z) || !view.inside()) return true;
    const { width, cell, data } = this.#coarse;
    const n = 3 * (Math.floor(view.v / cell) * width + Math.floor(view.u / cell));
    const sum = num(data, n) + num(data, n + 1) + num(data, n + 2) + 1e-6;
    const usual = num(this.means, 0) + num(this.means, 1) + num(this.means, 2) + 1e-6;
    const apart = (c: number) => Math.abs(num(data, n + c) / sum - num(this.means, c) / usual);
    return apart(0) + apart(1) + apart(2) < HUE;
  }

  #measure(): Float64Array {
    const { width, height, cell, data, clipped } = this.#coarse;
    const view = this.#view;
    const sums = new Float64Array(9);
    const counts = [0, 0, 0];
    for (let y = 0; y < height; y += STRIDE) {
      for (let x = 0; x < width; x += STRIDE) {
        const n = y * width + x;
        if ((clipped[n] as number) >= LIT) continue;
        view.aim((x + 0.5) * cell, (y + 0.5) * cell);
        this.shell.hit(0, view.eye, 0, view.x, view.y, view.z);
        const kind = kindOf(this.shell.surface);
        counts[kind] = (counts[kind] ?? 0) + 1;
        for (let c = 0; c < 3; c += 1)
          sums[3 * kind + c] = num(sums, 3 * kind + c) + (data[3 * n + c] as number);
      }
    }
    const seen = counts.findLastIndex((count) => count > 0);
    // A ceiling or wall that is not in the picture is as bright as what is.
    const from = [0, 1, 2].map((kind) => ((counts[kind] ?? 0) > 0 ? kind : Math.max(0, seen)));
    return Float64Array.from({ length: 9 }, (_, n) => {
      const kind = from[Math.floor(n / 3)] ?? 0;
      return num(sums, 3 * kind + (n % 3)) / Math.max(1, counts[kind] ?? 0);
    });
  }
}

function kindOf(surface: number): number {
  return surface === FLOOR ? 0 : surface === CEILING ? 1 : 2;
}

function num(numbers: Float64Array | Float32Array, index: number): number {
  return numbers[index] as number;
}

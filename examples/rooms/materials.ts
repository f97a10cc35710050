import { fractal, hash3, noise, type Vec } from './vec.ts';

/** Linear colour, 0 to 1. */
export type Colour = Vec;

export interface Material {
  /** Share of light that is reflected, at a point of a surface with that normal. */
  readonly albedo: (p: Vec, n: Vec) => Colour;
  /** Sheen of a floor or of lacquer: 0 is matt. */
  readonly gloss: number;
}

const mix = (a: Colour, b: Colour, t: number): Colour => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
  a[2] + (b[2] - a[2]) * t,
];
const shade = (c: Colour, s: number): Colour => [c[0] * s, c[1] * s, c[2] * s];

/** The two coordinates of a point in the plane of its surface. */
function flat(p: Vec, n: Vec): [number, number] {
  if (Math.abs(n[2]) > 0.7) return [p[0], p[1]];
  return Math.abs(n[0]) > 0.7 ? [p[1], p[2]] : [p[0], p[2]];
}

/** Wall paint over plaster: a trace of roller texture and of unevenness. */
export function paint(colour: Colour): Material {
  return {
    gloss: 0,
    albedo: (p, n) => {
      const [u, v] = flat(p, n);
      const roller = fractal(u * 90, v * 90, 1, 2) - 0.5;
      const uneven = fractal(u * 1.3, v * 1.3, 5, 3) - 0.5;
      return shade(colour, 1 + 0.03 * roller + 0.035 * uneven);
    },
  };
}

export function lacquer(colour: Colour, gloss = 0.15): Material {
  return { gloss, albedo: () => colour };
}

interface PlankOptions {
  readonly light: Colour;
  readonly dark: Colour;
  /** Metres. */
  readonly width?: number;
  readonly length?: number;
  /** Whether the planks run into the depth of the room. */
  readonly deep?: boolean;
}

export function planks({ light, dark, width = 0.16, length = 1.8, deep = true }: PlankOptions): Material {
  return {
    gloss: 0.35,
    albedo: (p) => {
      const [across, run] = deep ? [p[0], p[1]] : [p[1], p[0]];
      return plank(across, run, width, length, light, dark);
    },
  };
}

function plank(
  across: number,
  run: number,
  width: number,
  length: number,
  light: Colour,
  dark: Colour,
): Colour {
  const row = Math.floor(across / width);
  const shifted = run / length + hash3(row, 3, 9) * 7;
  const board = Math.floor(shifted);
  const u = across / width - row;
  const v = shifted - board;
  const tone = hash3(row, board, 21);
  const grain = fractal(across * 95 + row * 13, run * 3.2 + board * 31, tone * 60, 3);
  const rings = 0.5 + 0.5 * Math.sin(38 * (u + 0.35 * noise(u * 2 + row, run * 1.4, board)) + tone * 20);
  let colour = mix(dark, light, 0.2 + 0.5 * tone + 0.3 * grain);
  colour = shade(colour, 0.97 + 0.05 * rings);
  const edge = Math.min(u, 1 - u) * width;
  const end = Math.min(v, 1 - v) * length;
  return edge < 0.0016 || end < 0.0016 ? shade(colour, 0.45) : colour;
}

export function herringbone(light: Colour, dark: Colour): Material {
  const width = 0.09;
  const blocks = 5;
  return {
    gloss: 0.3,
    albedo: (p) => {
      const s = Math.SQRT1_2;
      const x = (p[0] + p[1]) * s + 50;
      const y = (p[1] - p[0]) * s + 50;
      const ix = Math.floor(x / width);
      const iy = Math.floor(y / width);
      // Blocks of 5 by 1, each row of cells shifted by one: alternate runs lie across each other.
      const phase = (((ix - iy) % (2 * blocks)) + 2 * blocks) % (2 * blocks);
      const lying = phase < blocks;
      const first = lying ? ix - phase : iy - (2 * blocks - 1 - phase);
      const row = lying ? iy : ix;
      const run = (lying ? x : y) - first * width;
      const across = (lying ? y : x) - row * width;
      const tone = hash3(first, row, lying ? 1 : 2);
      const grain = fractal(across * 130 + row * 7, run * 6 + first * 3, tone * 40, 3);
      const colour = mix(dark, light, 0.15 + 0.5 * tone + 0.35 * grain);
      const edge = Math.min(across, width - across, run, blocks * width - run);
      return edge < 0.0012 ? shade(colour, 0.5) : colour;
    },
  };
}

export function tiles(colour: Colour, size: number, grout: Colour): Material {
  return {
    gloss: 0.4,
    albedo: (p, n) => {
      const [x, y] = flat(p, n);
      const ix = Math.floor(x / size);
      const iy = Math.floor(y / size);
      const u = x - ix * size;
      const v = y - iy * size;
      if (Math.min(u, v, size - u, size - v) < 0.0025) return grout;
      const cloud = fractal(x * 5 + ix * 9, y * 5 + iy * 5, 2, 4) - 0.5;
      return shade(colour, 1 + 0.16 * cloud + 0.05 * (hash3(ix, iy, 4) - 0.5));
    },
  };
}

export function carpet(colour: Colour): Material {
  return {
    gloss: 0,
    albedo: (p) => {
      const pile = fractal(p[0] * 260, p[1] * 260, 3, 2) - 0.5;
      const trodden = fractal(p[0] * 2.2, p[1] * 2.2, 8, 3) - 0.5;
      return shade(colour, 1 + 0.35 * pile + 0.14 * trodden);
    },
  };
}

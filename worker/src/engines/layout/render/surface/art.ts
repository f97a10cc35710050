import type { Material, Rgb } from '../../scene/types.ts';
import { cloud, noise, smooth, speck } from './noise.ts';
import type { Surface } from './surface.ts';

/*
 * Prints for frames: quiet things in the colours of the style. Places are shares of the short side of a sheet, from its
 * lower left.
 */

interface Sheet {
  readonly u: number;
  readonly v: number;
  readonly wide: number;
  readonly tall: number;
  /** Half the width of an edge, so that none is harder than a pixel. */
  readonly edge: number;
  readonly seed: number;
  readonly palette: readonly Rgb[];
  /** A number between two others that is the same all over the sheet. */
  readonly chosen: (key: number, from: number, to: number) => number;
  readonly colour: (nth: number) => Rgb;
}

type Motif = (s: Surface, sheet: Sheet) => void;

const PAPER: Rgb = [0.72, 0.69, 0.63];
const INK: Rgb = [0.06, 0.06, 0.065];

const MOTIFS: readonly Motif[] = [cutPaper, hills, branch, arches, strokes, tiles];

/** One of the motifs; pictures whose seeds are alike modulo their number have the same. */
export function art(s: Surface, { seed, palette }: Extract<Material, { kind: 'art' }>): void {
  const side = Math.min(s.spanU, s.spanV);
  s.paint(PAPER, 1 + 0.03 * cloud(s.u / 0.02, s.v / 0.02, seed));
  s.gloss(0.04, 0.6);
  if (palette.length === 0) return;
  const first = Math.floor(speck(1, 1, seed) * palette.length);
  const motif = MOTIFS[seed % MOTIFS.length];
  motif?.(s, {
    u: s.u / side,
    v: s.v / side,
    wide: s.spanU / side,
    tall: s.spanV / side,
    edge: Math.max(0.004, s.footprint / side),
    seed,
    palette,
    chosen: (key, from, to) => from + (to - from) * speck(7, key, seed),
    colour: (nth) => palette[(first + nth) % palette.length] ?? PAPER,
  });
}

/** Of colour where `distance` is below 0, in the sheet's units. */
function fill(s: Surface, { edge }: Sheet, colour: Rgb, distance: number, strength = 0.92): void {
  s.blend([s.r, s.g, s.b], colour, strength * (1 - smooth(-edge, edge, distance)));
}

/** Fields of colour: a few rounded shapes that stand in the middle, a low horizon. */
function cutPaper(s: Surface, sheet: Sheet): void {
  const { u, v, wide, tall, seed, chosen, colour } = sheet;
  const bent = (n: number) => 0.05 * noise(2 * u + 7 * n, 2 * v, seed);
  fill(s, sheet, colour(0), v - tall * chosen(3, 0.16, 0.3) - bent(0));
  for (let n = 1; n < 4; n += 1) {
    const x = u - wide * chosen(10 * n + 2, 0.32, 0.68);
    const y = v - tall * chosen(10 * n + 3, 0.36, 0.74);
    const long = chosen(10 * n + 5, 0.7, 1.4);
    fill(s, sheet, colour(n), Math.hypot(x, y * long) + bent(n) - chosen(10 * n + 4, 0.12, 0.28));
  }
}

/** Ridges one behind another in haze, the sun over them. */
function hills(s: Surface, sheet: Sheet): void {
  const { u, v, wide, tall, seed, chosen, colour } = sheet;
  s.blend([s.r, s.g, s.b], colour(4), 0.3 * (1 - v / tall));
  const sun = Math.hypot(u - wide * chosen(1, 0.25, 0.75), v - tall * chosen(2, 0.68, 0.8));
  fill(s, sheet, colour(1), sun - chosen(3, 0.08, 0.13), 0.85);
  for (let n = 0; n < 4; n += 1) {
    const ridge =
      tall * (0.58 - 0.14 * n) +
      0.09 * noise(1.7 * u + 5 * n, 3.1 * n, seed + n) +
      0.03 * noise(5.3 * u + 5 * n, 1.7 * n, seed + n + 20);
    // What is far is paler.
    fill(s, sheet, colour(n + 2), v - ridge, 0.35 + 0.17 * n);
  }
}

/** A stem with leaves on both its sides. */
function branch(s: Surface, sheet: Sheet): void {
  const { u, v, wide, tall, chosen, colour } = sheet;
  const lean = chosen(1, -0.16, 0.16);
  const stem = (t: number) => wide / 2 + lean * (2 * t * t - 0.5);
  const [low, high] = [0.14 * tall, 0.86 * tall];
  const t = (v - low) / (high - low);
  const leaves = 5;
  const green = colour(1);
  if (t > -0.02 && t < 1) fill(s, sheet, INK, Math.abs(u - stem(t)) - 0.006, 0.8);
  for (let n = 0; n < 2 * leaves; n += 1) {
    const side = n % 2 === 0 ? -1 : 1;
    const at = (0.22 + (0.72 * (Math.floor(n / 2) + (side > 0 ? 0.45 : 0))) / leaves) * (n < 2 ? 1 : 1.03);
    const long = 0.3 * (1 - 0.55 * at) * chosen(20 + n, 0.85, 1.15);
    const angle = chosen(40 + n, 0.55, 0.85);
    const [cos, sin] = [side * Math.cos(angle), Math.sin(angle)];
    const x = u - stem(at);
    const y = v - (low + at * (high - low));
    const [along, across] = [(x * cos + y * sin) / long, Math.abs(y * cos - x * sin) / long];
    if (along < 0 || along > 1) continue;
    // Widest a third of its way, and pointed.
    const half = 0.24 * Math.sqrt(along) * (1 - along) * 1.9;
    fill(s, sheet, n % 3 === 0 ? colour(2) : green, (across - half) * long, 0.9);
  }
}

/** Arches within one another. */
function arches(s: Surface, sheet: Sheet): void {
  const { u, v, wide, tall, seed, chosen, colour } = sheet;
  const foot = tall * chosen(1, 0.16, 0.24);
  const waist = foot + tall * chosen(2, 0.12, 0.26);
  const x = u - wide / 2;
  const out = v > waist ? Math.hypot(x, v - waist) : Math.abs(x);
  const ragged = 0.008 * noise(9 * u, 9 * v, seed);
  const step = 0.085;
  for (let n = 0; n < 4; n += 1) {
    const middle = 0.38 - n * step;
    const band = Math.abs(out - middle) - 0.42 * step + ragged;
    if (v > foot) fill(s, sheet, colour(n), band, 0.9);
  }
}

/** Broad strokes of a brush above one another. */
function strokes(s: Surface, sheet: Sheet): void {
  const { u, v, wide, tall, seed, chosen, colour } = sheet;
  for (let n = 0; n < 3; n += 1) {
    const middle = tall * (0.27 + 0.23 * n) + chosen(10 * n, -0.03, 0.03);
    const half = chosen(10 * n + 1, 0.07, 0.13);
    const reach = wide * chosen(10 * n + 2, 0.27, 0.38);
    const tilt = chosen(10 * n + 3, -0.08, 0.08);
    const x = u - wide * chosen(10 * n + 4, 0.46, 0.54);
    const y = v - middle - tilt * x;
    const bristles = noise(3 * x + n, 46 * y, seed + n);
    const ends = Math.abs(x) - reach - 0.05 * bristles;
    const sides = Math.abs(y) - half - 0.02 * noise(4 * x, n, seed + 3);
    fill(s, sheet, colour(n), Math.max(ends, sides), 0.82 + 0.12 * bristles);
  }
}

/** Quarters and halves of discs in a grid. */
function tiles(s: Surface, sheet: Sheet): void {
  const { u, v, wide, tall, seed, colour } = sheet;
  const [margin, columns] = [0.12, 3];
  const cell = (wide - 2 * margin) / columns;
  const rows = Math.max(1, Math.floor((tall - 2 * margin) / cell));
  const x = (u - margin) / cell;
  const y = (v - (tall - rows * cell) / 2) / cell;
  if (x < 0 || y < 0 || x >= columns || y >= rows) return;
  const [i, j] = [Math.floor(x), Math.floor(y)];
  const pick = (key: number) => speck(i + 31 * key, j, seed);
  const [fx, fy] = [x - i, y - j];
  fill(s, sheet, colour(Math.floor(pick(1) * 6)), -1, 0.45);
  const [cx, cy] = [pick(2) < 0.5 ? 0 : 1, pick(3) < 0.5 ? 0 : 1];
  const quarter = Math.hypot(fx - cx, fy - cy) - 0.96;
  const half = Math.max(Math.hypot(fx - 0.5, fy - cy) - 0.48, 0);
  const shape = pick(4) < 0.65 ? quarter : half;
  fill(s, sheet, colour(1 + Math.floor(pick(5) * 5)), shape * cell, 0.92);
}

import { numberAt } from '../geometry/score.ts';
import { byteAt, type Picture, pool } from './picture.ts';
import { fitSurface, type Sample } from './surface.ts';
import { columnU, rowOf, rowT, type View } from './view.ts';

/** What a cell below the feet of the walls shows; 0 is outside of the floor. */
export const GROUND = 1;
/** Brighter than the floor in all colours: the sun, a window mirrored in it. */
export const LIT = 2;
/** Darker, in the floor's own hue. */
export const SHADE = 3;
export const THING = 4;

/** Pixels of the photo that are averaged: boards, tiles and weave are no things. */
const POOL = 3;
/** Cells from which the floor's own colour is learnt. */
const SAMPLES = 3000;
/** Colour off the floor's own, in levels of 255 and in its own spread. */
const OFF = 20;
const OFF_SPREADS = 2.8;
/** Difference to the floor beside, in levels of 255, up to which a shade goes over softly. */
const SOFT = 9;
/** Difference of the shares of red, green and blue up to which a hue is that of the floor. */
const HUE = 0.035;
const SOFT_HUE = 0.07;
/** Level from which the sun has blown a colour out. */
const BLOWN = 235;
/** A shade is lit by the sky, or by the walls: it may be bluer or redder, but not greener. */
const TINT = 0.07;
const GREENER = 0.015;
/** Levels that are added to each colour: in the dark a hue is noise. */
const DARK = 6;

/**
 * What the cells below the feet show: floor where it has the colour of the floor in the light of its place, or goes over
 * into it softly.
 * @param feet `t` of the foot of the wall in each column; NaN where there is none
 */
export function groundOf(view: View, picture: Picture, feet: Float64Array): Uint8Array {
  const { columns } = view;
  const { rgb } = pool(picture, POOL);
  const ground = new Uint8Array(view.pixels.length);
  const cells = cellsBelow(view, feet);
  const colour = (cell: number, channel: number) => byteAt(rgb, (view.pixels[cell] as number) * 3 + channel);
  const place = (cell: number) => {
    const column = cell % columns;
    return { x: columnU(view, column), y: rowT(view, (cell - column) / columns) };
  };
  const every = Math.max(1, Math.floor(cells.length / SAMPLES));
  const samples = cells.filter(
    (cell, n) => n % every === 0 && !isBlown(CHANNELS.map((c) => colour(cell, c))),
  );
  const surfaces = CHANNELS.map((channel) =>
    fitSurface(samples.map((cell): Sample => ({ ...place(cell), value: colour(cell, channel) }))),
  );
  const limit = Math.max(OFF, OFF_SPREADS * Math.max(...surfaces.map((surface) => surface?.spread ?? 0)));
  const hues = new Float64Array(view.pixels.length);
  const open: number[] = [];
  for (const cell of cells) {
    const { x, y } = place(cell);
    const own = CHANNELS.map((channel) => colour(cell, channel));
    const usual = surfaces.map((surface, n) => (surface ? surface.at(x, y) : (own[n] ?? 0)));
    const off = own.map((value, n) => value - (usual[n] ?? 0));
    const hue = hueApart(own, usual);
    hues[cell] = hue;
    if (Math.hypot(...off) <= limit) {
      ground[cell] = GROUND;
      open.push(cell);
    } else if (off.every((difference) => difference > 0)) ground[cell] = LIT;
    else ground[cell] = hue < HUE || isShade(own, usual) ? SHADE : THING;
  }
  for (let cell = open.pop(); cell !== undefined; cell = open.pop())
    for (const next of [cell - 1, cell + 1, cell - columns, cell + columns]) {
      if ((ground[next] ?? 0) <= GROUND || numberAt(hues, next) > SOFT_HUE) continue;
      const here = cell;
      const step = Math.hypot(...CHANNELS.map((channel) => colour(next, channel) - colour(here, channel)));
      if (step > SOFT) continue;
      ground[next] = GROUND;
      open.push(next);
    }
  return ground;
}

const CHANNELS = [0, 1, 2] as const;

function cellsBelow(view: View, feet: Float64Array): number[] {
  const cells: number[] = [];
  for (const [column, foot] of feet.entries()) {
    if (Number.isNaN(foot)) continue;
    for (let row = Math.max(0, rowOf(view, foot) + 1); row < view.rows; row += 1) {
      const cell = row * view.columns + column;
      if ((view.pixels[cell] as number) >= 0) cells.push(cell);
    }
  }
  return cells;
}

type Colour = readonly [red: number, green: number, blue: number];

function isBlown(colour: readonly number[]): boolean {
  return Math.max(...colour) > BLOWN;
}

function isShade(own: readonly number[], usual: readonly number[]): boolean {
  const [red, green, blue] = hueOff(own, usual);
  return Math.abs(green) < GREENER && Math.abs(red) < TINT && Math.abs(blue) < TINT;
}

function hueApart(own: readonly number[], usual: readonly number[]): number {
  return Math.hypot(...hueOff(own, usual));
}

function hueOff(own: readonly number[], usual: readonly number[]): Colour {
  const [r, g, b] = shares(own);
  const [red, green, blue] = shares(usual);
  return [r - red, g - green, b - blue];
}

function shares([r = 0, g = 0, b = 0]: readonly number[]): Colour {
  const sum = Math.max(0, r) + Math.max(0, g) + Math.max(0, b) + 3 * DARK;
  return [(Math.max(0, r) + DARK) / sum, (Math.max(0, g) + DARK) / sum, (Math.max(0, b) + DARK) / sum];
}

import { f32 } from './kernel/at.ts';
import { FLOOR } from './shell.ts';
import { smooth } from './surface/noise.ts';
import type { View } from './view.ts';

/** Darker at its foot than light alone would be: the eye wants to see where a thing stands. */
const CONTRAST = 0.75;
/**
 * What is left of the light in the darkest place: rooms throw light under furniture and behind it more often than once, and
 * from where no photo looks. A wall is lit by the half of the room that no piece before it hides.
 */
const DARKEST = { floor: 0.1, wall: 0.45 };
/** So little darker is not seen, only a touched photo. */
const UNSEEN = 0.008;
/** Of the picture: a quarter is promised. */
const MOST_SHARE = 0.235;

/** No floor and no wall, or behind furniture; a surface of the room is its number + 2. */
const NOTHING = 0;
export const COVERED = 1;

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
  /** Share of the sun that is taken from floor that it shines on. */
  readonly sun: Float32Array;

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
    this.sun = new Float32Array(count);
  }

  isSeen(n: number): boolean {
    return (this.surface[n] as number) > COVERED;
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
    const floor = map.surface[n] === FLOOR + 2;
    for (let c = 3 * n; c < 3 * n + 3; c += 1) other[c] = 1 - share * (1 - deepen(f32(other, c), floor));
  }
  map.ratio = other;
  blur(map, map.mirror.slice(), map.mirror, 1, 0, 0);
  // More than that is no furniture's shadow but another sun.
  if (shareAbove(map, 1) > MOST_SHARE) map.sun.fill(0);
  let unseen = UNSEEN;
  while (shareAbove(map, unseen) > MOST_SHARE) unseen *= 1.4;
  for (let c = 0; c < other.length; c += 1) {
    const darker = 1 - f32(other, c);
    other[c] = 1 - darker * smooth(unseen, 4 * unseen, darker);
    map.mirror[c] = f32(map.mirror, c) * smooth(0, 2 * unseen, darker);
  }
}

/** What is left of the light once the eye and what was not traced are counted; smooth, and 1 where nothing is missing. */
function deepen(ratio: number, floor: boolean): number {
  if (!floor) return DARKEST.wall + (1 - DARKEST.wall) * ratio;
  return DARKEST.floor + (1 - DARKEST.floor) * ratio ** (1 + CONTRAST);
}

/** Share of the map that is darkened by more than this, or from which furniture takes the sun. */
function shareAbove({ ratio, sun }: ShadowMap, limit: number): number {
  let count = 0;
  for (let n = 0; n < sun.length; n += 1)
    if (1 - f32(ratio, 3 * n + 1) > limit || f32(sun, n) > 0) count += 1;
  return count / sun.length;
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

export function put(plane: Float32Array, at: number, a: number, b: number, c: number): void {
  plane[at] = a;
  plane[at + 1] = b;
  plane[at + 2] = c;
}

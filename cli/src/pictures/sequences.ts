import type { Bitmap } from './bitmap.ts';
import type { Depth } from './protocol.ts';

const ESC = '\u001b';
/** Most characters of base64 in one command of kitty's protocol. */
const CHUNK = 4096;

/**
 * Kitty's graphics protocol: a PNG, shown at once over so many columns; the terminal is not to answer (q=2).
 * https://sw.kovidgoyal.net/kitty/graphics-protocol/
 */
export function kittySequence(png: Uint8Array, columns: number): string {
  const text = Buffer.from(png).toString('base64');
  const parts = text.match(new RegExp(`.{1,${CHUNK}}`, 'g')) ?? [];
  return parts
    .map((part, n) => {
      const more = n + 1 < parts.length ? 1 : 0;
      const keys = n === 0 ? `a=T,f=100,q=2,c=${columns},m=${more}` : `m=${more}`;
      return `${ESC}_G${keys};${part}${ESC}\\`;
    })
    .join('');
}

/** iTerm2's inline images, which WezTerm and mintty take as well. https://iterm2.com/documentation-images.html */
export function itermSequence(png: Uint8Array, columns: number): string {
  const keys = `inline=1;size=${png.length};width=${columns};preserveAspectRatio=1`;
  return `${ESC}]1337;File=${keys}:${Buffer.from(png).toString('base64')}\u0007`;
}

/** Upper half blocks: each character is two pixels, the upper one in the colour of the text. */
export function blockLines({ data, width, height }: Bitmap, depth: Depth): string[] {
  const lines: string[] = [];
  for (let y = 0; y + 1 < height; y += 2) {
    let line = '';
    let last = '';
    for (let x = 0; x < width; x += 1) {
      const colours = `${colour(38, data, 3 * (y * width + x), depth)};${colour(48, data, 3 * ((y + 1) * width + x), depth)}`;
      // Neighbours of one colour need it said once.
      line += colours === last ? '▀' : `${ESC}[${colours}m▀`;
      last = colours;
    }
    lines.push(`${line}${ESC}[0m`);
  }
  return lines;
}

/** @param kind 38 for the text, 48 for what is behind it */
function colour(kind: 38 | 48, data: Uint8Array, at: number, depth: Depth): string {
  const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
  return depth === 'true' ? `${kind};2;${red};${green};${blue}` : `${kind};5;${nearest(red, green, blue)}`;
}

/** Levels of the cube of 6 × 6 × 6 colours that begins at 16; the greys of 232 to 255 lie closer together. */
const CUBE = [0, 95, 135, 175, 215, 255] as const;

function nearest(red: number, green: number, blue: number): number {
  const levels = [red, green, blue].map(closest);
  const [r = 0, g = 0, b = 0] = levels;
  const cube = levels.map((level) => CUBE[level] ?? 0);
  const mean = Math.round((red + green + blue) / 3);
  const grey = Math.min(23, Math.max(0, Math.round((mean - 8) / 10)));
  const greyValue = 8 + 10 * grey;
  const far = (to: readonly number[]) =>
    [red, green, blue].reduce((sum, value, n) => sum + (value - (to[n] ?? 0)) ** 2, 0);
  return far([greyValue, greyValue, greyValue]) < far(cube) ? 232 + grey : 16 + 36 * r + 6 * g + b;
}

function closest(value: number): number {
  let best = 0;
  for (const [n, level] of CUBE.entries())
    if (Math.abs(level - value) < Math.abs((CUBE[best] ?? 0) - value)) best = n;
  return best;
}

import { padTo } from '../io/text.ts';
import { type Bitmap, resize } from './bitmap.ts';
import { encodePng } from './png.ts';
import type { Shown } from './protocol.ts';
import { blockLines, itermSequence, kittySequence } from './sequences.ts';

/** A picture beside another is no wider than this, columns. */
const WIDEST = 60;
/** Nor higher than so many lines, which are about twice as high as a column is wide. */
const HIGHEST = 22;
const GAP = 2;
/** Pixels a column, where the terminal draws pixels. */
const FINE = 10;

/** Before and after side by side below their names, or the one that there is. Ends without a line break. */
export function drawPair(
  before: Bitmap | undefined,
  after: Bitmap,
  columns: number,
  { protocol, depth }: Shown,
): string {
  const width = widthOf(after, before ? Math.floor((columns - GAP) / 2) : columns);
  const scale = protocol === 'blocks' ? 1 : FINE;
  const [w, h] = [width * scale, Math.max(2, Math.round((width * scale * after.height) / after.width))];
  const pictures = [...(before ? [before] : []), after].map((picture) => resize(picture, w, h));
  const names = before ? `${padTo('before', width + GAP)}after` : 'after';
  const across = pictures.length * (width + GAP) - GAP;
  switch (protocol) {
    case 'kitty':
      return `${names}\n${kittySequence(encodePng(pictures, GAP * scale), across)}`;
    case 'iterm2':
      return `${names}\n${itermSequence(encodePng(pictures, GAP * scale), across)}`;
    case 'blocks':
      return [names, ...joined(pictures.map((picture) => blockLines(picture, depth)))].join('\n');
  }
}

/** Line by line, beside each other. */
function joined([first = [], ...others]: readonly (readonly string[])[]): string[] {
  return first.map((line, n) => [line, ...others.map((lines) => lines[n] ?? '')].join(' '.repeat(GAP)));
}

function widthOf({ width, height }: Bitmap, most: number): number {
  const high = Math.floor((2 * HIGHEST * width) / height);
  return Math.max(4, Math.min(most, WIDEST, high));
}

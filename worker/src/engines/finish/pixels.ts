import { byteAt } from './at.ts';

/** 8-bit RGB, three bytes a pixel, rows from the top. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Turns stored pixels upright. `orientation` is the EXIF tag 0x0112: 1 to 8; anything else counts as 1.
 * Done after the resize, so that a large photo is read once, in rows.
 */
export function turnUpright(stored: Pixels, orientation: number): Pixels {
  const { width: w, height: h } = stored;
  const last = { x: w - 1, y: h - 1 };
  switch (orientation) {
    case 2:
      return remap(stored, w, h, (x, y) => [last.x - x, y]);
    case 3:
      return remap(stored, w, h, (x, y) => [last.x - x, last.y - y]);
    case 4:
      return remap(stored, w, h, (x, y) => [x, last.y - y]);
    case 5:
      return remap(stored, h, w, (x, y) => [y, x]);
    case 6:
      return remap(stored, h, w, (x, y) => [y, last.y - x]);
    case 7:
      return remap(stored, h, w, (x, y) => [last.x - y, last.y - x]);
    case 8:
      return remap(stored, h, w, (x, y) => [last.x - y, x]);
    default:
      return stored;
  }
}

/** The source is an affine map of (x, y), so three points of it give the step of a column and of a row. */
function remap(
  stored: Pixels,
  width: number,
  height: number,
  source: (x: number, y: number) => readonly [number, number],
): Pixels {
  const at = (x: number, y: number) => {
    const [sx, sy] = source(x, y);
    return 3 * (sy * stored.width + sx);
  };
  const start = at(0, 0);
  const column = at(1, 0) - start;
  const row = at(0, 1) - start;
  const data = new Uint8Array(stored.data.length);
  let to = 0;
  for (let y = 0; y < height; y++) {
    let from = start + y * row;
    for (let x = 0; x < width; x++, from += column) {
      data[to++] = byteAt(stored.data, from);
      data[to++] = byteAt(stored.data, from + 1);
      data[to++] = byteAt(stored.data, from + 2);
    }
  }
  return { data, width, height };
}

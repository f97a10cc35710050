import type { Pixels } from '../../finish/pixels.ts';
import { sharp } from '../../sharp.ts';
import type { RoomCamera } from '../geometry/solve.ts';
import type { Rectangle } from '../render/check.ts';
import type { Rendered } from '../render/render.ts';
import { Shell } from '../render/shell.ts';
import { View } from '../render/view.ts';
import type { Room } from '../scene/types.ts';

const FARTHEST = 65_535;

/** Red: share of furniture. Green: how much is darkened. Blue: the label. */
export function maskOf(rendered: Rendered, label: Rectangle | undefined, width: number): Uint8Array {
  const { furniture, shadow } = rendered;
  const data = new Uint8Array(3 * furniture.length);
  for (let n = 0; n < furniture.length; n += 1) {
    data[3 * n] = furniture[n] as number;
    data[3 * n + 1] = shadow[n] as number;
  }
  if (label)
    for (let y = label.top; y < label.top + label.height; y += 1)
      for (let x = label.left; x < label.left + label.width; x += 1) data[3 * (y * width + x) + 2] = 255;
  return data;
}

/**
 * Millimetres along each line of sight to furniture, or to the room where there is none.
 * @param furniture 0 where there is none
 */
export function depthOf(room: Room, furniture: Uint16Array, width: number, height: number): Uint16Array {
  const view = new View(room, width, height);
  const shell = new Shell(room);
  const depth = Uint16Array.from(furniture);
  for (let y = 0, n = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1, n += 1) {
      if (depth[n] !== 0) continue;
      view.aim(x + 0.5, y + 0.5);
      const metres = shell.hit(0, view.eye, 0, view.x, view.y, view.z);
      depth[n] = Math.min(FARTHEST, Math.round(1000 * metres));
    }
  return depth;
}

export function encodeDepth(depth: Uint16Array, width: number, height: number): Promise<Buffer> {
  return sharp(depth, { raw: { width, height, channels: 1 } })
    .toColourspace('grey16')
    .png()
    .toBuffer();
}

export function encodeMask(data: Uint8Array, width: number, height: number): Promise<Buffer> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

type Colour = readonly [number, number, number];

const ALONG: readonly Colour[] = [
  [255, 70, 70],
  [70, 220, 70],
  [90, 140, 255],
];
const OTHER: Colour = [90, 90, 90];
const FLOOR: Colour = [255, 255, 255];

/**
 * What the geometry was read from, on black.
 * @param scale pixels of the map in one of the measured copy
 */
export function linesOf(
  camera: RoomCamera | undefined,
  floor: readonly (readonly [number, number])[],
  scale: number,
  width: number,
  height: number,
): Pixels {
  const pixels = { data: new Uint8Array(3 * width * height), width, height };
  const segments = camera?.segments ?? [];
  segments.forEach(({ x1, y1, x2, y2 }, n) => {
    const family = camera?.families[n] ?? -1;
    drawLine(pixels, [x1 * scale, y1 * scale], [x2 * scale, y2 * scale], ALONG[family] ?? OTHER);
  });
  floor.forEach(([x, y], n) => {
    const [fx, fy] = floor.at(n - 1) ?? [x, y];
    drawLine(pixels, [fx * scale, fy * scale], [x * scale, y * scale], FLOOR);
  });
  return pixels;
}

function drawLine(
  { data, width, height }: Pixels,
  from: readonly [number, number],
  to: readonly [number, number],
  colour: Colour,
): void {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const steps = Math.max(1, Math.ceil(Math.max(Math.abs(dx), Math.abs(dy))));
  const thick = Math.max(1, Math.round(Math.max(width, height) / 800));
  for (let n = 0; n <= steps; n += 1) {
    const left = Math.round(from[0] + (dx * n) / steps - thick / 2);
    const top = Math.round(from[1] + (dy * n) / steps - thick / 2);
    for (let y = Math.max(0, top); y < Math.min(height, top + thick); y += 1)
      for (let x = Math.max(0, left); x < Math.min(width, left + thick); x += 1)
        data.set(colour, 3 * (y * width + x));
  }
}

import { readFileSync } from 'node:fs';
import sharp, { type Sharp } from 'sharp';
import { z } from 'zod';
import { toGray } from '../geometry/gray.ts';
import { solveCamera } from '../geometry/solve.ts';
import { lifted } from './exposure.ts';
import { contains } from './outline.ts';
import type { Picture } from './picture.ts';
import { type Hints, type Read, type Refusal, readRoom } from './read.ts';
import type { Pixel } from './upright.ts';

export type Outcome = (Read | Refusal)['kind'];

const LONG_SIDE = 960;

export async function loadPicture(photo: Sharp): Promise<Picture> {
  const upright = await photo.rotate().png().toBuffer();
  const { data, info } = await sharp(upright)
    .resize(LONG_SIDE, LONG_SIDE, { fit: 'inside' })
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return lifted({ rgb: data, width: info.width, height: info.height });
}

export async function readPhoto(photo: Sharp, hints?: Hints) {
  const picture = await loadPicture(photo);
  const solved = solveCamera(toGray(picture.rgb, picture.width, picture.height));
  return { picture, solved, read: readRoom(picture, solved, hints) };
}

const Truth = z.object({ width: z.number(), floor_polygon_px: z.array(z.tuple([z.number(), z.number()])) });

/** The floor of an example room in pixels of the picture. */
export function truthOf(path: string, { width }: Picture): Pixel[] {
  const truth = Truth.parse(JSON.parse(readFileSync(path, 'utf8')));
  return truth.floor_polygon_px.map(([x, y]) => [(x * width) / truth.width, (y * width) / truth.width]);
}

/** Intersection over union within the picture, 0 to 1. */
export function overlapOf(
  one: readonly Pixel[],
  other: readonly Pixel[],
  { width, height }: Picture,
): number {
  let both = 0;
  let any = 0;
  for (let y = 1; y < height; y += 3)
    for (let x = 1; x < width; x += 3) {
      const [a, b] = [contains(one, x, y), contains(other, x, y)];
      both += a && b ? 1 : 0;
      any += a || b ? 1 : 0;
    }
  return any === 0 ? 0 : both / any;
}

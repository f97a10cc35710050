import { join, resolve } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { axesOf, type Vec3 } from '../geometry/camera.ts';
import type { Read } from './read.ts';
import { overlapOf, readPhoto } from './reading.fixture.ts';

/*
 * Photos are saved again on their way, smaller or brighter, by programs that nobody sees. What is read of them stays the
 * same.
 */

const photos = resolve(import.meta.dirname, '../../../../../examples/photos');

const DEGREE = Math.PI / 180;

type Change = (photo: Sharp) => Sharp;

const jpeg =
  (quality: number, chromaSubsampling: '4:2:0' | '4:4:4'): Change =>
  (photo) =>
    photo.jpeg({ quality, chromaSubsampling });

const changes: readonly (readonly [room: string, change: string, Change])[] = [
  ['01-living-room', 'saved as WebP', (photo) => photo.webp({ quality: 80 })],
  ['02-bedroom', 'saved as JPEG of 92', jpeg(92, '4:2:0')],
  ['02-bedroom', 'saved as JPEG of 60', jpeg(60, '4:4:4')],
  ['03-dining-room', 'saved as JPEG of 85', jpeg(85, '4:2:0')],
  ['04-home-office', 'made brighter', (photo) => photo.linear(1.1, 0)],
  ['05-open-plan', 'made smaller', (photo) => photo.resize(600)],
  ['05-open-plan', 'made darker', (photo) => photo.linear(0.9, 0).jpeg({ quality: 85 })],
  ['06-kitchen-living', 'saved as JPEG of 95', jpeg(95, '4:4:4')],
  ['06-kitchen-living', 'saved as JPEG of 75', jpeg(75, '4:2:0')],
  ['06-kitchen-living', 'made larger', (photo) => photo.resize(1320)],
  ['07-attic', 'saved as JPEG of 60', jpeg(60, '4:2:0')],
  [
    '08-small-study-dim',
    'cut by a pixel',
    (photo) => photo.extract({ left: 1, top: 1, width: 1199, height: 799 }),
  ],
  ['09-hallway-portrait', 'saved as JPEG of 85', jpeg(85, '4:4:4')],
];

const originals = new Map<string, ReturnType<typeof readPhoto>>();

function original(room: string): ReturnType<typeof readPhoto> {
  const read = originals.get(room) ?? readPhoto(sharp(join(photos, `${room}.jpg`)));
  originals.set(room, read);
  return read;
}

function roomOf({ read }: Awaited<ReturnType<typeof readPhoto>>): Read {
  if (read.kind !== 'room') throw new Error(read.why);
  return read;
}

function apart(one: Vec3, other: Vec3): number {
  const along = one[0] * other[0] + one[1] * other[1] + one[2] * other[2];
  return Math.acos(Math.min(1, Math.abs(along))) / DEGREE;
}

test.each(changes)('%s, %s', async (room, _, change) => {
  const before = await original(room);
  const upright = await sharp(join(photos, `${room}.jpg`))
    .rotate()
    .png()
    .toBuffer();
  const after = await readPhoto(sharp(await change(sharp(upright)).toBuffer()));
  const [was, is] = [roomOf(before), roomOf(after)];
  const [axes, others] = [axesOf(was.room), axesOf(is.room)];
  for (const axis of ['a', 'b', 'up'] as const) expect(apart(axes[axis], others[axis])).toBeLessThan(1);
  expect(overlapOf(was.floor, is.floor, before.picture)).toBeGreaterThan(0.9);
  expect(is.room.walls).toHaveLength(was.room.walls.length);
});

import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LayoutParams } from '@stager/server/core/engines/layout';
import { describe, expect, test } from 'vitest';
import { sharp } from '../sharp.ts';
import { furnish } from './furnish.ts';
import type { Room } from './scene/types.ts';
import { checkLayout } from './solver/check.ts';
import { type BoxRoom, seenBoxRoom } from './solver/rooms.fixture.ts';
import { type Understood, understand } from './understand.ts';

const PHOTOS = resolve(import.meta.dirname, '../../../../examples/photos');
const names = readdirSync(PHOTOS).filter((name) => name.endsWith('.jpg'));
const DEGREE = Math.PI / 180;
const DEEP: BoxRoom = {
  width: 5,
  length: 9,
  height: 2.6,
  camera: [1, 0.3, 1.5],
  pose: { pitch: -6 * DEGREE, roll: 0, yaw: 20 * DEGREE },
  focal: 640,
  picture: [1200, 800],
  openings: [],
};
const PLAIN = { width: 1200, height: 800, rgb: new Uint8Array(1200 * 800 * 3).fill(150) };

async function open(name: string) {
  const originalPath = join(PHOTOS, name);
  const { autoOrient } = await sharp(originalPath).metadata();
  return understand({ originalPath, ...autoOrient }, LayoutParams.parse({}));
}

/** As `upload` without options, but for the seed. */
const furnished = ({ room, picture }: Understood, seed = 0, variation = 0) =>
  furnish(room, { roomType: null, style: null, seed, variation }, { picture, sha256: '0'.repeat(64) });

describe('the example photos', () => {
  test('are nine', () => {
    expect(names).toHaveLength(9);
  });

  test.each(names)('%s is read and gets furniture without any option', async (name) => {
    const { layout } = furnished(await open(name));
    expect(checkLayout(layout).filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(layout.pieces.length).toBeGreaterThanOrEqual(4);
  });
});

describe('whether a room is furnished', () => {
  test('is not a matter of the seed; of its variations, neither', async () => {
    const hallway = await open('09-hallway-portrait.jpg');
    for (const seed of [0, 1, 5, 7])
      expect(furnished(hallway, seed).layout.pieces.length).toBeGreaterThanOrEqual(4);
    for (const variation of [1, 2])
      expect(furnished(hallway, 2, variation).layout.pieces.length).toBeGreaterThanOrEqual(4);
  });

  /** What is free of a deep room, from so many metres on. */
  function farEnd(from: number): Room {
    const outline = [
      [-2, -1],
      [5, -1],
      [5, from],
      [-2, from],
    ] as const;
    return { ...seenBoxRoom(DEEP), keepOuts: [{ why: 'object', outline, confidence: 1 }] };
  }
  const dining = (room: Room, seed: number) =>
    furnish(
      room,
      { roomType: 'kitchen_dining', style: 'modern', seed, variation: 0 },
      { picture: PLAIN, sha256: '0'.repeat(64) },
    ).layout;

  test('is seen when the dice are thrown again, and the layout tells which throw it was', () => {
    const room = farEnd(6);
    const unlucky = dining(room, 0);
    expect(unlucky.seed).not.toBe(0);
    expect(dining(room, 0)).toEqual(unlucky);
    expect(dining(room, unlucky.seed)).toEqual(unlucky);
    expect(dining(room, 2).seed).toBe(2);
  });

  test('is no where there are places, but what goes with them is poor at any throw', () => {
    for (const seed of [0, 1])
      expect(() => dining(farEnd(6.8), seed)).toThrow(
        expect.objectContaining({
          code: 'no_floor_space',
          message: expect.stringContaining('what goes with it finds no good place'),
        }),
      );
  });
});

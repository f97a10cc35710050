import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LayoutParams } from '@stager/server/core/engines/layout';
import { describe, expect, test } from 'vitest';
import { sharp } from '../sharp.ts';
import { EngineError } from '../types.ts';
import { furnish } from './furnish.ts';
import { checkLayout } from './solver/check.ts';
import { type Understood, understand } from './understand.ts';

const PHOTOS = resolve(import.meta.dirname, '../../../../examples/photos');
const names = readdirSync(PHOTOS).filter((name) => name.endsWith('.jpg'));

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

test('a room that some seeds furnish gets furniture, or the hint to take another one', async () => {
  const hallway = await open('09-hallway-portrait.jpg');
  for (const seed of [0, 1, 2, 3, 4, 5]) {
    try {
      expect(furnished(hallway, seed).layout.pieces.length).toBeGreaterThanOrEqual(4);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      expect(error.hint).toContain('another seed');
    }
  }
});

test('a room that is furnished has its variations, too, when the dice of one fall badly', async () => {
  const hallway = await open('09-hallway-portrait.jpg');
  for (const variation of [0, 1, 2])
    expect(furnished(hallway, 2, variation).layout.pieces.length).toBeGreaterThanOrEqual(4);
});

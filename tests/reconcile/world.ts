import { expect } from 'vitest';
import { keysOf } from '../support/keys.ts';
import { type MadeImage, type Rig, ref } from './rig.ts';

export interface World {
  readonly rows: readonly unknown[];
  readonly photos: readonly string[];
  readonly uploads: readonly string[];
}

/** Rows and objects, as they are. */
export async function world(rig: Rig): Promise<World> {
  const rows: unknown[] = [];
  for (const table of ['originals', 'images', 'image_outputs', 'jobs', 'uploads', 'ledger'])
    rows.push(await rig.sql(`SELECT t.* FROM ${table} t ORDER BY t::text`));
  return { rows, photos: await keysOf(rig.objects, 'photos'), uploads: await keysOf(rig.objects, 'uploads') };
}

/** What customers have is there, and is what it was. */
export async function expectGood(rig: Rig, good: readonly MadeImage[]): Promise<void> {
  for (const { imageId, originalId, originalKey, outputKey } of good) {
    expect((await rig.objects.read(ref(originalKey)))?.toString()).toBe(`bytes of ${originalId}`);
    expect((await rig.objects.read(ref(outputKey)))?.toString()).toBe(`result of ${imageId}`);
  }
  const ids = good.map(({ imageId }) => imageId);
  const rows = await rig.sql<{ state: string }>('SELECT state FROM images WHERE id = ANY($1)', [ids]);
  expect(rows.map(({ state }) => state)).toEqual(good.map(() => 'ready'));
  const lost = await rig.sql('SELECT 1 FROM originals WHERE id = ANY($1) AND lost_at IS NOT NULL', [
    good.map(({ originalId }) => originalId),
  ]);
  expect(lost).toEqual([]);
}

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makePhoto } from '../../tests/support/photos.ts';
import { makeTempDir } from '../../tests/support/tempDir.ts';
import { writeContactSheet } from './contactSheet.ts';

let photos: string;
let results: string;
beforeEach(() => {
  photos = makeTempDir('stager-photos');
  results = makeTempDir('stager-results');
});
afterEach(() => {
  for (const dir of [photos, results]) rmSync(dir, { recursive: true, force: true });
});

test('shows what these photos became, and neither what was refused nor what was there before', async () => {
  const { bytes } = await makePhoto(1);
  for (const folder of [photos, results]) mkdirSync(join(folder, 'upstairs'));
  for (const name of ['<b>hall.jpg', 'upstairs/bath.jpg', 'upstairs/refused.jpg'])
    writeFileSync(join(photos, name), bytes);
  const made = [
    '_b_hall.finished.jpg',
    '_b_hall.before.jpg',
    'upstairs/bath.finished.jpg',
    'old.finished.jpg',
  ];
  for (const name of made) writeFileSync(join(results, name), bytes);
  const { file, pairs } = await writeContactSheet(photos, results);
  expect(pairs).toBe(2);
  const page = readFileSync(file, 'utf8');
  expect([...page.matchAll(/<h2>(.*)<\/h2>/g)].map(([, title]) => title)).toEqual([
    '_b_hall',
    'upstairs/bath',
  ]);
  expect(page.match(/<img [^>]*data:image\/jpeg;base64,/g)).toHaveLength(3);
});

test('where nothing could be made it is an empty page', async () => {
  writeFileSync(join(photos, 'a.jpg'), 'no picture');
  const none = join(results, 'none');
  expect(await writeContactSheet(photos, none)).toEqual({ file: join(none, 'index.html'), pairs: 0 });
  expect(readFileSync(join(none, 'index.html'), 'utf8')).not.toContain('<img');
});

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
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

test('shows what has a result, under its name, in one file without outside references', async () => {
  const photo = await makePhoto(1);
  for (const folder of ['upstairs', 'cellar']) mkdirSync(join(photos, folder));
  for (const name of ['<b>hall.jpg', 'upstairs/bath.jpg', 'cellar/refused.jpg']) {
    writeFileSync(join(photos, name), photo.bytes);
  }
  mkdirSync(join(results, 'upstairs'));
  for (const name of ['_b_hall.finished.jpg', '_b_hall.thumbnail.jpg', 'upstairs/bath.finished.jpg']) {
    writeFileSync(join(results, name), photo.bytes);
  }
  const { file, pairs } = await writeContactSheet(photos, results);
  expect(pairs).toBe(2);
  const page = readFileSync(file, 'utf8');
  expect(page).toContain('<h2>&lt;b&gt;hall.jpg</h2>');
  expect(page).not.toContain('refused.jpg');
  const pictures = [...page.matchAll(/<img src="([^"]*)"/g)].map(([, src = '']) => src);
  expect(pictures).toHaveLength(4);
  for (const src of pictures) {
    const [head, data = ''] = src.split(',');
    expect(head).toBe('data:image/jpeg;base64');
    // A file: in a process that has the engines' sharp, only files of the accepted formats can be read.
    const shown = join(results, 'shown.jpg');
    writeFileSync(shown, Buffer.from(data, 'base64'));
    expect(await sharp(shown).metadata()).toMatchObject({ width: 320, height: 240 });
  }
});

test('a photo with some damage, which the worker can finish, is shown', async () => {
  const damaged = Buffer.from((await makePhoto(2)).bytes);
  damaged.fill(0x55, damaged.length >> 1, (damaged.length >> 1) + 200);
  writeFileSync(join(photos, 'a.jpg'), damaged);
  await expect(sharp(join(photos, 'a.jpg')).toBuffer()).rejects.toThrow('Corrupt JPEG');
  writeFileSync(join(results, 'a.finished.jpg'), (await makePhoto(2)).bytes);
  expect(await writeContactSheet(photos, results)).toMatchObject({ pairs: 1 });
});

test('where nothing could be finished it is an empty page', async () => {
  writeFileSync(join(photos, 'a.jpg'), 'no picture');
  const none = join(results, 'none');
  expect(await writeContactSheet(photos, none)).toEqual({ file: join(none, 'index.html'), pairs: 0 });
  expect(readFileSync(join(none, 'index.html'), 'utf8')).not.toContain('<img');
});

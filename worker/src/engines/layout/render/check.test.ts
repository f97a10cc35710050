import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Claim, checkGuarantee } from './check.ts';
import type { Photo } from './coarse.ts';
import { examplePhoto, exampleRoom, rug, sofa, table } from './fixtures.ts';
import { type Rendered, render } from './render.ts';

const room = exampleRoom('01-living-room');
const pieces = [sofa([-1, 3.6], 0.3), table([-0.7, 2.5], 0.3), rug([-0.9, 2.8], 0.3)];

let folder: string;
let photo: Photo;
let rendered: Rendered;
let honest: Claim;
const files: string[] = [];

async function save(data: Uint8Array, channels: 1 | 3, width = photo.width): Promise<string> {
  const path = join(folder, `${files.length}.png`);
  files.push(path);
  const height = data.length / channels / width;
  await sharp(data, { raw: { width, height, channels } }).png().toFile(path);
  return path;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stager-check-'));
  photo = await examplePhoto('01-living-room', 480);
  rendered = await render({ photo, room, pieces, quality: 'preview', seed: 7 });
  honest = {
    before: await save(photo.data, 3),
    after: await save(rendered.picture, 3),
    furniture: await save(rendered.furniture, 1),
    shadow: await save(rendered.shadow, 1),
    room,
    pieces,
  };
});

afterAll(() => rm(folder, { recursive: true }));

describe('the guarantee', () => {
  test('holds for what was rendered, and says how much was compared', async () => {
    const verdict = await checkGuarantee(honest);
    expect(verdict.faults).toEqual([]);
    expect(verdict.ok).toBe(true);
    expect(verdict.furniture).toBeGreaterThan(0.1 * photo.width * photo.height);
    expect(verdict.shadow).toBeGreaterThan(0.01 * photo.width * photo.height);
    expect(verdict.compared + verdict.furniture + verdict.shadow).toBe(photo.width * photo.height);
  });

  test.each([
    ['in the first corner', () => 0],
    ['in the last corner', () => photo.width * photo.height - 1],
    ['beside the furniture', () => firstUntouched()],
  ])('a single pixel changed by one level %s is found', async (_, where) => {
    const n = where();
    const after = rendered.picture.slice();
    after[3 * n + 2] = (after[3 * n + 2] ?? 0) ^ 1;
    const verdict = await checkGuarantee({ ...honest, after: await save(after, 3) });
    expect(verdict.ok).toBe(false);
    expect(verdict.faults.join()).toContain(
      `1 pixels outside of furniture, shadow and label differ from the photo, first at ${n % photo.width},${Math.floor(n / photo.width)}`,
    );
  });

  test('the label may be written where it was declared', async () => {
    const after = rendered.picture.slice();
    for (const n of [0, 1, photo.width]) after[3 * n] = 7;
    const claim = { ...honest, after: await save(after, 3) };
    expect((await checkGuarantee({ ...claim, label: { left: 0, top: 0, width: 2, height: 2 } })).ok).toBe(
      true,
    );
    expect((await checkGuarantee({ ...claim, label: { left: 1, top: 0, width: 2, height: 2 } })).ok).toBe(
      false,
    );
  });

  test('a label that hides more than a tenth of the picture is too large', async () => {
    const label = { left: 0, top: 0, width: photo.width, height: Math.ceil(photo.height / 9) };
    expect((await checkGuarantee({ ...honest, label })).faults).toEqual([
      `the label takes ${label.width * label.height} pixels, more than 10 % of the picture`,
    ]);
  });

  test('more than a quarter of the picture in shadow is too much', async () => {
    const shadow = new Uint8Array(photo.width * photo.height);
    shadow.fill(9, 0, 0.26 * shadow.length);
    const verdict = await checkGuarantee({ ...honest, shadow: await save(shadow, 1) });
    expect(verdict.faults.join()).toContain('shadows are 26.0 % of the picture');
  });

  test('furniture that no piece of the layout explains is found', async () => {
    const furniture = rendered.furniture.slice();
    furniture[20 * photo.width + 20] = 1;
    const planted = await checkGuarantee({ ...honest, furniture: await save(furniture, 1) });
    expect(planted.faults).toEqual(['furniture at 20,20 is not near to any piece of the layout']);
    const moved = pieces.map((piece) => ({ ...piece, placed: { ...piece.placed, lift: 0.25 } }));
    expect((await checkGuarantee({ ...honest, pieces: moved })).ok).toBe(false);
  });

  test('pictures of another size, and files that lose detail or have more of it, are not compared', async () => {
    const small = await save(rendered.furniture.slice(0, 200 * photo.width), 1);
    const verdict = await checkGuarantee({ ...honest, furniture: small });
    expect(verdict.faults.join()).toContain('480 x 200');
    const jpeg = join(folder, 'after.jpg');
    await sharp(honest.after).jpeg().toFile(jpeg);
    await expect(checkGuarantee({ ...honest, after: jpeg })).rejects.toThrow('store it as PNG');
    const seeThrough = join(folder, 'alpha.png');
    await sharp(honest.after).ensureAlpha(0.5).png().toFile(seeThrough);
    const deep = join(folder, 'deep.png');
    await sharp(honest.after).toColourspace('rgb16').png().toFile(deep);
    for (const after of [seeThrough, deep])
      await expect(checkGuarantee({ ...honest, after })).rejects.toThrow('of 8 bits');
  });
});

function firstUntouched(): number {
  const { furniture, shadow } = rendered;
  for (let n = 0; n < furniture.length - 1; n += 1)
    if (furniture[n] === 0 && shadow[n] === 0 && furniture[n + 1] !== 0) return n;
  throw new Error('no pixel beside the furniture');
}

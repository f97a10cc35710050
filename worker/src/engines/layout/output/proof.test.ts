import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sharp } from '../../sharp.ts';
import { exampleRoom } from '../render/fixtures.ts';
import { differenceOutside, prove } from './proof.ts';

const [width, height] = [60, 40];
const photo = () => ({ data: new Uint8Array(3 * width * height).fill(120), width, height });
const empty = () => ({
  furniture: new Uint8Array(width * height),
  shadow: new Uint8Array(width * height),
});

let workDir = '';
beforeEach(async () => {
  workDir = await mkdtemp(join(tmpdir(), 'stager-proof-'));
});
afterEach(() => rm(workDir, { recursive: true, force: true }));

const evidence = (after = photo(), rendered = empty()) => ({
  workDir,
  before: photo(),
  after,
  rendered,
  label: { left: 0, top: 0, width: 3, height: 2 },
  room: exampleRoom('02-bedroom'),
  pieces: [],
});

test('what was checked comes back as it was', async () => {
  const after = photo();
  after.data[0] = 7;
  const { verdict, picture } = await prove(evidence(after));
  expect(verdict.ok).toBe(true);
  expect(Buffer.compare(picture.data, after.data)).toBe(0);
});

test('one pixel by one level is an error that is not tried again', async () => {
  const after = photo();
  after.data[3 * (20 * width + 30)] = 121;
  await expect(prove(evidence(after))).rejects.toMatchObject({
    code: 'guarantee_failed',
    retryable: false,
    message: expect.stringContaining('first at 30,20'),
  });
});

test('the difference of a delivered file is looked for outside of what may differ', async () => {
  const { data } = photo();
  const rendered = empty();
  rendered.furniture[100] = 255;
  rendered.shadow[101] = 3;
  for (const [pixel, level] of [
    [0, 255],
    [100, 0],
    [101, 90],
    [900, 126],
  ] as const)
    data[3 * pixel] = level;
  const path = join(workDir, 'delivered.png');
  await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path);
  expect(await differenceOutside(path, photo(), rendered, { left: 0, top: 0, width: 1, height: 1 })).toBe(6);
});

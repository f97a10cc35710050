import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import readExif from 'exif-reader';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMPOSITE } from '../engines/layout/label/xmp.ts';
import { parseLayout } from '../engines/layout/solver/layout.ts';
import { sharp } from '../engines/sharp.ts';
import type { EngineInput, EngineResult } from '../engines/types.ts';
import { createSandboxPool, type SandboxPool } from './pool.ts';

const PHOTOS = resolve(import.meta.dirname, '../../../examples/photos');
const BEDROOM = join(PHOTOS, '02-bedroom.jpg');
const QUICK = { quality: 'preview', longEdge: 640 } as const;

let dir = '';
let pools: SandboxPool[] = [];
let runs = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stager-sandbox-layout-'));
  pools = [1, 2].map(() => createSandboxPool({ size: 1, memoryMb: 1024 }));
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  await rm(dir, { recursive: true, force: true });
});

async function run(photo: string, change: Partial<EngineInput> = {}, on = 0): Promise<EngineResult> {
  const pool = pools[on];
  if (!pool) throw new Error('no pool');
  const workDir = join(dir, `run-${runs++}`);
  await mkdir(workDir);
  const { width, height } = await sharp(photo).metadata();
  const input = {
    originalPath: photo,
    contentType: 'image/jpeg',
    width,
    height,
    roomType: 'living_room',
    style: 'scandinavian',
    seed: 1,
    variation: 0,
    params: QUICK,
    ...change,
  };
  return pool.run({ engine: 'layout', input, workDir, timeoutMs: 120_000 });
}

function find({ outputs }: EngineResult, name: string) {
  const found = outputs.find((output) => output.name === name);
  if (!found) throw new Error(`no output ${name}`);
  return found;
}

const pixelsOf = (result: EngineResult, name: string) =>
  sharp(find(result, name).path).removeAlpha().raw().toBuffer();
const jsonOf = async (result: EngineResult, name: string) =>
  JSON.parse(await readFile(find(result, name).path, 'utf8'));

/** Pixels that differ between the staged and the finished picture, within the mask and outside of it. */
async function compare(result: EngineResult) {
  const [staged, finished, mask] = await Promise.all(
    ['staged', 'finished', 'mask'].map((name) => pixelsOf(result, name)),
  );
  const count = { inside: 0, outside: 0, label: 0, furniture: 0 };
  for (let at = 0; at < (finished?.length ?? 0); at += 3) {
    const pixel = (from: Buffer | undefined) => from?.readUIntBE(at, 3);
    const [red = 0, , blue = 0] = mask?.subarray(at, at + 3) ?? [];
    if (red > 0) count.furniture += 1;
    if (blue > 0) count.label += 1;
    if (pixel(staged) !== pixel(finished)) count[pixel(mask) === 0 ? 'outside' : 'inside'] += 1;
  }
  return count;
}

describe('an empty room', () => {
  let first: EngineResult;
  beforeAll(async () => {
    first = await run(BEDROOM, { params: { ...QUICK, format: 'png' } });
  });

  test('comes back with furniture, and nothing else of it has changed', async () => {
    expect(first.outputs.map(({ name, contentType }) => [name, contentType])).toEqual([
      ['staged', 'image/png'],
      ['finished', 'image/png'],
      ['mask', 'image/png'],
      ['depth', 'image/png'],
      ['lines', 'image/png'],
      ['layout', 'application/json'],
      ['report', 'application/json'],
      ['thumbnail', 'image/jpeg'],
      ['before', 'image/jpeg'],
    ]);
    const { inside, outside, furniture, label } = await compare(first);
    expect(outside).toBe(0);
    expect(inside).toBeGreaterThan(0.05 * 640 * 427);
    expect(furniture).toBeGreaterThan(0.05 * 640 * 427);
    expect(label).toBeGreaterThan(0);
    const { kind, guarantee } = await jsonOf(first, 'report');
    expect(kind).toBe('layout preview');
    expect(guarantee).toMatchObject({ holds: true, deliveredFile: { largestDifference: 0 } });
  });

  test('and with its layout, depth and lines', async () => {
    const parsed = parseLayout(await readFile(find(first, 'layout').path, 'utf8'));
    if (!parsed.ok) throw new Error(parsed.problems.join());
    expect(parsed.layout).toMatchObject({ roomType: 'living_room', style: 'scandinavian', seed: 1 });
    expect(parsed.layout.pieces.map(({ kind }) => kind)).toContain('sofa');
    const depth = await sharp(find(first, 'depth').path)
      .toColourspace('grey16')
      .raw({ depth: 'ushort' })
      .toBuffer();
    const metres = Array.from({ length: 640 * 427 }, (_, n) => depth.readUInt16LE(2 * n) / 1000);
    expect(Math.min(...metres.slice(-640))).toBeGreaterThan(0.5);
    expect(metres.reduce((most, one) => Math.max(most, one), 0)).toBeLessThan(20);
    const lines = await pixelsOf(first, 'lines');
    expect(lines.some((level) => level === 255)).toBe(true);
  });

  test('the same again, from another process, has the same bytes', async () => {
    const again = await run(BEDROOM, { params: { ...QUICK, format: 'png' } }, 1);
    const bytes = (result: EngineResult) => Promise.all(result.outputs.map(({ path }) => readFile(path)));
    const [one, other] = [await bytes(first), await bytes(again)];
    expect(one.map((file, n) => other[n]?.equals(file))).toEqual(one.map(() => true));
    expect(again.info).toEqual(first.info);
  });

  test('another style is another picture of the same room', async () => {
    const other = await run(BEDROOM, { style: 'industrial', roomType: 'bedroom' });
    expect(other.info).toMatchObject({ style: 'industrial', roomType: 'bedroom' });
    expect((await jsonOf(other, 'report')).made.pieces).toContain('bed');
  });
});

test('the file says what it is, keeps what the camera wrote and loses where it was taken', async () => {
  const photo = join(dir, 'tagged.jpg');
  await sharp(BEDROOM)
    .withExif({
      IFD0: { Make: 'Fujifilm', Artist: 'Jane Doe' },
      IFD2: { FocalLength: '23/1', CameraOwnerName: 'John Roe' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 0/1' },
    })
    .withIccProfile('p3')
    .toFile(photo);
  const result = await run(photo, { params: { ...QUICK, label: 'caption' } });
  const staged = find(result, 'staged');
  const { exif, xmp, hasProfile } = await sharp(staged.path).metadata();
  const tags = readExif(exif ?? Buffer.alloc(0));
  expect(tags.Image?.['Make']).toBe('Fujifilm');
  expect(tags.Photo?.['FocalLength']).toBe(23);
  expect(tags.GPSInfo).toBeUndefined();
  expect(tags.Image?.['Artist']).toBe('Jane Doe');
  expect((await readFile(staged.path)).includes('John Roe')).toBe(false);
  expect(xmp?.toString('utf8')).toContain(COMPOSITE);
  expect(hasProfile).toBe(true);
  // The caption stands below the picture, which is all there.
  const finished = find(result, 'finished');
  expect(staged.width).toBe(finished.width);
  expect(staged.height).toBeGreaterThan(finished.height + 10);
  expect(await compare(result)).toMatchObject({ label: 0 });
  const { label, photo: about } = await jsonOf(result, 'report');
  expect(label).toMatchObject({ where: 'caption', region: null });
  expect(about.colourProfile).toContain('P3');
});

describe('what cannot be furnished is refused, with a reason and what helps', () => {
  test('a picture of no room', async () => {
    const path = join(dir, 'leaves.jpg');
    const data = Uint8Array.from({ length: 640 * 480 * 3 }, (_, n) => (n * 7919 * ((n >> 4) + 3)) % 251);
    await sharp(data, { raw: { width: 640, height: 480, channels: 3 } })
      .blur(2)
      .jpeg()
      .toFile(path);
    await expect(run(path)).rejects.toMatchObject({ code: 'not_a_room', retryable: false });
  });

  test('a photo too small to read', async () => {
    const path = join(dir, 'small.jpg');
    await sharp(BEDROOM).resize(200).jpeg().toFile(path);
    await expect(run(path)).rejects.toMatchObject({
      code: 'geometry_uncertain',
      hint: expect.stringContaining('--floor "x,y;x,y;x,y;x,y"'),
    });
  });

  test('a room without floor for it', async () => {
    await expect(
      run(join(PHOTOS, '09-hallway-portrait.jpg'), { roomType: 'dining_room' }),
    ).rejects.toMatchObject({
      code: 'no_floor_space',
      message: expect.stringMatching(/no place for a dining table .* m² of floor/),
      hint: expect.stringContaining('another room type'),
    });
  });
});

test('a marked floor and a known height of the camera take the place of what is read', async () => {
  const { floor_polygon_px: corners } = JSON.parse(
    await readFile(join(PHOTOS, '02-bedroom.camera.json'), 'utf8'),
  );
  const floor = corners.map(([x, y]: [number, number]) => `${Math.max(0, x)},${Math.max(0, y)}`).join(';');
  const result = await run(BEDROOM, { params: { ...QUICK, floor, cameraHeight: 1.3 } });
  const { geometry } = await jsonOf(result, 'report');
  expect(geometry.floor.from).toBe('marked');
  expect((await jsonOf(result, 'layout')).room.camera.aboveFloor).toBe(1.3);
});

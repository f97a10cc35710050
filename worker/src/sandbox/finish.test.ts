import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sharp } from '../engines/sharp.ts';
import { createSandboxPool, type SandboxPool } from './pool.ts';

let dir = '';
let pools: SandboxPool[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stager-sandbox-finish-'));
  pools = [1, 2].map(() => createSandboxPool({ size: 1, memoryMb: 1024 }));
  const data = Buffer.from(
    Uint8Array.from({ length: 400 * 300 * 3 }, (_, i) => 60 + (((i * 7919) >> 3) % 120)),
  );
  await sharp(data, { raw: { width: 400, height: 300, channels: 3 } })
    .jpeg()
    .toFile(join(dir, 'photo.jpg'));
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  await rm(dir, { recursive: true, force: true });
});

async function run(pool: SandboxPool, name: string, photo: string) {
  const workDir = join(dir, name);
  await mkdir(workDir);
  const input = {
    originalPath: join(dir, photo),
    contentType: 'image/jpeg',
    width: 400,
    height: 300,
    roomType: null,
    style: null,
    seed: 0,
    variation: 0,
    params: {},
  };
  return pool.run({ engine: 'finish', input, workDir, timeoutMs: 60_000 });
}

test('two processes give the same bytes', async () => {
  const results = await Promise.all(pools.map((pool, index) => run(pool, `same-${index}`, 'photo.jpg')));
  const files = await Promise.all(
    results.map(({ outputs }) => Promise.all(outputs.map(({ path }) => readFile(path)))),
  );
  const [first, second] = files;
  expect(first).toHaveLength(3);
  expect(
    first?.every((bytes, index) => bytes.length > 1000 && bytes.equals(second?.[index] ?? Buffer.alloc(0))),
  ).toBe(true);
  expect(results[0]?.info).toEqual(results[1]?.info);
});

test('a damaged photo is an error of its own, and the process goes on', async () => {
  const [pool] = pools;
  if (!pool) throw new Error('no pool');
  await writeFile(join(dir, 'cut.jpg'), (await readFile(join(dir, 'photo.jpg'))).subarray(0, 2000));
  await expect(run(pool, 'cut', 'cut.jpg')).rejects.toMatchObject({
    code: 'image_corrupt',
    retryable: false,
  });
  await expect(run(pool, 'whole', 'photo.jpg')).resolves.toMatchObject({ info: { width: 400, height: 300 } });
});

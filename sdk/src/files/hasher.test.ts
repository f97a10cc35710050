import { createHash } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { Hasher } from './hasher.ts';

const MANY = 1e9;

let hasher: Hasher;
afterEach(() => hasher.close());

function photo(seed: number): { bytes: Uint8Array<SharedArrayBuffer>; sha256: string } {
  const bytes = new Uint8Array(new SharedArrayBuffer(300_000)).fill(seed);
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

const turn = () => new Promise((next) => setImmediate(next));

/** Whether the hash is there without a turn of the event loop. */
async function hashedInPlace(): Promise<boolean> {
  const { bytes, sha256 } = photo(7);
  let there = false;
  const hashed = hasher.hash(bytes).then((hash) => {
    there = true;
    return hash;
  });
  await Promise.resolve();
  await Promise.resolve();
  const inPlace = there;
  expect(await hashed).toBe(sha256);
  return inPlace;
}

test('of many photos each gets its own hash, before and after the thread is there', async () => {
  hasher = new Hasher(MANY);
  expect(await hashedInPlace()).toBe(true);
  while (await hashedInPlace()) await turn();
  const photos = Array.from({ length: 20 }, (_, seed) => photo(seed));
  const hashes = await Promise.all(photos.map(({ bytes }) => hasher.hash(bytes)));
  expect(hashes).toEqual(photos.map(({ sha256 }) => sha256));
});

test('what a thread leaves behind when it ends is hashed in place', async () => {
  hasher = new Hasher(MANY);
  while (await hashedInPlace()) await turn();
  const photos = Array.from({ length: 20 }, (_, seed) => photo(seed));
  const hashes = photos.map(({ bytes }) => hasher.hash(bytes));
  await hasher.close();
  expect(await Promise.all(hashes)).toEqual(photos.map(({ sha256 }) => sha256));
  expect(await hashedInPlace()).toBe(true);
});

test('for few photos no thread is started', async () => {
  hasher = new Hasher(1_000_000);
  for (let n = 0; n < 50; n += 1) {
    expect(await hashedInPlace()).toBe(true);
    await turn();
  }
});

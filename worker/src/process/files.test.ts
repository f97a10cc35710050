import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDiskObjects } from '@stager/server/infra/objects/disk/index';
import type { Objects, OriginalRow } from '@stager/server/ports';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keysOf } from '../../../tests/support/keys.ts';
import type { EngineOutput } from '../engines/types.ts';
import { aJob } from '../testing.ts';
import { fetchOriginal } from './original.ts';
import { createOutputStore } from './outputs.ts';
import { openWorkDirs } from './workDirs.ts';

const going = new AbortController().signal;
let folder: string;
let objects: Objects;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stager-files-'));
  const secrets = ['a-secret-of-16-bytes'];
  objects = createDiskObjects({ root: join(folder, 'store'), publicUrl: 'http://127.0.0.1:1', secrets });
});
afterEach(() => rm(folder, { recursive: true }));

describe('fetching an original', () => {
  const bytes = Buffer.from('the bytes of a photo');

  function originalOf(body: Buffer, wish: Partial<OriginalRow> = {}): OriginalRow {
    const sha256 = createHash('sha256').update(body).digest('hex');
    return { ...aJob().original, sha256, size: body.length, ...wish };
  }

  async function fetchStored(stored: Buffer | null, original: OriginalRow): Promise<string> {
    const ref = { bucket: 'photos', key: original.objectKey } as const;
    if (stored) await objects.write(ref, stored, 'image/jpeg');
    return fetchOriginal({ objects, original, dir: folder, maxPixels: 1_000, signal: going });
  }

  test('gives a private file with its bytes', async () => {
    const path = await fetchStored(bytes, originalOf(bytes));
    expect(await readFile(path)).toEqual(bytes);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['other bytes', Buffer.from('the bytes of a phot0'), 'original_corrupt'],
    ['fewer bytes', bytes.subarray(1), 'original_corrupt'],
    ['more bytes', Buffer.concat([bytes, bytes]), 'original_corrupt'],
    ['nothing', null, 'original_missing'],
  ])('refuses %s', async (_, stored, code) => {
    await expect(fetchStored(stored, originalOf(bytes))).rejects.toMatchObject({ code, retryable: false });
  });

  test('refuses what it could not decode before it is fetched', async () => {
    const large = originalOf(bytes, { width: 1_001, height: 1 });
    await expect(fetchStored(bytes, large)).rejects.toMatchObject({ code: 'original_too_large' });
    expect(await readdir(folder)).toEqual(['store']);
  });
});

describe('storing outputs', () => {
  async function anOutput(name: string, contentType = 'image/jpeg'): Promise<EngineOutput> {
    const path = join(folder, name);
    await writeFile(path, `pixels of ${name}`);
    return { name, path, contentType, width: 2, height: 1 };
  }

  test('keeps them below the lease, and describes what was stored', async () => {
    const job = aJob();
    const output = createOutputStore(objects, job);
    const rows = await output.store(
      [await anOutput('finished', 'image/png'), await anOutput('thumbnail')],
      going,
    );
    const base = `outputs/${job.accountId}/${job.imageId}/${job.lease}`;
    expect(rows.map(({ objectKey }) => objectKey)).toEqual([`${base}/finished.png`, `${base}/thumbnail.jpg`]);
    for (const { objectKey, sha256, size } of rows) {
      const bytes = await objects.read({ bucket: 'photos', key: objectKey });
      expect(bytes?.length).toBe(size);
      expect(
        createHash('sha256')
          .update(bytes ?? '')
          .digest('hex'),
      ).toBe(sha256);
    }
    await output.discard();
    for (const { objectKey } of rows) {
      expect(await objects.stat({ bucket: 'photos', key: objectKey })).toBeUndefined();
    }
  });

  test('takes back what it stored when a later one fails', async () => {
    const output = createOutputStore(objects, aJob());
    const missing = { ...(await anOutput('finished')), name: 'thumbnail', path: join(folder, 'none') };
    await expect(output.store([await anOutput('finished'), missing], going)).rejects.toThrow();
    expect(output.stored).toHaveLength(1);
    await output.discard();
    expect(await keysOf(objects, 'photos')).toEqual([]);
  });

  test('publishes no file that a link points to', async () => {
    const secret = join(folder, 'secret');
    await writeFile(secret, 'root:x:0:0');
    const path = join(folder, 'link.jpg');
    await symlink(secret, path);
    const output = { name: 'finished', path, contentType: 'image/jpeg', width: 1, height: 1 };
    await expect(createOutputStore(objects, aJob()).store([output], going)).rejects.toThrow();
    expect(await keysOf(objects, 'photos')).toEqual([]);
  });
});

describe('folders of jobs', () => {
  const host = hostname().replace(/[^A-Za-z0-9.]/g, '');
  /** Beyond what a kernel gives out. */
  const GONE_PID = 2 ** 22 + 12_345;

  test('are private, apart, and gone at the end', async () => {
    const parent = join(folder, 'work');
    const dirs = openWorkDirs(parent);
    const [a, b] = [await dirs.make(), await dirs.make()];
    expect(a).not.toBe(b);
    expect((await stat(a)).mode & 0o077).toBe(0);
    await writeFile(join(a, 'x'), 'x');
    await dirs.remove(a);
    await expect(stat(a)).rejects.toThrow();
    await dirs.close();
    expect(await readdir(parent)).toEqual([]);
  });

  test('of workers that are gone are removed; of others not', async () => {
    const gone = join(folder, `stager-worker-${host}-${GONE_PID}-abcdef`);
    const before = join(folder, `stager-worker-${host}-${process.pid}-abcdef`);
    const living = join(folder, `stager-worker-${host}-${process.ppid}-abcdef`);
    const foreign = join(folder, `stager-worker-elsewhere-${GONE_PID}-abcdef`);
    const foreignOld = join(folder, `stager-worker-elsewhere-${GONE_PID}-old`);
    const unrelated = join(folder, 'stager-worker-notes');
    for (const path of [gone, before, living, foreign, foreignOld, unrelated])
      await mkdir(join(path, 'job-1'), { recursive: true });
    const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await utimes(foreignOld, longAgo, longAgo);
    const target = join(folder, 'target');
    await mkdir(target);
    await symlink(target, join(folder, `stager-worker-${host}-${GONE_PID}-link`));
    const dirs = openWorkDirs(folder);
    const left = await readdir(folder);
    for (const path of [gone, before, foreignOld]) expect(left).not.toContain(path.slice(folder.length + 1));
    for (const path of [living, foreign, unrelated, target])
      expect(left).toContain(path.slice(folder.length + 1));
    await dirs.close();
  });

  test('are made anew when something tidied them away', async () => {
    const parent = join(folder, 'work');
    const dirs = openWorkDirs(parent);
    await rm(parent, { recursive: true });
    await mkdir(parent);
    expect((await stat(await dirs.make())).isDirectory()).toBe(true);
    await dirs.close();
    expect(await readdir(parent)).toEqual([]);
  });
});

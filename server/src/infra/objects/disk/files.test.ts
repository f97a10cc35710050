import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../../../../tests/support/fixtures.ts';
import { keysOf, pagesOf } from '../../../../../tests/support/keys.ts';
import { type ListOptions, ObjectStoreError } from '../../../ports/index.ts';
import { errnoOf, toStoreError } from './errors.ts';
import { openDiskFiles } from './files.ts';
import { createDiskObjects } from './index.ts';
import { isKey, pathOf } from './keys.ts';
import { listKeys } from './list.ts';
import { sniffType } from './sniff.ts';
import { createFolderSync } from './syncFolder.ts';
import { ref } from './testing.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'stager-disk-'));
});
afterEach(() => rm(root, { recursive: true }));

describe('drafts', () => {
  test('of crashed writers are removed at the start, those of the living are not', async () => {
    openDiskFiles(root);
    const [old, fresh] = [join(root, '.tmp', 'old'), join(root, '.tmp', 'fresh')];
    await Promise.all([writeFile(old, 'x'), writeFile(fresh, 'x')]);
    const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await utimes(old, yesterday, yesterday);
    openDiskFiles(root);
    expect(await readdir(join(root, '.tmp'))).toEqual(['fresh']);
  });

  test('are invisible until they are published, and gone when discarded', async () => {
    const files = openDiskFiles(root);
    const draft = await files.createDraft();
    await draft.handle.writeFile('abc');
    expect(await readdir(join(root, 'photos'))).toEqual([]);
    await draft.publish(join(root, 'photos', 'a', 'b'));
    await draft.discard();
    expect(await readdir(join(root, 'photos', 'a'))).toEqual(['b']);
    expect(await readdir(join(root, '.tmp'))).toEqual([]);
  });
});

describe('the folder', () => {
  test('keeps what others put there out of listings, and photos from other users', async () => {
    const objects = createDiskObjects({
      root,
      publicUrl: 'http://127.0.0.1',
      secrets: ['a-secret-of-16-bytes'],
    });
    await objects.write(ref('photos', 'a/b'), Buffer.from('x'), 'image/jpeg');
    await writeFile(join(root, 'photos', '.DS_Store'), 'x');
    await writeFile(join(root, 'photos', 'Upper Case'), 'x');
    expect(await keysOf(objects, 'photos')).toEqual(['a/b']);
    expect((await stat(join(root, 'photos', 'a', 'b'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(root, 'photos'))).mode & 0o077).toBe(0);
  });

  test('loses empty folders when their last object is removed, and keeps the buckets', async () => {
    const objects = createDiskObjects({
      root,
      publicUrl: 'http://127.0.0.1',
      secrets: ['a-secret-of-16-bytes'],
    });
    await objects.write(ref('photos', 'a/b/c/d'), Buffer.from('x'), 'image/jpeg');
    await objects.write(ref('photos', 'a/e'), Buffer.from('x'), 'image/jpeg');
    await objects.remove(ref('photos', 'a/b/c/d'));
    expect(await readdir(join(root, 'photos', 'a'))).toEqual(['e']);
    await objects.remove(ref('photos', 'a/e'));
    expect((await readdir(root)).sort()).toEqual(['.tmp', 'photos', 'uploads']);
  });

  test('that cannot be made is said at once', async () => {
    await writeFile(join(root, 'file'), 'x');
    const open = () =>
      createDiskObjects({
        root: join(root, 'file'),
        publicUrl: 'http://a',
        secrets: ['a-secret-of-16-bytes'],
      });
    expect(open).toThrow(ObjectStoreError);
  });

  test('a key that is the folder of another is refused, and nothing is lost', async () => {
    const objects = createDiskObjects({
      root,
      publicUrl: 'http://127.0.0.1',
      secrets: ['a-secret-of-16-bytes'],
    });
    await objects.write(ref('photos', 'a/b'), Buffer.from('x'), 'image/jpeg');
    await expect(objects.write(ref('photos', 'a'), Buffer.from('y'), 'image/jpeg')).rejects.toThrow(
      ObjectStoreError,
    );
    await expect(objects.write(ref('photos', 'a/b/c'), Buffer.from('y'), 'image/jpeg')).rejects.toThrow(
      ObjectStoreError,
    );
    expect(await objects.read(ref('photos', 'a/b'))).toEqual(Buffer.from('x'));
    expect(await objects.stat(ref('photos', 'a'))).toBeUndefined();
    await mkdir(join(root, 'photos', 'empty'));
    expect(await objects.read(ref('photos', 'empty'))).toBeUndefined();
  });
});

describe('a listing', () => {
  const listed = async (run: number, options: ListOptions = {}) => {
    const bucket = { path: join(root, 'photos'), scratch: join(root, '.tmp'), run };
    return (await pagesOf(listKeys(bucket, options))).map(({ key }) => key);
  };

  test('of a folder that does not fit the memory is sorted in runs, and leaves none of them', async () => {
    openDiskFiles(root);
    const folder = join(root, 'photos', 'originals');
    await mkdir(folder);
    const keys = Array.from({ length: 3_000 }, (_, n) => `originals/${sha256(String(n))}`).sort();
    await Promise.all(keys.map((key) => writeFile(join(root, 'photos', key), 'x')));
    expect(await listed(7)).toEqual(keys);
    expect(await listed(1_000)).toEqual(keys);
    expect(await listed(7, { after: keys[1_500] })).toEqual(keys.slice(1_501));
    expect(await readdir(join(root, '.tmp'))).toEqual([]);
  });

  test('that is left early leaves no run behind', async () => {
    openDiskFiles(root);
    const names = Array.from({ length: 2_000 }, (_, n) => sha256(String(n)));
    await Promise.all(names.map((name) => writeFile(join(root, 'photos', name), 'x')));
    for await (const _ of listKeys({ path: join(root, 'photos'), scratch: join(root, '.tmp'), run: 7 }, {}))
      break;
    expect(await readdir(join(root, '.tmp'))).toEqual([]);
  });

  test('of a bucket that is gone is an error, not a store without objects', async () => {
    const objects = createDiskObjects({ root, publicUrl: 'http://a', secrets: ['a-secret-of-16-bytes'] });
    await rm(join(root, 'photos'), { recursive: true });
    await expect(keysOf(objects, 'photos')).rejects.toThrow(ObjectStoreError);
  });
});

describe('drafts of writers that went away', () => {
  test('are leftovers, and can be removed', async () => {
    const objects = createDiskObjects({ root, publicUrl: 'http://a', secrets: ['a-secret-of-16-bytes'] });
    await objects.files.createDraft().then(({ handle }) => handle.close());
    const [leftover] = await pagesOf(objects.listLeftovers('uploads'));
    if (!leftover) throw new Error('there is none');
    expect(Date.now() - leftover.startedAt.getTime()).toBeLessThan(60_000);
    await objects.removeLeftover(leftover);
    await objects.removeLeftover(leftover);
    expect(await pagesOf(objects.listLeftovers('uploads'))).toEqual([]);
    await expect(objects.removeLeftover({ ...leftover, id: '../photos' })).rejects.toMatchObject({
      code: 'denied',
    });
  });
});

describe('keys', () => {
  test.each(['a', 'originals/acc_1/0f', 'a.b/c-d_e', `${'a'.repeat(200)}/b`])('takes %s', (key) => {
    expect(isKey(key)).toBe(true);
    expect(pathOf('/r', ref('photos', key))).toBe(`/r/photos/${key}`);
  });

  test.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    '../a',
    'a/../b',
    'a/..',
    '.a',
    'a/.b',
    'A',
    'a b',
    'a\0',
    'a\\b',
    'ä',
    'a%2f',
    'a'.repeat(201),
    Array(600).fill('a').join('/'),
  ])('refuses %j', (key) => {
    expect(isKey(key)).toBe(false);
    expect(() => pathOf('/r', ref('photos', key))).toThrow(ObjectStoreError);
  });
});

describe('errors', () => {
  test.each([
    ['ENOSPC', 'full'],
    ['EDQUOT', 'full'],
    ['EACCES', 'denied'],
    ['EROFS', 'denied'],
    ['EIO', 'unreachable'],
    ['EMFILE', 'failed'],
  ])('%s is %s', (errno, code) => {
    const error = Object.assign(new Error('no'), { code: errno });
    expect(errnoOf(error)).toBe(errno);
    expect(toStoreError(error)).toMatchObject({ name: 'ObjectStoreError', code });
  });

  test('an abort stays what it is', () => {
    const reason = new Error('enough');
    expect(toStoreError(new Error('x'), AbortSignal.abort(reason))).toBe(reason);
  });
});

test.each([
  ['image/jpeg', Buffer.from([0xff, 0xd8, 0xff, 0xe0])],
  ['image/png', Buffer.from('\x89PNG\r\n\x1a\n....', 'latin1')],
  ['image/webp', Buffer.from('RIFF....WEBPVP8 ')],
  ['image/avif', Buffer.from('\0\0\0\x20ftypavif\0\0\0\0')],
  ['image/avif', Buffer.from('\0\0\0\x20ftypmif1\0\0\0\0mif1avif')],
  ['image/heic', Buffer.from('\0\0\0\x20ftypheic\0\0\0\0mif1heic')],
  ['application/json', Buffer.from(' {"a":1}')],
  ['application/octet-stream', Buffer.from('<html>')],
  ['application/octet-stream', Buffer.alloc(0)],
])('%s is told from the bytes', (type, head) => {
  expect(sniffType(head)).toBe(type);
});

describe('syncing folders', () => {
  test('calls that come during a sync share the next one, and none is covered by one that began before it', async () => {
    const begun: PromiseWithResolvers<void>[] = [];
    const sync = createFolderSync(() => {
      const turn = Promise.withResolvers<void>();
      begun.push(turn);
      return turn.promise;
    });
    const first = sync('/a');
    const rest = [sync('/a'), sync('/a'), sync('/a')];
    expect(begun).toHaveLength(1);
    const other = sync('/b');
    expect(begun).toHaveLength(2);
    begun[0]?.resolve();
    await first;
    await expect.poll(() => begun.length).toBe(3);
    begun[2]?.resolve();
    begun[1]?.resolve();
    await Promise.all([...rest, other]);
    const later = sync('/a');
    expect(begun).toHaveLength(4);
    begun[3]?.resolve();
    await later;
  });

  test('a failure reaches those who waited for it, not the next', async () => {
    let calls = 0;
    const sync = createFolderSync(async () => {
      calls += 1;
      if (calls === 1) throw new Error('disk');
    });
    const [first, second] = await Promise.allSettled([sync('/a'), sync('/a')]);
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
  });
});

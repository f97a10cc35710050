import { beforeAll, describe, expect, test } from 'vitest';
import { makePhoto, type TestPhoto } from '../../../../tests/support/photos.ts';
import type { Objects, OriginalRow, Store, Tx, UploadRow } from '../../ports/index.ts';
import { examine } from './examine.ts';
import { finalizeUploads } from './finalizeUploads.ts';
import { createMemory } from './memory.ts';

const OWNER = 'acc_1';
const caller = { accountId: OWNER, principal: 'auth0|demo', role: 'owner' } as const;

/** A store of one account in memory, as far as finalizing looks at it: what is tested here is the verification. */
function setUp(photo: TestPhoto, stored: Buffer | undefined, change: Partial<UploadRow> = {}) {
  let upload: UploadRow = {
    id: 'upl_1',
    sha256: photo.sha256,
    size: photo.bytes.length,
    contentType: photo.contentType,
    objectKey: 'acc_1/upl_1',
    state: 'pending',
    originalId: null,
    errorCode: null,
    errorMessage: null,
    expiresAt: new Date(),
    ...change,
  };
  const objects = new Map<string, Buffer>(stored ? [[upload.objectKey, stored]] : []);
  const originals: OriginalRow[] = [];
  const removed: string[] = [];
  const tx = {
    uploads: {
      getMany: async (owner: string, ids: string[]) =>
        owner === OWNER && ids.includes(upload.id) ? [upload] : [],
      markReady: async (_owner: string, marks: { originalId: string }[]) => {
        for (const { originalId } of marks) upload = { ...upload, state: 'ready', originalId };
      },
      markRejected: async (_owner: string, _id: string, errorCode: string, errorMessage: string) => {
        upload = { ...upload, state: 'rejected', errorCode, errorMessage };
      },
    },
    originals: {
      findBySha256: async (_owner: string, hashes: string[]) =>
        originals.filter((o) => hashes.includes(o.sha256)),
      getMany: async (_owner: string, ids: string[]) => originals.filter((o) => ids.includes(o.id)),
      upsert: async (_owner: string, made: Omit<OriginalRow, 'createdAt'>[]) => {
        const rows = made.map((original) => ({ ...original, createdAt: new Date() }));
        originals.push(...rows);
        return rows;
      },
    },
    outbox: {
      add: async (items: { key?: string }[]) => void removed.push(...items.map((item) => item.key ?? '')),
    },
    audit: { add: async () => undefined },
  };
  // The parts of the port that finalizing uses; a call of any other fails the test.
  const own = {
    read: tx as unknown as Tx,
    transaction: (run: (t: Tx) => unknown) => run(tx as unknown as Tx),
  };
  const store = { account: () => own } as unknown as Store;
  const disk = {
    readInto: async ({ key }: { key: string }, into: Buffer) => {
      const bytes = objects.get(key);
      bytes?.copy(into);
      return bytes?.length;
    },
    move: async (from: { key: string }, to: { key: string }) => {
      const bytes = objects.get(from.key);
      if (bytes) objects.set(to.key, bytes);
      return objects.delete(from.key);
    },
  } as unknown as Objects;
  const deps = {
    store,
    objects: disk,
    clock: { now: () => new Date() },
    limits: { maxBytes: 1e6, maxPixels: 1e6 },
    memory: createMemory(1e7),
    examine: async (...facts: Parameters<typeof examine>) => examine(...facts),
  };
  return {
    run: (ids = ['upl_1'], who = caller) =>
      finalizeUploads(deps, { caller: who, credential: { kind: 'login', id: 'cli' }, requestId: 'req' }, ids),
    objects,
    removed,
    originals,
  };
}

let photo: TestPhoto;
beforeAll(async () => {
  photo = await makePhoto(1);
});

describe('finalize', () => {
  test('what was announced and arrived becomes an original under its hash', async () => {
    const { run, objects } = setUp(photo, photo.bytes);
    const [result] = await run();
    expect(result).toMatchObject({
      status: 'ready',
      original: { sha256: photo.sha256, width: 320, height: 240 },
    });
    expect([...objects.keys()]).toEqual([`originals/${OWNER}/${photo.sha256}`]);
  });

  test('a repeat answers the same, also within one call', async () => {
    const { run, originals } = setUp(photo, photo.bytes);
    const [first, twin] = await run(['upl_1', 'upl_1']);
    const [again] = await run();
    expect(twin).toEqual(first);
    expect(again).toEqual(first);
    expect(originals).toHaveLength(1);
  });

  test('bytes of another hash are refused, even when they are a good photo of the same length', async () => {
    const other = Buffer.from(photo.bytes);
    other[other.length - 30] = (other[other.length - 30] ?? 0) ^ 1;
    const { run, removed, objects } = setUp(photo, other);
    const [result] = await run();
    expect(result).toMatchObject({ status: 'error', error: { code: 'checksum_mismatch' } });
    expect(removed).toEqual(['acc_1/upl_1']);
    expect([...objects.keys()].some((key) => key.startsWith('originals/'))).toBe(false);
    expect(await run()).toEqual([result]);
  });

  test.each([
    ['nothing arrived', undefined, 'upload_missing'],
    ['too little arrived', 'short', 'size_mismatch'],
  ])('%s', async (_name, kind, code) => {
    const { run } = setUp(photo, kind ? photo.bytes.subarray(0, 100) : undefined);
    expect(await run()).toMatchObject([{ status: 'error', error: { code } }]);
  });

  test('a photo above the limit of pixels is refused before anything decodes it', async () => {
    const large = await makePhoto(2, 1200, 900);
    const { run } = setUp(large, large.bytes);
    expect(await run()).toMatchObject([{ error: { code: 'image_too_large' } }]);
  });

  test('an object that a twin has moved, or a call that was killed before its commit, is found', async () => {
    const { run, objects } = setUp(photo, undefined);
    objects.set(`originals/${OWNER}/${photo.sha256}`, photo.bytes);
    expect(await run()).toMatchObject([{ status: 'ready', original: { sha256: photo.sha256 } }]);
  });

  test('an upload of another account is as if it were not there', async () => {
    const { run } = setUp(photo, photo.bytes);
    expect(await run(['upl_1'], { ...caller, accountId: 'acc_2' } as never)).toMatchObject([
      { error: { code: 'not_found' } },
    ]);
  });
});

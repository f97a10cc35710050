import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../server/src/core/ids.ts';
import type { Store } from '../../server/src/ports/index.ts';
import { addOriginal, aImage, allEvents, makeAccount, queueImages, sha256 } from '../support/fixtures.ts';

/** What every Store does with images, events and idempotency keys. `open` gives one that is empty, and `close` ends it. */
export function describeImageStore(
  name: string,
  open: () => Promise<Store>,
  close: () => Promise<void>,
): void {
  describe(`store of images: ${name}`, () => {
    let store: Store;
    let owner: string;

    beforeAll(async () => {
      store = await open();
      owner = await makeAccount(store);
    });
    afterAll(close);

    describe('images', () => {
      test('come back as they were given, in order', async () => {
        const original = await addOriginal(store.read, owner);
        const wishes = [
          aImage(original.id),
          aImage(original.id, { name: null, params: { z: 1, a: true, s: 'ü"\\' } }),
        ];
        const rows = await store.read.images.insert(owner, wishes);
        expect(rows.map(({ id }) => id)).toEqual(wishes.map(({ id }) => id));
        for (const [index, { specHash: _, layout: _layout, ...wish }] of wishes.entries()) {
          expect(rows[index]).toMatchObject({
            ...wish,
            state: 'queued',
            attempts: 0,
            error: null,
            outputs: [],
          });
          expect(Object.keys(rows[index]?.params ?? {})).toEqual(Object.keys(wish.params));
          expect(await store.read.images.get(owner, wish.id)).toEqual(rows[index]);
        }
        expect(await store.read.images.insert(owner, [])).toEqual([]);
      });

      test('cannot name what belongs to another account', async () => {
        const other = await makeAccount(store);
        const original = await addOriginal(store.read, other);
        await expect(store.read.images.insert(owner, [aImage(original.id)])).rejects.toThrow(/foreign key/);
      });

      test('are listed by project and state, newest first', async () => {
        const account = await makeAccount(store);
        const projectId = newId('prj');
        await store.read.projects.create(account, projectId, 'Listing');
        const inside = await queueImages(store, account, 3, { projectId });
        const outside = await queueImages(store, account, 2);
        const ids = [...inside, ...outside].map(({ image }) => image.id);
        await store.read.images.setState(account, ids[0] ?? '', 'canceled', null);
        await store.read.images.remove(account, ids[4] ?? '');
        const list = async (filter: Parameters<typeof store.read.images.list>[1]) =>
          (await store.read.images.list(account, filter, { limit: 10, after: null })).items.map(
            ({ id }) => id,
          );
        expect(await list({})).toEqual([ids[3], ids[2], ids[1], ids[0]]);
        expect(await list({ projectId })).toEqual([ids[2], ids[1], ids[0]]);
        expect(await list({ state: 'queued' })).toEqual([ids[3], ids[2], ids[1]]);
        expect(await list({ projectId, state: 'canceled' })).toEqual([ids[0]]);
        const page = await store.read.images.list(account, { projectId }, { limit: 2, after: null });
        expect(page.next).toBe(ids[1]);
        const rest = await store.read.images.list(account, { projectId }, { limit: 2, after: page.next });
        expect(rest).toMatchObject({ items: [{ id: ids[0] }], next: null });
      });

      test('unfinished ones are found by account, project and image', async () => {
        const account = await makeAccount(store);
        const projectId = newId('prj');
        await store.read.projects.create(account, projectId, 'Listing');
        const inside = (await queueImages(store, account, 2, { projectId })).map(({ image }) => image.id);
        const outside = (await queueImages(store, account, 3)).map(({ image }) => image.id);
        await store.read.images.setState(account, outside[0] ?? '', 'canceled', null);
        await store.read.images.setState(account, outside[1] ?? '', 'processing', null);
        const find = async (filter: { projectId?: string; imageId?: string }, limit = 10) =>
          (await store.read.images.listUnfinished(account, filter, limit)).map(({ id }) => id);
        expect(new Set(await find({}))).toEqual(new Set([outside[1], outside[2], ...inside]));
        expect(await find({}, 2)).toHaveLength(2);
        expect(new Set(await find({ projectId }))).toEqual(new Set(inside));
        expect(await find({ imageId: outside[1] ?? '' })).toEqual([outside[1]]);
        expect(await find({ imageId: outside[0] ?? '' })).toEqual([]);
      });

      test.each([
        ['queued', true],
        ['processing', true],
        ['ready', true],
        ['error', false],
        ['canceled', false],
      ] as const)('one that is %s answers for the same wish: %s', async (state, expected) => {
        const original = await addOriginal(store.read, owner);
        const specHash = sha256(newId('img'));
        const [older, newer] = [aImage(original.id, { specHash }), aImage(original.id, { specHash })];
        await store.read.images.insert(owner, [older, newer]);
        const error = state === 'error' ? { code: 'x', message: 'x', hint: null, retryable: true } : null;
        await store.read.images.setState(owner, newer.id, state, error);
        await store.read.images.setState(owner, older.id, 'canceled', null);
        const found = await store.read.images.findBySpec(owner, [specHash, sha256('unknown')]);
        expect(found.map((hit) => [hit.specHash, hit.image.id])).toEqual(
          expected ? [[specHash, newer.id]] : [],
        );
      });

      test('a removed image is as if it were not there', async () => {
        const [made] = await queueImages(store, owner, 1);
        const id = made?.image.id ?? '';
        await store.read.images.remove(owner, id);
        expect(await store.read.images.get(owner, id)).toBeUndefined();
        expect(await store.transaction((tx) => tx.images.getForUpdate(owner, id))).toBeUndefined();
        await expect(store.read.images.setState(owner, id, 'queued', null)).rejects.toThrow(id);
      });
    });

    describe('events', () => {
      test('are numbered from 1 and read by filter', async () => {
        const account = await makeAccount(store);
        expect(await store.read.events.range(account)).toEqual({ oldest: 0, head: 0 });
        const projectId = newId('prj');
        await store.read.projects.create(account, projectId, 'Listing');
        const [inside] = await queueImages(store, account, 2, { projectId });
        await queueImages(store, account, 2);
        expect(await store.read.events.range(account)).toEqual({ oldest: 1, head: 4 });
        const read = async (filter: { projectId?: string; imageId?: string }, after = 0, limit = 10) =>
          (await store.read.events.read(account, filter, after, 4, limit)).map(({ seq }) => seq);
        expect(await read({})).toEqual([1, 2, 3, 4]);
        expect(await read({}, 1, 2)).toEqual([2, 3]);
        expect(await read({ projectId })).toEqual([1, 2]);
        expect(await read({ imageId: inside?.image.id ?? '' })).toEqual([1]);
        expect(await read({ imageId: inside?.image.id ?? '' }, 1)).toEqual([]);
        const [first] = await allEvents(store, account);
        expect(first?.data).toMatchObject({ type: 'image.queued', imageId: inside?.image.id, projectId });
      });

      test('an unknown account has none and gets none', async () => {
        const ghost = newId('acc');
        expect(await store.read.events.range(ghost)).toEqual({ oldest: 0, head: 0 });
        const event = { type: 'image.queued', imageId: newId('img'), projectId: null, data: {} };
        await expect(store.read.events.append(ghost, [event])).rejects.toThrow('null value in column "seq"');
      });

      test('a snapshot sees images and head of one moment', async () => {
        const account = await makeAccount(store);
        await queueImages(store, account, 1);
        const seen = await store.transaction(
          async (tx) => {
            const { head } = await tx.events.range(account);
            await queueImages(store, account, 3);
            const unfinished = await tx.images.listUnfinished(account, {}, 10);
            return { head, unfinished: unfinished.length };
          },
          { snapshot: true },
        );
        expect(seen).toEqual({ head: 1, unfinished: 1 });
      });

      test('a snapshot cannot write', async () => {
        const written = store.transaction((tx) => tx.projects.create(owner, newId('prj'), 'No'), {
          snapshot: true,
        });
        await expect(written).rejects.toThrow(/read-only/);
      });
    });

    describe('idempotency', () => {
      test('a key is locked by one transaction at a time', async () => {
        await store.transaction(async (tx) => {
          expect(await tx.idempotency.tryLock(owner, 'createImages', 'k')).toBe(true);
          await store.transaction(async (other) => {
            expect(await other.idempotency.tryLock(owner, 'createImages', 'k')).toBe(false);
            expect(await other.idempotency.tryLock(owner, 'createImages', 'k2')).toBe(true);
            expect(await other.idempotency.tryLock(owner, 'createProject', 'k')).toBe(true);
            expect(await other.idempotency.tryLock(newId('acc'), 'createImages', 'k')).toBe(true);
          });
        });
        await store.transaction(async (tx) => {
          expect(await tx.idempotency.tryLock(owner, 'createImages', 'k')).toBe(true);
        });
      });

      test('the answer is kept as it was, with the transaction or not at all', async () => {
        const record = { bodyHash: sha256('body'), status: 201, response: { z: [1, null], a: '\0 ü' } };
        const put = (key: string, fail: boolean) =>
          store.transaction(async (tx) => {
            await tx.idempotency.put(owner, 'op', key, record);
            if (fail) throw new Error('failed');
          });
        await expect(put('lost', true)).rejects.toThrow('failed');
        expect(await store.read.idempotency.get(owner, 'op', 'lost')).toBeUndefined();
        await put('kept', false);
        const kept = await store.read.idempotency.get(owner, 'op', 'kept');
        expect(kept).toEqual(record);
        expect(JSON.stringify(kept?.response)).toBe(JSON.stringify(record.response));
        expect(await store.read.idempotency.get(owner, 'other', 'kept')).toBeUndefined();
        await store.read.idempotency.put(owner, 'op', 'empty', { ...record, response: null });
        expect(await store.read.idempotency.get(owner, 'op', 'empty')).toEqual({ ...record, response: null });
      });
    });
  });
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../server/src/core/ids.ts';
import type { Store } from '../../server/src/ports/index.ts';
import { addOriginal, aImage, aOriginal, makeAccount, queueImages, sha256 } from '../support/fixtures.ts';

/** What every Store does with accounts, projects and uploads. `open` gives one that is empty, and `close` ends it. */
export function describeStore(name: string, open: () => Promise<Store>, close: () => Promise<void>): void {
  describe(`store: ${name}`, () => {
    let store: Store;
    let owner: string;

    beforeAll(async () => {
      store = await open();
      owner = await makeAccount(store, 'auth0|ann');
    });
    afterAll(close);

    test('answers a check', async () => {
      await expect(store.check()).resolves.toBeUndefined();
    });

    test('what throws leaves nothing behind', async () => {
      const id = newId('prj');
      const failed = store.transaction(async (tx) => {
        await tx.projects.create(owner, id, 'Doomed');
        expect(await tx.projects.get(owner, id)).toBeDefined();
        throw new Error('changed my mind');
      });
      await expect(failed).rejects.toThrow('changed my mind');
      expect(await store.read.projects.get(owner, id)).toBeUndefined();
    });

    describe('accounts', () => {
      test('a principal finds its account and role', async () => {
        const found = await store.read.accounts.findByPrincipal('auth0|ann');
        expect(found).toEqual({
          account: { id: owner, name: 'Test', plan: 'dev', suspendedAt: null },
          role: 'owner',
        });
        expect(await store.read.accounts.findByPrincipal('auth0|nobody')).toBeUndefined();
      });

      test('a principal belongs to one account', async () => {
        const other = await makeAccount(store);
        const ann = { id: newId('mem'), principal: 'auth0|ann', role: 'member' } as const;
        expect(await store.read.members.add(other, ann)).toBe(false);
        expect((await store.read.accounts.findByPrincipal('auth0|ann'))?.account.id).toBe(owner);
      });

      test('the lock is held until the end of the transaction', async () => {
        const order: string[] = [];
        const entered = Promise.withResolvers<void>();
        const first = store.transaction(async (tx) => {
          await tx.accounts.lock(owner);
          entered.resolve();
          // Others may refer to the account meanwhile, and need no lock for that.
          await store.read.projects.create(owner, newId('prj'), 'Beside the lock');
          order.push('first');
        });
        await entered.promise;
        const second = store.transaction(async (tx) => {
          await tx.accounts.lock(owner);
          order.push('second');
        });
        await Promise.all([first, second]);
        expect(order).toEqual(['first', 'second']);
      });
    });

    describe('projects', () => {
      test('are listed newest first, page by page', async () => {
        const account = await makeAccount(store);
        const ids = Array.from({ length: 5 }, () => newId('prj'));
        for (const id of ids) await store.read.projects.create(account, id, id);
        const first = await store.read.projects.list(account, { limit: 2, after: null });
        const second = await store.read.projects.list(account, { limit: 2, after: first.next });
        const third = await store.read.projects.list(account, { limit: 2, after: second.next });
        const seen = [first, second, third].flatMap((page) => page.items.map(({ id }) => id));
        expect(seen).toEqual(ids.toReversed());
        expect(third.next).toBeNull();
        const whole = await store.read.projects.list(account, { limit: 5, after: null });
        expect(whole.next).toBeNull();
      });

      test.each([
        ['the same', 'Elm Street 4', 'Elm Street 4'],
        ['another case', 'Rue de l’École', 'RUE DE L’ÉCOLE'],
        ['another composition', 'Caf\u00e9', 'Cafe\u0301'],
      ])('a name is taken by %s', async (_, name, again) => {
        const account = await makeAccount(store);
        const id = newId('prj');
        expect(await store.read.projects.create(account, id, name)).toMatchObject({ id, name });
        expect(await store.read.projects.create(account, newId('prj'), again)).toBeUndefined();
        const other = newId('prj');
        await store.transaction(async (tx) => {
          await tx.projects.create(account, other, 'Other');
          expect(await tx.projects.rename(account, other, again)).toBe('name_taken');
          // The transaction goes on behind the refusal.
          expect(await tx.projects.get(account, other)).toMatchObject({ name: 'Other' });
        });
        await store.read.projects.remove(account, id);
        expect(await store.read.projects.get(account, id)).toBeUndefined();
        expect(await store.read.projects.rename(account, other, again)).toMatchObject({ name: again });
        expect(await store.read.projects.create(account, newId('prj'), name)).toBeUndefined();
      });

      test('may keep its own name in another case', async () => {
        const id = newId('prj');
        await store.read.projects.create(owner, id, 'penthouse');
        expect(await store.read.projects.rename(owner, id, 'Penthouse')).toMatchObject({ name: 'Penthouse' });
        expect(await store.read.projects.rename(owner, newId('prj'), 'Ghost')).toBeUndefined();
      });

      test('knows whether it has images', async () => {
        const id = newId('prj');
        await store.read.projects.create(owner, id, `With images ${id}`);
        expect(await store.read.projects.hasImages(owner, id)).toBe(false);
        const [made] = await queueImages(store, owner, 1, { projectId: id });
        expect(await store.read.projects.hasImages(owner, id)).toBe(true);
        await store.read.images.remove(owner, made?.image.id ?? '');
        expect(await store.read.projects.hasImages(owner, id)).toBe(false);
      });

      test('no image comes into a project that is locked', async () => {
        const id = newId('prj');
        await store.read.projects.create(owner, id, `Locked ${id}`);
        let added: Promise<unknown> | undefined;
        await store.transaction(async (tx) => {
          expect(await tx.projects.lock(owner, id)).toBe(true);
          const started = Promise.withResolvers<void>();
          added = store.transaction(async (other) => {
            const original = await addOriginal(other, owner);
            started.resolve();
            if (!(await other.projects.lock(owner, id))) throw new Error('the project is gone');
            await other.images.insert(owner, [aImage(original.id, { projectId: id })]);
          });
          added.catch(() => undefined);
          await started.promise;
          await tx.projects.remove(owner, id);
        });
        await expect(added).rejects.toThrow('the project is gone');
        expect(await store.read.projects.lock(owner, id)).toBe(false);
      });
    });

    describe('uploads and originals', () => {
      const upload = () => {
        const id = newId('upl');
        const expiresAt = new Date('2030-01-02T03:04:05.678Z');
        return { id, sha256: sha256(id), size: 9, contentType: 'image/png', objectKey: `k/${id}`, expiresAt };
      };

      test('an upload becomes an original once', async () => {
        const one = upload();
        const two = upload();
        await store.read.uploads.create(owner, [one, two]);
        const none = { originalId: null, errorCode: null, errorMessage: null };
        expect(await store.read.uploads.getMany(owner, [one.id])).toEqual([
          { ...one, state: 'pending', ...none },
        ]);
        const original = await addOriginal(store.read, owner);
        await store.read.uploads.markReady(owner, [{ id: one.id, originalId: original.id }]);
        await store.read.uploads.markRejected(owner, two.id, 'too_small', 'bytes \0 and \ud800');
        // What is settled stays settled.
        await store.read.uploads.markRejected(owner, one.id, 'late', 'late');
        await store.read.uploads.markReady(owner, [{ id: two.id, originalId: original.id }]);
        const rows = await store.read.uploads.getMany(owner, [one.id, two.id, newId('upl')]);
        expect(new Map(rows.map((row) => [row.id, row.state]))).toEqual(
          new Map([
            [one.id, 'ready'],
            [two.id, 'rejected'],
          ]),
        );
        expect(rows.find(({ id }) => id === two.id)?.errorMessage).toBe('bytes \ufffd and \ufffd');
      });

      test('many are settled in one call, each with its own original', async () => {
        const uploads = Array.from({ length: 5 }, upload);
        await store.read.uploads.create(owner, uploads);
        const wanted = uploads.map(() => aOriginal());
        const twice = [...wanted, { ...aOriginal(), sha256: wanted[0]?.sha256 ?? '' }];
        const originals = await store.read.originals.upsert(owner, twice);
        expect(originals.map(({ sha256: hash }) => hash)).toEqual(twice.map(({ sha256: hash }) => hash));
        expect(originals.at(-1)).toEqual(originals[0]);
        await store.read.uploads.markReady(
          owner,
          uploads.map(({ id }, n) => ({ id, originalId: originals[n]?.id ?? '' })),
        );
        const rows = await store.read.uploads.getMany(
          owner,
          uploads.map(({ id }) => id),
        );
        expect(new Map(rows.map((row) => [row.id, row.originalId]))).toEqual(
          new Map(uploads.map(({ id }, n) => [id, originals[n]?.id])),
        );
      });

      test('twins that settle the same uploads in other orders wait for each other', async () => {
        const uploads = Array.from({ length: 30 }, upload);
        await store.read.uploads.create(owner, uploads);
        const original = await addOriginal(store.read, owner);
        const marks = uploads.map(({ id }) => ({ id, originalId: original.id }));
        await Promise.all(
          Array.from({ length: 6 }, (_, n) =>
            store.transaction(async (tx) => tx.uploads.markReady(owner, n % 2 ? marks : marks.toReversed())),
          ),
        );
        const rows = await store.read.uploads.getMany(
          owner,
          uploads.map(({ id }) => id),
        );
        expect(rows.every(({ state }) => state === 'ready')).toBe(true);
      });

      test('only what is pending gets more time, and never less', async () => {
        const [open, late, settled] = [upload(), upload(), upload()];
        await store.read.uploads.create(owner, [
          open,
          { ...late, expiresAt: new Date('2031-01-01T00:00:00Z') },
          settled,
        ]);
        await store.read.uploads.markRejected(owner, settled.id, 'x', 'x');
        const until = new Date('2030-06-01T00:00:00Z');
        const ids = [open.id, late.id, settled.id, newId('upl')];
        expect((await store.read.uploads.extend(owner, ids, until)).sort()).toEqual(
          [open.id, late.id].sort(),
        );
        const rows = await store.read.uploads.getMany(owner, ids);
        const expiry = (id: string) => rows.find((row) => row.id === id)?.expiresAt.toISOString();
        expect([open, late, settled].map(({ id }) => expiry(id))).toEqual([
          until.toISOString(),
          '2031-01-01T00:00:00.000Z',
          settled.expiresAt.toISOString(),
        ]);
      });

      test('the same bytes are one original, also when twins bring them at once', async () => {
        const original = aOriginal();
        const twins = Array.from({ length: 8 }, () => ({ ...original, id: newId('org') }));
        const kept = await Promise.all(
          twins.map((twin) => store.transaction((tx) => addOriginal(tx, owner, twin))),
        );
        expect(new Set(kept.map(({ id }) => id)).size).toBe(1);
        expect(await store.read.originals.findBySha256(owner, [original.sha256, sha256('other')])).toEqual([
          kept[0],
        ]);
        expect(await store.read.originals.getMany(owner, [kept[0]?.id ?? ''])).toEqual([kept[0]]);
      });
    });
  });
}

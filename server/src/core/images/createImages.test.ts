import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import { addOriginal, makeAccount } from '../../../../tests/support/fixtures.ts';
import { aLayout } from '../../../../tests/support/layouts.ts';
import { CreateImages, Layout } from '../../contract/index.ts';
import { createPostgresJobStore, createPostgresStore } from '../../infra/postgres/index.ts';
import type { JobStore, Store } from '../../ports/index.ts';
import { plansWith } from '../billing/plans.ts';
import { createImages } from './createImages.ts';

let database: TestDatabase;
let store: Store;
let jobs: JobStore;
beforeAll(async () => {
  database = await createTestDatabase();
  store = createPostgresStore({ url: database.apiUrl, pool: 2 });
  jobs = createPostgresJobStore({ url: database.workerUrl, pool: 2 });
});
afterAll(async () => {
  await Promise.all([store.close(), jobs.close()]);
  await database.drop();
});

test('the priority decides which images of an account are made first, whenever they were wished', async () => {
  const accountId = await makeAccount(store);
  const { id: originalId } = await addOriginal(store.read, accountId);
  const caller = { accountId, principal: 'auth0|anna', role: 'owner' } as const;
  for (const priority of ['low', undefined, 'high']) {
    const request = CreateImages.parse({ items: [{ originalId, name: priority ?? 'normal' }], priority });
    await store.transaction((tx) =>
      createImages(
        { tx, caller, credential: { kind: 'login', id: null }, requestId: 'r', now: new Date() },
        { plans: plansWith(), sold: true },
        request,
      ),
    );
  }
  const claimed = await jobs.claim(3, 60_000);
  expect(claimed.map(({ image }) => image.name)).toEqual(['high', 'normal', 'low']);
});

describe('a layout', () => {
  async function ask(items: readonly object[], reuse = false) {
    const accountId = await makeAccount(store);
    const { id: originalId } = await addOriginal(store.read, accountId);
    const caller = { accountId, principal: 'auth0|anna', role: 'owner' } as const;
    const request = CreateImages.parse({ reuse, items: items.map((item) => ({ originalId, ...item })) });
    return store.transaction((tx) =>
      createImages(
        { tx, caller, credential: { kind: 'login', id: null }, requestId: 'r', now: new Date() },
        { plans: plansWith(), sold: true },
        request,
      ),
    );
  }

  test('reaches the worker as it was sent, and says what room, style and seed it has', async () => {
    const layout = aLayout();
    const [made] = await ask([{ engine: 'layout', layout }]);
    expect(made).toMatchObject({
      status: 'ok',
      images: [{ roomType: 'bedroom', style: 'modern', seed: 3, variation: 0 }],
    });
    const [claimed] = await jobs.claim(1, 60_000);
    expect(claimed?.layout).toEqual(layout);
  });

  test('in another style is asked for beside it', async () => {
    const [made] = await ask([{ engine: 'layout', layout: aLayout(), style: 'industrial' }]);
    expect(made).toMatchObject({ images: [{ style: 'industrial' }] });
  });

  test('that is another one is other work; the same one is not made twice', async () => {
    const other = { ...aLayout(), seed: 4 };
    const results = await ask(
      [aLayout(), aLayout(), other].map((layout) => ({ engine: 'layout', layout })),
      true,
    );
    const ids = results.map((result) => (result.status === 'ok' ? result.images[0]?.id : undefined));
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  test.each([
    [{ engine: 'finish' }, 'engine_takes_no_layout'],
    [{ engine: 'layout', variations: 2 }, 'too_many_variations'],
    [{ engine: 'layout', layout: { ...aLayout(), style: 'gothic' } }, 'unknown_style'],
  ])('for %j is refused as %s', async (wish, code) => {
    expect(await ask([{ layout: aLayout(), ...wish }])).toMatchObject([{ status: 'error', error: { code } }]);
  });

  test('with a piece that there is not is refused with its place', async () => {
    const [piece] = aLayout().pieces;
    const layout = { ...aLayout(), pieces: [piece, { ...piece, kind: 'throne' }] };
    expect(await ask([{ engine: 'layout', layout }])).toMatchObject([
      {
        error: { code: 'layout_invalid', message: expect.stringMatching(/pieces\[1\] is a "throne".*sofa/) },
      },
    ]);
  });

  test('larger than it may be is refused', () => {
    const outline = Array.from({ length: 200 }, () => [-12.345678901, 12.345678901]);
    const keepOuts = Array.from({ length: 100 }, () => ({ why: 'object', outline, confidence: 1 }));
    const parsed = Layout.safeParse({ ...aLayout(), room: { ...aLayout().room, keepOuts } });
    expect(parsed.error?.issues.map(({ message }) => message)).toEqual(['is larger than 65536 characters']);
  });
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import { addOriginal, makeAccount } from '../../../../tests/support/fixtures.ts';
import { CreateImages } from '../../contract/index.ts';
import { createPostgresJobStore, createPostgresStore } from '../../infra/postgres/index.ts';
import type { JobStore, Store } from '../../ports/index.ts';
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
        request,
      ),
    );
  }
  const claimed = await jobs.claim(3, 60_000);
  expect(claimed.map(({ image }) => image.name)).toEqual(['high', 'normal', 'low']);
});

import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import { createPostgresStore } from '../../infra/postgres/index.ts';
import { type Store, StoreUnavailable } from '../../ports/index.ts';
import { newId } from '../ids.ts';
import { createCallerResolver } from './resolveCaller.ts';

let database: TestDatabase;
let store: Store;
let time: number;
/** Whom no test before has seen. */
let person: string;
let people = 0;
beforeAll(async () => {
  database = await createTestDatabase();
  store = createPostgresStore({ url: database.apiUrl, pool: 4 });
});
beforeEach(() => {
  time = 0;
  people += 1;
  person = `auth0|${people}`;
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

const resolver = (openSignup: boolean) => createCallerResolver({ store, now: () => time, openSignup });

async function addMember(principal: string): Promise<string> {
  const id = newId('acc');
  await store.transaction(async (tx) => {
    await tx.accounts.create(id, { name: 'Test', plan: 'dev' });
    await tx.members.add(id, { id: newId('mem'), principal, role: 'owner' });
  });
  return id;
}

test('a member acts for its account', async () => {
  const id = await addMember(person);
  expect(await resolver(false).resolve(person)).toMatchObject({
    accountId: id,
    principal: person,
    role: 'owner',
  });
});

test('nobody else has one, unless people may sign up; machines never may', async () => {
  await expect(resolver(false).resolve(person)).rejects.toMatchObject({ code: 'no_account' });
  await expect(resolver(true).resolve('robot@clients')).rejects.toMatchObject({ code: 'no_account' });
});

test('a person who signs up twice at once gets one account', async () => {
  const open = [resolver(true), resolver(true), resolver(true)];
  const results = await Promise.allSettled(open.map((one) => one.resolve(person)));
  const ids = new Set(
    results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.accountId] : [])),
  );
  expect(ids.size).toBe(1);
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'unavailable' });
  }
  expect((await resolver(true).resolve(person)).accountId).toBe([...ids][0]);
});

test('first requests in parallel share one sign-up', async () => {
  const callers = resolver(true);
  const results = await Promise.all(Array.from({ length: 5 }, () => callers.resolve(person)));
  expect(new Set(results.map(({ accountId }) => accountId)).size).toBe(1);
});

test('who was found to have no account yet, and gets one meanwhile elsewhere, keeps that one', async () => {
  const elsewhere = resolver(true);
  let accountId: string | undefined;
  const { accounts } = store.read;
  const late: Store = {
    ...store,
    read: {
      ...store.read,
      accounts: {
        ...accounts,
        async findByPrincipal(principal) {
          const found = await accounts.findByPrincipal(principal);
          accountId = (await elsewhere.resolve(principal)).accountId;
          return found;
        },
      },
    },
  };
  const caller = await createCallerResolver({ store: late, now: () => time, openSignup: true }).resolve(
    person,
  );
  expect(caller.accountId).toBe(accountId);
});

test('whether somebody may still is only looked up: it makes no account and keeps nobody from one', async () => {
  const callers = resolver(true);
  const gone = { principal: person, accountId: newId('acc'), role: 'owner' } as const;
  expect(await callers.mayStill(gone)).toBe(false);
  expect(await store.read.accounts.findByPrincipal(person)).toBeUndefined();
  // The look is under way when the person comes back.
  time += 5_000;
  const [may, { accountId }] = await Promise.all([callers.mayStill(gone), callers.resolve(person)]);
  expect(may).toBe(false);
  expect(await callers.mayStill({ ...gone, accountId })).toBe(true);
});

test('a look that fails is not remembered', async () => {
  const id = await addMember(person);
  const { accounts } = store.read;
  let down = true;
  const shaky: Store = {
    ...store,
    read: {
      ...store.read,
      accounts: {
        ...accounts,
        findByPrincipal: (principal) =>
          down ? Promise.reject(new StoreUnavailable('down')) : accounts.findByPrincipal(principal),
      },
    },
  };
  const callers = createCallerResolver({ store: shaky, now: () => time, openSignup: false });
  await expect(callers.resolve(person)).rejects.toThrow(StoreUnavailable);
  down = false;
  expect((await callers.resolve(person)).accountId).toBe(id);
});

test('a suspension takes effect within seconds', async () => {
  const id = await addMember(person);
  const callers = resolver(false);
  await callers.resolve(person);
  const owner = new pg.Client(database.ownerUrl);
  await owner.connect();
  await owner.query('UPDATE accounts SET suspended_at = now() WHERE id = $1', [id]);
  await owner.end();
  time += 5_000;
  await expect(callers.resolve(person)).rejects.toMatchObject({ code: 'account_suspended', status: 403 });
});

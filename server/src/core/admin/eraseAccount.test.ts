import { rmSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import { anAudit, aStripeEvent, fillEveryTable, makeAccount } from '../../../../tests/support/fixtures.ts';
import { makeTempDir } from '../../../../tests/support/tempDir.ts';
import { createDiskObjects } from '../../infra/objects/disk/index.ts';
import {
  createPostgresAdminStore,
  createPostgresDeletionJobs,
  createPostgresStore,
} from '../../infra/postgres/index.ts';
import type { AdminStore, DeletionJobs, ObjectRef, Objects, Store } from '../../ports/index.ts';
import { newId } from '../ids.ts';
import { type EraseDeps, eraseDueAccount, joinKey } from './eraseAccount.ts';

const going = new AbortController().signal;
const LEASE_MS = 60_000;

let database: TestDatabase;
let superuser: pg.Client;
let store: Store;
let admin: AdminStore;
let deletions: DeletionJobs;
let objects: Objects;
let root: string;
/** To be deleted; and the one next door. */
let account: string;
let other: string;
let planted: ObjectRef[];

beforeAll(async () => {
  database = await createTestDatabase();
  superuser = new pg.Client(database.superuserUrl);
  await superuser.connect();
  store = createPostgresStore({ url: database.apiUrl, pool: 4 });
  admin = createPostgresAdminStore({ url: database.adminUrl, pool: 2 });
  deletions = createPostgresDeletionJobs({ url: database.workerUrl, pool: 2 });
  root = makeTempDir('stager-erase');
  objects = createDiskObjects({
    root,
    publicUrl: 'http://127.0.0.1:1',
    secrets: ['test-secret-0123456789'],
  });
});
beforeEach(async () => {
  await superuser.query('UPDATE account_deletions SET canceled_at = now() WHERE started_at IS NULL');
  await superuser.query(
    'UPDATE account_deletions SET finished_at = now(), rows_gone_at = now() WHERE started_at IS NOT NULL',
  );
  account = await fillEveryTable(database);
  other = await fillEveryTable(database);
  planted = placesIn(account);
  for (const ref of [...planted, ...placesIn(other)]) await put(ref);
});
afterAll(async () => {
  await Promise.all([store.close(), admin.close(), deletions.close(), superuser.end()]);
  await database.drop();
  rmSync(root, { recursive: true, force: true });
});

const put = (ref: ObjectRef) => objects.write(ref, Buffer.from('12345'), 'image/jpeg');

function placesIn(owner: string): ObjectRef[] {
  return [
    { bucket: 'uploads', key: `${owner}/${newId('upl')}` },
    { bucket: 'uploads', key: `quarantine/rec_1/${owner}/upl_1` },
    { bucket: 'photos', key: `originals/${owner}/aa` },
    { bucket: 'photos', key: `originals/${owner}/bb` },
    { bucket: 'photos', key: `outputs/${owner}/img_1/lease/finished.jpg` },
    { bucket: 'photos', key: `quarantine/rec_1/originals/${owner}/cc` },
  ];
}

/** As ordered by an operator, and due. */
async function order(owner = account): Promise<string> {
  const id = newId('del');
  await superuser.query(`UPDATE subscriptions SET status = 'canceled' WHERE account_id = $1`, [owner]);
  await admin.transaction(async (tx) => {
    await tx.accounts.setSuspended(owner, true);
    await tx.deletions.create({ id, accountId: owner, requestedBy: 'auth0|op', dueAt: new Date() });
  });
  return id;
}

const deps = (wish: Partial<EraseDeps> = {}): EraseDeps => ({
  deletions,
  objects,
  leaseMs: LEASE_MS,
  ...wish,
});
const proof = (owner = account) => admin.transaction((tx) => tx.deletions.latest(owner));

/** Rows that name an account, by table. */
async function rowsOf(owner: string): Promise<Record<string, number>> {
  const { rows: tables } = await superuser.query<{ name: string; column: string }>(`
    SELECT c.relname AS name, a.attname AS column FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped
       AND (a.attname = 'account_id' OR (c.relname = 'accounts' AND a.attname = 'id'))`);
  const found: Record<string, number> = {};
  for (const { name, column } of tables) {
    const { rows } = await superuser.query<{ n: string }>(
      // Acts of operators stay.
      `SELECT count(*) AS n FROM ${name} WHERE ${column} = $1 ${name === 'audit' ? `AND role <> 'admin'` : ''}`,
      [owner],
    );
    if (rows[0]?.n !== '0') found[name] = Number(rows[0]?.n);
  }
  return found;
}

async function keysOf(owner: string): Promise<string[]> {
  const found: string[] = [];
  for (const bucket of ['uploads', 'photos'] as const) {
    for await (const page of objects.list(bucket)) {
      found.push(...page.flatMap(({ key }) => (key.includes(owner) ? [`${bucket}/${key}`] : [])));
    }
  }
  return found;
}

async function lookAgain(): Promise<void> {
  await superuser.query('UPDATE account_deletions SET last_look_at = now() WHERE account = $1', [account]);
}

test('what is paid for since it was ordered is kept until that has ended', async () => {
  await order();
  await superuser.query(`UPDATE subscriptions SET status = 'past_due' WHERE account_id = $1`, [account]);
  expect(await eraseDueAccount(deps(), going)).toBeUndefined();
  await superuser.query(`UPDATE subscriptions SET status = 'canceled' WHERE account_id = $1`, [account]);
  expect(await eraseDueAccount(deps(), going)).toMatchObject({ deletion: { accountId: account } });
});

test('nothing is left of the account, in no table and no bucket, and nothing of another one is touched', async () => {
  const before = await rowsOf(account);
  const [theirs, theirKeys] = [await rowsOf(other), await keysOf(other)];
  expect(Object.keys(before).length).toBeGreaterThan(20);
  await order();
  // An hour from now an upload link ends.
  expect((await eraseDueAccount(deps(), going))?.outcome).toBe('settling');
  expect([await rowsOf(account), await keysOf(account)]).toEqual([{}, []]);
  expect([await rowsOf(other), await keysOf(other)]).toEqual([theirs, theirKeys]);

  expect(await eraseDueAccount(deps(), going)).toBeUndefined();
  const late: ObjectRef = { bucket: 'uploads', key: `${account}/${newId('upl')}` };
  await put(late);
  await lookAgain();
  expect((await eraseDueAccount(deps(), going))?.outcome).toBe('done');
  expect(await keysOf(account)).toEqual([]);
  const [told, made] = [await proof(), [...planted, late]];
  expect(told).toMatchObject({ objects: made.length, bytes: made.length * 5, finishedAt: expect.any(Date) });
  expect(told?.rows).toEqual(before);
  expect(told?.keysHash).toBe(made.reduce(joinKey, ''));
});

test('acts of operators on it stay in the audit log, those of its people go', async () => {
  await store.read.audit.add(account, [
    anAudit({ principal: 'auth0|op', role: 'admin', action: 'account.suspend' }),
    anAudit({ principal: 'auth0|ann', role: 'owner', action: 'member.remove' }),
  ]);
  await order();
  await eraseDueAccount(deps(), going);
  const { rows } = await superuser.query('SELECT role, action FROM audit WHERE account_id = $1', [account]);
  expect(rows).toContainEqual({ role: 'admin', action: 'account.suspend' });
  expect(rows.filter(({ role }) => role !== 'admin')).toEqual([]);
});

test('what Stripe has told of its customer goes as well', async () => {
  await store.read.stripe.setCustomer(account, 'cus_gone');
  await store.read.stripe.addEvent(aStripeEvent({ customerId: 'cus_gone' }));
  await store.read.stripe.addEvent(aStripeEvent({ customerId: 'cus_other' }));
  await order();
  await eraseDueAccount(deps(), going);
  const { rows } = await superuser.query(
    `SELECT customer_id FROM stripe_events WHERE customer_id IN ('cus_gone', 'cus_other')`,
  );
  expect(rows).toEqual([{ customer_id: 'cus_other' }]);
});

describe('a worker that is killed', () => {
  /** Dies at the n-th call of what is removed, and every second time behind having done it. */
  function dyingAt(n: number): EraseDeps {
    let calls = 0;
    const step = async <T>(run: () => Promise<T>): Promise<T> => {
      calls += 1;
      if (calls < n) return run();
      if (n % 2 === 0) await run();
      throw new Error('killed');
    };
    return deps({
      objects: {
        list: objects.list.bind(objects),
        listLeftovers: objects.listLeftovers.bind(objects),
        removeLeftover: objects.removeLeftover.bind(objects),
        remove: (ref) => step(() => objects.remove(ref)),
      },
      deletions: {
        ...deletions,
        // As of a process that is gone: nobody gives it back.
        release: async () => undefined,
        note: (...args) => step(() => deletions.note(...args)),
        eraseRows: (deletion, _, leaseMs) => step(() => deletions.eraseRows(deletion, 1, leaseMs)),
      },
    });
  }

  test('at any step leaves what the next one goes on with; everything is counted once', async () => {
    const before = await rowsOf(account);
    await order();
    for (let n = 1; n <= 40; n++) {
      await eraseDueAccount(dyingAt(n), going).catch(() => undefined);
      await superuser.query(
        `UPDATE account_deletions SET lease_until = now() - interval '1 s' WHERE lease IS NOT NULL`,
      );
    }
    await lookAgain();
    expect((await eraseDueAccount(deps(), going))?.outcome).toBe('done');
    expect([await rowsOf(account), await keysOf(account)]).toEqual([{}, []]);
    const told = await proof();
    expect([told?.objects, told?.rows]).toEqual([planted.length, before]);
    expect(told?.keysHash).toBe(planted.reduce(joinKey, ''));
  });

  test('and comes back late writes nothing: its lease is lost', async () => {
    await order();
    const late = await deletions.claim(1);
    if (!late) throw new Error('nothing was claimed');
    await expect.poll(async () => (await eraseDueAccount(deps(), going))?.outcome).toBe('settling');
    expect(await deletions.note(late, { pending: planted, bytes: 1, keysHash: 'x' }, LEASE_MS)).toBe(false);
    expect(await deletions.eraseRows(late, 1, LEASE_MS)).toBeUndefined();
    expect(await deletions.finish(late)).toBe(false);
  });
});

test('whoever writes meanwhile, in the account itself, brings nothing back', async () => {
  await order();
  const stop = new AbortController();
  const refused: unknown[] = [];
  const writer = async () => {
    while (!stop.signal.aborted) {
      const upload = {
        id: newId('upl'),
        sha256: 'a'.repeat(64),
        size: 1,
        contentType: 'image/png',
        objectKey: 'k',
      };
      const own = store.account(account);
      await own
        .transaction(async (tx) => {
          await tx.uploads.create(account, [{ ...upload, expiresAt: new Date() }]);
          await tx.projects.create(account, newId('prj'), newId('prj'));
        })
        .catch((error: unknown) => refused.push(error));
    }
  };
  const writers = [writer(), writer(), writer()];
  const slow = deps({
    deletions: { ...deletions, eraseRows: (one, _, leaseMs) => deletions.eraseRows(one, 3, leaseMs) },
  });
  let outcome: string | undefined;
  // A batch of three rows never catches up with three writers; the last step takes what is there.
  const deadline = AbortSignal.timeout(120_000);
  const erasing = eraseDueAccount(slow, deadline).then((worked) => {
    outcome = worked?.outcome;
  });
  await expect.poll(async () => (await rowsOf(account))['members'] ?? 0).toBe(0);
  stop.abort();
  await Promise.all([...writers, erasing]);
  expect(outcome).toBe('settling');
  expect(await rowsOf(account)).toEqual({});
  await expect(store.account(account).read.projects.create(account, newId('prj'), 'late')).rejects.toThrow(
    /foreign key/,
  );
});

describe('the wall', () => {
  async function as(url: string, text: string, values: unknown[] = []): Promise<unknown> {
    const client = new pg.Client(url);
    await client.connect();
    return client
      .query(text, values)
      .then(
        ({ rows, rowCount }) => (rows[0] ? rows[0].gone : rowCount),
        (error: Error) => error.message,
      )
      .finally(() => client.end());
  }
  const FENCE = '00000000-0000-0000-0000-000000000001';
  const ERASE = 'SELECT erase_account_rows($1, $2, 10) AS gone';

  test('a worker erases no account that no operator has ordered to, none before its time, none that is kept', async () => {
    const victim = await makeAccount(store);
    const insert = `INSERT INTO account_deletions (id, account, requested_by, due_at) VALUES ('del_x', $1, 'x', now())`;
    expect(await as(database.workerUrl, insert, [victim])).toMatch(/permission denied/);
    expect(await as(database.workerUrl, ERASE, ['del_x', FENCE])).toBeNull();
    const later = newId('del');
    await admin.transaction((tx) =>
      tx.deletions.create({
        id: later,
        accountId: victim,
        requestedBy: 'x',
        dueAt: new Date(Date.now() + 60_000),
      }),
    );
    const take = `UPDATE account_deletions SET lease = $2, lease_until = now() + interval '1 h' WHERE id = $1`;
    expect(await as(database.workerUrl, take, [later, FENCE])).toBe(1);
    expect(await as(database.workerUrl, ERASE, [later, FENCE])).toBeNull();
    expect(await rowsOf(victim)).toHaveProperty('accounts');
    for (const change of ['due_at = now()', `account = 'acc_x'`, `rows = '{}'`, 'canceled_at = NULL']) {
      const text = `UPDATE account_deletions SET ${change}`;
      expect(await as(database.workerUrl, text)).toMatch(/permission denied/);
    }
    expect(await admin.transaction((tx) => tx.deletions.cancel(later))).toBe(true);
    await superuser.query(`UPDATE account_deletions SET due_at = now() WHERE id = $1`, [later]);
    expect(await as(database.workerUrl, ERASE, [later, FENCE])).toBeNull();
    expect(await rowsOf(victim)).toHaveProperty('accounts');
    expect(await as(database.workerUrl, take, [later, FENCE])).toBe(0);
  });

  test('operators write no proof, and requests nothing of it', async () => {
    for (const change of [
      `rows = '{}'`,
      'objects = 0',
      `keys_hash = ''`,
      'finished_at = now()',
      'lease = NULL',
    ]) {
      expect(await as(database.adminUrl, `UPDATE account_deletions SET ${change}`)).toMatch(
        /permission denied/,
      );
    }
    for (const url of [database.adminUrl, database.apiUrl, database.relayUrl]) {
      expect(await as(url, ERASE, ['del_x', FENCE])).toMatch(/permission denied/);
    }
    expect(await as(database.apiUrl, 'SELECT * FROM account_deletions')).toMatch(/permission denied/);
  });
});

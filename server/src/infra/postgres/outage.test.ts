import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import { makeAccount } from '../../../../tests/support/fixtures.ts';
import { startFreezeProxy } from '../../../../tests/support/freezeProxy.ts';
import { newId } from '../../core/ids.ts';
import { type JobStore, type Store, StoreUnavailable } from '../../ports/index.ts';
import { createPostgresJobStore, createPostgresStore } from './index.ts';

let database: TestDatabase;
let store: Store;
let jobs: JobStore;
let admin: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  store = createPostgresStore({ url: database.apiUrl, pool: 12 });
  jobs = createPostgresJobStore({ url: database.workerUrl, pool: 12 });
  admin = new pg.Client(database.superuserUrl);
  await admin.connect();
});
afterAll(async () => {
  await Promise.all([store.close(), jobs.close(), admin.end()]);
  await database.drop();
});

/** Ends the connection that holds the one open transaction, whatever it is at, and sees it gone. */
async function endTransaction(): Promise<void> {
  const open = `SELECT pid FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'stager-%' AND xact_start IS NOT NULL`;
  const { rows } = await admin.query<{ pid: number; ended: boolean }>(
    `SELECT pid, pg_terminate_backend(pid, 60000) AS ended FROM (${open}) one`,
  );
  expect(rows).toMatchObject([{ ended: true }]);
}

test('a lost connection in the middle of a transaction is an outage, and the next one works', async () => {
  const owner = await makeAccount(store);
  const id = newId('prj');
  const cut = store.transaction(async (tx) => {
    await tx.projects.create(owner, id, 'Cut');
    await endTransaction();
    await tx.projects.get(owner, id);
  });
  await expect(cut).rejects.toThrow(StoreUnavailable);
  expect(await store.read.projects.get(owner, id)).toBeUndefined();
});

test('who hands on what was left in the outbox may take longer than others may leave a transaction open', async () => {
  const hasty = createPostgresJobStore({ url: database.workerUrl, pool: 1, idleInTransactionMs: 1 });
  onTestFinished(() => hasty.close());
  await store.transaction((tx) => tx.outbox.add([{ kind: 'job', jobId: newId('job') }]));
  // A hundred times as long as any other transaction of this store may wait for its program.
  const handOn = async () => void (await admin.query('SELECT pg_sleep(0.1)'));
  expect(await hasty.drainOutbox(['job'], 10, handOn)).toBe(1);
});

test('idle connections that were ended are replaced without a word', async () => {
  await Promise.all(Array.from({ length: 4 }, () => store.check()));
  await admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'stager-api'`,
  );
  // The news of the end may take a moment to arrive at this side: each of them may fail one question, and no more.
  for (let failures = 0; ; failures += 1) {
    expect(failures).toBeLessThanOrEqual(4);
    const outcome = await store.check().then(
      () => 'works',
      (error: unknown) => error,
    );
    if (outcome === 'works') break;
    expect(outcome).toBeInstanceOf(StoreUnavailable);
  }
  await store.check();
});

test('a transaction that finds its connection dead begins on another one', async () => {
  const proxy = await startFreezeProxy(database.apiUrl);
  const far = createPostgresStore({ url: proxy.url, pool: 2 });
  await far.check();
  proxy.cutOnUse();
  let runs = 0;
  const owner = await far.transaction(async (tx) => {
    runs += 1;
    const id = newId('acc');
    await tx.accounts.create(id, { name: 'Test', plan: 'dev' });
    return id;
  });
  expect(runs).toBe(1);
  expect(await store.read.events.range(owner)).toEqual({ oldest: 0, head: 0 });
  proxy.cutOnUse();
  // A statement that was under way may have been run: that is for the caller to judge.
  await expect(far.read.accounts.lock(owner)).rejects.toThrow(StoreUnavailable);
  await far.close();
  await proxy.close();
});

test('a server that is not there is an outage', async () => {
  const nowhere = createPostgresStore({ url: 'postgres://a:b@127.0.0.1:1/x', pool: 1 });
  await expect(nowhere.check()).rejects.toThrow(StoreUnavailable);
  await expect(nowhere.transaction(async () => 1)).rejects.toThrow(StoreUnavailable);
  await nowhere.close();
});

test('a pool that is used up is an outage, after so long', async () => {
  const small = createPostgresStore({ url: database.apiUrl, pool: 1, acquireTimeoutMs: 300 });
  // Its connection is made, however long that takes here.
  await expect.poll(() => small.check().then(() => 'works', String)).toBe('works');
  await small.transaction(() => expect(small.check()).rejects.toThrow(StoreUnavailable));
  await small.close();
});

test('a statement that takes too long is given up', async () => {
  const owner = await makeAccount(store);
  const hasty = createPostgresStore({ url: database.apiUrl, pool: 1, statementTimeoutMs: 100 });
  await store.transaction(async (tx) => {
    await tx.accounts.lock(owner);
    const late = hasty.transaction((other) => other.accounts.lock(owner));
    await expect(late).rejects.toThrow(StoreUnavailable);
  });
  await hasty.close();
});

test('a mistake is no outage', async () => {
  const wrong = store.read.accounts.create(newId('acc'), { name: '', plan: 'dev' });
  await expect(wrong).rejects.not.toThrow(StoreUnavailable);
  await expect(wrong).rejects.toThrow(/violates check constraint/);
});

test('an error does not tell the values of the statement', async () => {
  const secret = 'secret-value-of-a-customer';
  const failed = store.read.projects.create(newId('acc'), newId('prj'), secret);
  const error = await failed.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  expect(String(error)).not.toContain(secret);
});

test('what the relay had not handed on is handed on again', async () => {
  await store.read.outbox.add([{ kind: 'job', jobId: 'job_1' }]);
  const cut = jobs.drainOutbox(['job'], 10, async (items) => {
    expect(items).toHaveLength(1);
    await endTransaction();
  });
  await expect(cut).rejects.toThrow(StoreUnavailable);
  const seen: unknown[] = [];
  expect(await jobs.drainOutbox(['job'], 10, async (items) => void seen.push(...items))).toBe(1);
  expect(seen).toEqual([{ kind: 'job', jobId: 'job_1' }]);
});

test('connections say who they are and do not wait for ever', async () => {
  await store.check();
  await jobs.check();
  const { rows } = await admin.query<{ name: string }>(
    `SELECT DISTINCT application_name AS name FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'stager-%' ORDER BY 1`,
  );
  expect(rows.map(({ name }) => name)).toEqual(['stager-api', 'stager-worker']);
});

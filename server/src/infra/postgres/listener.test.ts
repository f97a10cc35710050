import { createServer } from 'node:net';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import { startFreezeProxy } from '../../../../tests/support/freezeProxy.ts';
import { StoreUnavailable } from '../../ports/index.ts';
import { createPostgresDoorbell } from '../doorbell/postgres.ts';
import { createPostgresNotifier, packIds } from '../notify/postgres.ts';
import { reconnectDelay } from '../reconnect.ts';
import { createListener, type Listener, type ListenerOptions } from './listener.ts';

const CHANNEL = 'test_channel';
let database: TestDatabase;
let admin: pg.Client;
const open: Listener[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Client(database.superuserUrl);
  await admin.connect();
});
afterEach(async () => {
  for (const listener of open.splice(0)) await listener.close();
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

function start(options: Partial<ListenerOptions> = {}): Listener {
  const listener = createListener({ url: database.apiUrl, applicationName: 'under-test', ...options });
  open.push(listener);
  return listener;
}

/** Collects what a subscription hears; `next` waits for one more. */
function ear() {
  const heard: string[] = [];
  const waiting: ((word: string) => void)[] = [];
  const hear = (word: string) => {
    const waiter = waiting.shift();
    if (waiter) waiter(word);
    else heard.push(word);
  };
  return {
    subscription: { onMessage: hear, onGap: () => hear('gap') },
    next: () => {
      const word = heard.shift();
      return word === undefined
        ? new Promise<string>((resolve) => waiting.push(resolve))
        : Promise.resolve(word);
    },
    heard,
  };
}

async function terminate(): Promise<void> {
  const { rowCount } = await admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'under-test' AND datname = current_database()`,
  );
  // One that was ended before may still be on its way out.
  expect(rowCount).toBeGreaterThan(0);
}

test('hears what another connection says, payload by payload', async () => {
  const { subscription, next } = ear();
  await start().listen(CHANNEL, subscription);
  await admin.query(`NOTIFY ${CHANNEL}, 'one'`);
  expect(await next()).toBe('one');
  await start().notify(CHANNEL, ['two', 'three']);
  expect([await next(), await next()]).toEqual(['two', 'three']);
});

test('a channel may have any name', async () => {
  const { subscription, next } = ear();
  const listener = start();
  await listener.listen('x"; y', subscription);
  await listener.notify('x"; y', ['heard']);
  expect(await next()).toBe('heard');
});

test('one connection serves all channels', async () => {
  const listener = start();
  const [a, b] = [ear(), ear()];
  await listener.listen('channel_a', a.subscription);
  const stop = await listener.listen('channel_b', b.subscription);
  await admin.query(`NOTIFY channel_b, 'b'; NOTIFY channel_a, 'a'`);
  expect([await a.next(), await b.next()]).toEqual(['a', 'b']);
  const { rows } = await admin.query(
    `SELECT 1 FROM pg_stat_activity WHERE application_name = 'under-test' AND datname = current_database()`,
  );
  expect(rows).toHaveLength(1);
  await stop();
  await admin.query(`NOTIFY channel_b, 'late'; NOTIFY channel_a, 'again'`);
  expect(await a.next()).toBe('again');
  expect(b.heard).toEqual([]);
});

test('who stops twice stops nobody else', async () => {
  const listener = start();
  const [gone, stays] = [ear(), ear()];
  const stop = await listener.listen(CHANNEL, gone.subscription);
  await stop();
  await stop();
  await listener.listen(CHANNEL, stays.subscription);
  await stop();
  await listener.notify(CHANNEL, ['for one']);
  expect(await stays.next()).toBe('for one');
  expect(gone.heard).toEqual([]);
});

test('what nobody here listens to is passed over', async () => {
  // The listener's own connection is made to hear one channel more when it notifies.
  await admin.query(`
    CREATE SCHEMA curious;
    GRANT USAGE ON SCHEMA curious TO stager_api;
    CREATE FUNCTION curious.pg_notify(text, text) RETURNS void LANGUAGE plpgsql AS 'BEGIN LISTEN stray; END'`);
  const url = new URL(database.apiUrl);
  url.searchParams.set('options', '-c search_path=curious,pg_catalog');
  const listener = start({ url: url.href });
  const { subscription, next } = ear();
  await listener.listen(CHANNEL, subscription);
  await listener.notify(CHANNEL, ['']);
  await admin.query(`NOTIFY stray, 'for nobody'; NOTIFY ${CHANNEL}, 'for us'`);
  expect(await next()).toBe('for us');
});

test('comes back when its connection is ended, says that there was a gap, and hears on', async () => {
  const listener = start();
  const { subscription, next } = ear();
  await listener.listen(CHANNEL, subscription);
  for (const word of ['first', 'second']) {
    await terminate();
    expect(await next()).toBe('gap');
    await admin.query(`NOTIFY ${CHANNEL}, '${word}'`);
    expect(await next()).toBe(word);
  }
});

test('notices a connection that has gone silent', async () => {
  const proxy = await startFreezeProxy(database.apiUrl);
  const listener = start({ url: proxy.url, heartbeatMs: 20, answerTimeoutMs: 200 });
  const { subscription, next } = ear();
  await listener.listen(CHANNEL, subscription);
  proxy.freeze();
  expect(await next()).toBe('gap');
  // On a busy machine a connection that is well may be taken for silent, too.
  for (let word = 'gap'; word !== 'alive'; word = await next()) {
    expect(word).toBe('gap');
    await admin.query(`NOTIFY ${CHANNEL}, 'alive'`);
  }
  await listener.close();
  await proxy.close();
});

test('notices that the server has forgotten what it listens to', async () => {
  // What a pooler does between two transactions, the listener's own connection is made to do when it notifies.
  await admin.query(`
    CREATE SCHEMA forgetful;
    GRANT USAGE ON SCHEMA forgetful TO stager_api;
    CREATE FUNCTION forgetful.pg_notify(text, text) RETURNS void LANGUAGE plpgsql AS 'BEGIN UNLISTEN *; END'`);
  const url = new URL(database.apiUrl);
  url.searchParams.set('options', '-c search_path=forgetful,pg_catalog');
  const listener = start({ url: url.href, heartbeatMs: 20 });
  const { subscription, next } = ear();
  await listener.listen(CHANNEL, subscription);
  await listener.notify(CHANNEL, ['']);
  expect(await next()).toBe('gap');
  await admin.query(`NOTIFY ${CHANNEL}, 'again'`);
  expect(await next()).toBe('again');
});

test('a server that is down at first is waited for', async () => {
  const placeholder = createServer();
  await new Promise<void>((done) => placeholder.listen(0, '127.0.0.1', done));
  const address = placeholder.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await new Promise((done) => placeholder.close(done));
  const url = new URL(database.apiUrl);
  url.port = String(port);
  const listener = start({ url: url.href });
  const { subscription, heard } = ear();
  await listener.listen(CHANNEL, subscription);
  await expect(listener.check()).rejects.toThrow(StoreUnavailable);
  await expect(listener.notify(CHANNEL, ['x'])).rejects.toThrow(StoreUnavailable);
  expect(heard).toEqual([]);
});

test('a closed listener says so, and closes again', async () => {
  const listener = start();
  await listener.check();
  await listener.close();
  await listener.close();
  await expect(listener.check()).rejects.toThrow(StoreUnavailable);
  const { subscription } = ear();
  await expect(listener.listen(CHANNEL, subscription)).rejects.toThrow('closed');
});

test('after a gap the doorbell rings, and the notifier knows that it does not know', async () => {
  const listener = start();
  const doorbell = createPostgresDoorbell(listener);
  const notifier = createPostgresNotifier(listener);
  const rung = Promise.withResolvers<void>();
  const told = Promise.withResolvers<unknown>();
  const hangUp = await doorbell.listen(rung.resolve);
  const stop = await notifier.subscribe(told.resolve);
  await terminate();
  await rung.promise;
  expect(await told.promise).toBe('unknown');
  // What was stopped by hand is not stopped again at the close.
  for (const end of [hangUp, hangUp, stop, stop]) await end();
  await doorbell.close();
  await notifier.close();
});

test('ids are packed below the limit of a payload, each once', () => {
  const ids = Array.from({ length: 1000 }, (_, n) => `acc_${String(n).padStart(26, '0')}`);
  const payloads = packIds(ids);
  expect(payloads.flatMap((payload) => payload.split(','))).toEqual(ids);
  expect(Math.max(...payloads.map((payload) => Buffer.byteLength(payload)))).toBeLessThanOrEqual(7000);
  expect(payloads).toHaveLength(5);
  expect(packIds([])).toEqual([]);
});

test.each([
  [0, 0, 0],
  [0, 1, 50],
  [3, 0.5, 200],
  [6, 1, 3200],
  [7, 1, 5000],
  [1000, 1, 5000],
])('try %i with luck %d waits %i ms', (attempt, luck, wait) => {
  expect(reconnectDelay(attempt, () => luck)).toBe(wait);
});

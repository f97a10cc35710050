import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import { createPostgresNotifier } from '../../infra/notify/postgres.ts';
import { createListener, type Listener } from '../../infra/postgres/listener.ts';
import type { Notifier } from '../../ports/index.ts';
import { createEventHub, type EventHub } from './hub.ts';

let database: TestDatabase;
let listener: Listener;
let notifier: Notifier;
let hub: EventHub;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  listener = createListener({ url: database.apiUrl });
  notifier = createPostgresNotifier(listener);
  hub = await createEventHub(notifier);
});
afterEach(async () => {
  await hub.close();
  await notifier.close();
  await listener.close();
});

/** News come in order: when the last name is heard, all before it were. */
async function tell(...ids: string[]): Promise<void> {
  const heard = Promise.withResolvers<void>();
  const stop = hub.watch('the last', heard.resolve);
  await notifier.notify([...ids]);
  await notifier.notify(['the last']);
  await heard.promise;
  stop();
}

test('wakes all who watch an account, and nobody else', async () => {
  const woken: string[] = [];
  hub.watch('a', () => woken.push('a1'));
  hub.watch('a', () => woken.push('a2'));
  hub.watch('b', () => woken.push('b'));
  await tell('a', 'nobody watches');
  expect(woken.toSorted()).toEqual(['a1', 'a2']);
});

test('one that leaves takes no other along, however often it says so', async () => {
  const woken: string[] = [];
  const leave = hub.watch('a', () => woken.push('gone'));
  const stay = hub.watch('a', () => woken.push('first'));
  leave();
  await tell('a');
  stay();
  hub.watch('a', () => woken.push('second'));
  leave();
  stay();
  await tell('a');
  expect(woken).toEqual(['first', 'second']);
});

test('wakes everybody when news may have been missed', async () => {
  const [a, b] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  hub.watch('a', a.resolve);
  hub.watch('b', b.resolve);
  const admin = new pg.Client(database.superuserUrl);
  await admin.connect();
  const { rowCount } = await admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'stager-listener' AND datname = current_database()`,
  );
  await admin.end();
  // That of the test before may still be on its way out.
  expect(rowCount).toBeGreaterThan(0);
  await Promise.all([a.promise, b.promise]);
});

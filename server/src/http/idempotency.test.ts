import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../../tests/support/api.ts';
import { makeAccount } from '../../../tests/support/fixtures.ts';
import { type Answer, type Client, createClient } from '../../../tests/support/http.ts';
import { ALL_SCOPES } from '../contract/index.ts';
import { createPostgresJobStore } from '../infra/postgres/index.ts';

let api: TestApi;
let ann: Client;
let bob: Client;
let headers: { 'idempotency-key': string };
beforeAll(async () => {
  api = await startTestApi({
    who: (token) => ({ subject: `auth0|${token}`, expiresAt: new Date(Date.now() + 600_000) }),
    scopes: ALL_SCOPES,
  });
});
afterAll(() => api.close());
beforeEach(async () => {
  const names = [randomUUID(), randomUUID()];
  for (const name of names) await makeAccount(api.store, `auth0|${name}`);
  // Two names make two clients.
  [ann, bob] = names.map((name) => createClient(api.url, name)) as [Client, Client];
  headers = { 'idempotency-key': randomUUID() };
});

const create = (client: Client, name: string): Promise<Answer> =>
  client.post('/v1/projects', { name }, headers);
const count = async (client: Client): Promise<number> => (await client.get('/v1/projects')).body.items.length;

async function superuser(text: string): Promise<number> {
  const client = new pg.Client(api.database.superuserUrl);
  await client.connect();
  try {
    return (await client.query(text, [headers['idempotency-key']])).rowCount ?? 0;
  } finally {
    await client.end();
  }
}

describe('a repeated Idempotency-Key', () => {
  test('gets the stored answer, and one effect is had', async () => {
    const first = await create(ann, 'Elm Street');
    const again = await create(ann, 'Elm Street');
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    expect([first, again].map((answer) => answer.headers.get('idempotent-replayed'))).toEqual([null, 'true']);
    expect(await count(ann)).toBe(1);
  });

  test('with another body is refused', async () => {
    await create(ann, 'Elm Street');
    const other = await create(ann, 'Oak Street');
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    expect(await count(ann)).toBe(1);
  });

  test('of twins at once has one effect; who comes too early is told to come again', async () => {
    const twins = await Promise.all(Array.from({ length: 12 }, () => create(ann, 'Elm Street')));
    const early = twins.filter(({ status }) => status === 409);
    for (const { body, headers: told } of early) {
      expect([body.code, body.retryable]).toEqual(['idempotency_in_flight', true]);
      expect(Number(told.get('retry-after'))).toBeGreaterThan(0);
    }
    const done = twins.filter(({ status }) => status === 201);
    expect(done.length + early.length).toBe(12);
    expect(done.filter((answer) => answer.headers.get('idempotent-replayed') === null)).toHaveLength(1);
    expect(new Set(done.map(({ body }) => body.id)).size).toBe(1);
    expect(await count(ann)).toBe(1);
  });

  test('is another one in another account, and for another operation', async () => {
    const mine = await create(ann, 'Elm Street');
    const theirs = await create(bob, 'Elm Street');
    expect(theirs.status).toBe(201);
    expect(theirs.body.id).not.toBe(mine.body.id);
    expect(theirs.headers.get('idempotent-replayed')).toBeNull();
    expect((await ann.post('/v1/invitations', {}, headers)).status).toBe(201);
  });

  test('of what failed is free: only success is kept', async () => {
    const blocking = await ann.post('/v1/projects', { name: 'Elm Street' });
    expect((await create(ann, 'Elm Street')).body.code).toBe('name_taken');
    await ann.delete(`/v1/projects/${blocking.body.id}`);
    const made = await create(ann, 'Elm Street');
    expect([made.status, made.headers.get('idempotent-replayed')]).toEqual([201, null]);
  });

  test('lives for 24 hours; then it is a new one, and is removed', async () => {
    const first = await create(ann, 'Elm Street');
    const live = `SELECT 1 FROM idempotency_keys WHERE key = $1
                     AND expires_at - now() BETWEEN interval '23 hours 59 minutes' AND interval '24 hours'`;
    expect(await superuser(live)).toBe(1);
    await superuser(`UPDATE idempotency_keys SET expires_at = now() WHERE key = $1`);
    await ann.delete(`/v1/projects/${first.body.id}`);
    const later = await create(ann, 'Elm Street');
    expect(later.status).toBe(201);
    expect(later.body.id).not.toBe(first.body.id);

    const jobs = createPostgresJobStore({ url: api.database.workerUrl, pool: 1 });
    await jobs.prune(new Date());
    expect(await superuser('SELECT 1 FROM idempotency_keys WHERE key = $1')).toBe(1);
    await superuser(`UPDATE idempotency_keys SET expires_at = now() WHERE key = $1`);
    await jobs.prune(new Date(Date.now() + 1_000));
    await jobs.close();
    expect(await superuser('SELECT 1 FROM idempotency_keys WHERE key = $1')).toBe(0);
  });
});

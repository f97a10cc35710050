import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../../tests/support/api.ts';
import { addSubscription, makeAccount, makeAdmin } from '../../../tests/support/fixtures.ts';
import { type Client, createClient } from '../../../tests/support/http.ts';
import { ALL_SCOPES } from '../contract/index.ts';
import { newId } from '../core/ids.ts';

let api: TestApi;
let op: Client;
let own: string;
let account: string;
let path: string;

beforeAll(async () => {
  api = await startTestApi({
    who: (token) => ({ subject: `auth0|${token}`, expiresAt: new Date(Date.now() + 600_000) }),
    scopes: ALL_SCOPES,
  });
  own = await makeAccount(api.store, 'auth0|op');
  await makeAdmin(api.database, 'auth0|op');
  op = createClient(api.url, 'op');
});
beforeEach(async () => {
  account = await makeAccount(api.store);
  path = `/v1/admin/accounts/${account}`;
});
afterAll(() => api.close());

const actions = async (): Promise<string[]> => {
  const { items } = (await op.get(`/v1/admin/audit?account=${account}`)).body;
  return items.map(({ action }: { action: string }) => action);
};

test('an account is suspended at once, and due behind its grace; who orders it twice orders it once', async () => {
  const ordered = await op.post(`${path}/deletion`, { name: 'Test', graceDays: 7 });
  expect(ordered.body).toMatchObject({ accountId: account, state: 'scheduled', requestedBy: 'auth0|op' });
  const days = (Date.parse(ordered.body.dueAt) - Date.now()) / 86_400_000;
  expect(Math.round(days)).toBe(7);
  expect((await op.get(path)).body.suspendedAt).not.toBeNull();
  expect((await op.post(`${path}/deletion`, { name: 'Test' })).body).toEqual(ordered.body);
  expect((await op.get(`${path}/deletion`)).body).toEqual(ordered.body);
  expect(await actions()).toEqual(['account.delete']);
});

test('it can be kept until it is due, and is not resumed by accident', async () => {
  await op.post(`${path}/deletion`, { name: 'Test', graceDays: 1 });
  const resumed = await op.post(`${path}/resume`);
  expect([resumed.status, resumed.body.code]).toEqual([409, 'invalid_state']);
  expect(resumed.body.detail).toContain(`stager admin accounts keep ${account}`);
  expect((await op.post(`${path}/deletion/cancel`)).body.state).toBe('canceled');
  expect((await op.post(`${path}/deletion/cancel`)).body.state).toBe('canceled');
  expect((await op.post(`${path}/resume`)).body.suspendedAt).toBeNull();
  expect(await actions()).toEqual(['account.resume', 'account.keep', 'account.delete']);
  expect((await op.post(`${path}/deletion`, { name: 'Test' })).body.state).toBe('scheduled');
});

test('deletions of all accounts are listed, newest first, page by page', async () => {
  const first = (await op.post(`${path}/deletion`, { name: 'Test', graceDays: 7 })).body;
  account = await makeAccount(api.store);
  const second = (await op.post(`/v1/admin/accounts/${account}/deletion`, { name: 'Test' })).body;
  const page = (await op.get('/v1/admin/deletions?limit=1')).body;
  expect(page.items).toEqual([second]);
  const behind = (await op.get(`/v1/admin/deletions?limit=1&cursor=${page.nextCursor}`)).body;
  expect(behind.items).toEqual([first]);
});

describe('refused, and nothing is changed', () => {
  test.each([
    ['another name', { name: 'test' }, 400, 'is not what the account is called'],
    ['no name', {}, 400, 'body.name'],
  ])('%s', async (_, body, status, words) => {
    const answer = await op.post(`${path}/deletion`, body);
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringContaining(words)]);
    expect((await op.get(`${path}/deletion`)).status).toBe(404);
  });

  test('one’s own account', async () => {
    const answer = await op.post(`/v1/admin/accounts/${own}/deletion`, { name: 'Test' });
    expect([answer.status, answer.body.detail]).toEqual([409, expect.stringContaining('your own account')]);
  });

  test('an account of another operator', async () => {
    const principal = `auth0|${newId('mem')}`;
    await api.store.read.members.add(account, { id: newId('mem'), principal, role: 'owner' });
    await makeAdmin(api.database, principal);
    const answer = await op.post(`${path}/deletion`, { name: 'Test' });
    expect(answer.body.detail).toContain('revoke-admin');
  });

  test.each(['active', 'past_due', 'trialing', 'unpaid'] as const)(
    'a subscription that is %s',
    async (status) => {
      const { id } = await addSubscription(api.database, account, { status });
      const answer = await op.post(`${path}/deletion`, { name: 'Test' });
      expect([answer.status, answer.body.code]).toEqual([409, 'invalid_state']);
      expect(answer.body.detail).toContain(`${id} (pro, ${status}) is running. Cancel it at Stripe`);
      expect((await op.get(path)).body.suspendedAt).toBeNull();
      await addSubscription(api.database, account, { id, status: 'canceled' });
      expect((await op.post(`${path}/deletion`, { name: 'Test' })).status).toBe(200);
    },
  );
});

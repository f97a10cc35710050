import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../../tests/support/api.ts';
import { makeAccount, makeAdmin } from '../../../tests/support/fixtures.ts';
import { type Client, createClient } from '../../../tests/support/http.ts';
import { ALL_SCOPES } from '../contract/index.ts';
import { newId } from '../core/ids.ts';

let api: TestApi;
/** The account of the operator, and that of this test's customer. */
let own: string;
let account: string;
let round = 0;

const subjectOf = (token: string) => (token.startsWith('robot') ? `${token}@clients` : `auth0|${token}`);

beforeAll(async () => {
  api = await startTestApi({
    who: (token) => ({ subject: subjectOf(token), expiresAt: new Date(Date.now() + 600_000) }),
    scopes: ALL_SCOPES,
    streams: { accessCheckMs: 100 },
  });
  own = await makeAccount(api.store, 'auth0|op');
  await makeAdmin(api.database, 'auth0|op');
});
beforeEach(async () => {
  round += 1;
  account = await makeAccount(api.store, `auth0|ann-${round}`);
});
afterAll(() => api.close());

const op = (): Client => createClient(api.url, 'op');
const ann = (): Client => createClient(api.url, `ann-${round}`);

test('an owner is no operator: the role is named', async () => {
  for (const path of ['/v1/admin/accounts', `/v1/admin/accounts/${account}`, '/v1/admin/audit']) {
    const answer = await ann().get(path);
    expect([answer.status, answer.body.code, answer.body.role]).toEqual([403, 'role_required', 'admin']);
  }
  const suspended = await ann().post(`/v1/admin/accounts/${own}/suspend`, { reason: 'x' });
  expect(suspended.body.code).toBe('role_required');
});

test('an owner in the account of an operator takes nothing from the operator', async () => {
  await api.store.read.members.add(own, {
    id: newId('mem'),
    principal: `auth0|boss-${round}`,
    role: 'owner',
  });
  const boss = createClient(api.url, `boss-${round}`);
  const members = (await boss.get('/v1/members')).body.items;
  const { id } = members.find((member: { principal: string }) => member.principal === 'auth0|op');
  for (const answer of [
    await boss.delete(`/v1/members/${id}`),
    await boss.patch(`/v1/members/${id}`, { role: 'member' }),
  ]) {
    expect([answer.status, answer.body.code, answer.body.role]).toEqual([403, 'role_required', 'admin']);
  }
  expect((await op().get('/v1/admin/accounts')).status).toBe(200);
});

test('who is no operator any more leaves nothing behind in the seconds before everybody knows', async () => {
  const former = `former-${round}`;
  const theirs = await makeAccount(api.store, `auth0|${former}`);
  const client = createClient(api.url, former);
  const [me] = (await client.get('/v1/members')).body.items;
  const wish = { clientId: `robot-${round}`, name: 'Back door' };
  // Often enough that the role is remembered in some of them.
  for (let n = 0; n < 10; n++) {
    await makeAdmin(api.database, `auth0|${former}`);
    await expect.poll(async () => (await client.get('/v1/admin/accounts')).status).toBe(200);
    await api.store.read.members.setRole(theirs, me.id, 'owner');
    const answer = await client.post(`/v1/admin/accounts/${account}/clients`, wish);
    expect([answer.status, answer.body.code, answer.body.role]).toEqual([403, 'role_required', 'admin']);
  }
  expect((await op().get(`/v1/admin/accounts/${account}/clients`)).body.items).toEqual([]);
});

describe('accounts', () => {
  test('are listed over all customers, page by page', async () => {
    const first = await op().get('/v1/admin/accounts?limit=1');
    expect(first.body.items).toMatchObject([{ id: account, suspendedAt: null }]);
    const second = await op().get(`/v1/admin/accounts?limit=100&cursor=${first.body.nextCursor}`);
    expect(second.body.items.map((item: { id: string }) => item.id)).toContain(own);
    expect((await op().get(`/v1/admin/accounts/acc_${'0'.repeat(26)}`)).status).toBe(404);
  });

  test('a suspended one is refused within seconds, and comes back', async () => {
    expect((await ann().get('/v1/me')).status).toBe(200);
    const suspended = await op().post(`/v1/admin/accounts/${account}/suspend`, { reason: 'unpaid' });
    expect(suspended.body).toMatchObject({ id: account, suspendedAt: expect.any(String) });
    await expect.poll(async () => (await ann().get('/v1/me')).body.code).toBe('account_suspended');
    const list = await op().get('/v1/admin/accounts?state=suspended');
    expect(list.body.items).toMatchObject([{ id: account }]);
    expect((await op().post(`/v1/admin/accounts/${account}/resume`)).body.suspendedAt).toBeNull();
    await expect.poll(async () => (await ann().get('/v1/me')).status).toBe(200);
    expect((await op().get('/v1/admin/accounts?state=suspended')).body.items).toEqual([]);
  });

  test('a suspension ends open streams, and nothing more is finalized', async () => {
    const stream = await fetch(`${api.url}/v1/events`, {
      headers: { authorization: `Bearer ann-${round}` },
      signal: AbortSignal.timeout(120_000),
    });
    await op().post(`/v1/admin/accounts/${account}/suspend`, { reason: 'unpaid' });
    expect(await stream.text()).toContain('event: snapshot');
    const finalized = await ann().post('/v1/uploads/finalize', { uploadIds: [`upl_${'0'.repeat(26)}`] });
    expect([finalized.status, finalized.body.code]).toEqual([403, 'account_suspended']);
  });

  test('an operator does not lock themselves out', async () => {
    const answer = await op().post(`/v1/admin/accounts/${own}/suspend`, { reason: 'x' });
    expect([answer.status, answer.body.code]).toEqual([409, 'invalid_state']);
  });
});

describe('machine clients', () => {
  test('act for the account that they are registered for, until they are removed', async () => {
    const robot = createClient(api.url, `robot-${round}`);
    expect((await robot.get('/v1/me')).body.code).toBe('no_account');
    const wish = { clientId: `robot-${round}`, name: 'Nightly' };
    const made = await op().post(`/v1/admin/accounts/${account}/clients`, wish);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ ...wish, accountId: account });
    await expect.poll(async () => (await robot.get('/v1/me')).body.account?.id).toBe(account);
    expect((await op().get(`/v1/admin/accounts/${account}/clients`)).body.items).toEqual([made.body]);
    expect((await ann().get('/v1/members')).body.items).toMatchObject([
      { kind: 'machine' },
      { kind: 'person' },
    ]);

    const twice = await op().post(`/v1/admin/accounts/${own}/clients`, wish);
    expect([twice.status, twice.body.code]).toEqual([409, 'already_member']);
    const wrong = `/v1/admin/accounts/${own}/clients/${made.body.id}`;
    expect((await op().delete(wrong)).status).toBe(404);
    expect((await op().delete(`/v1/admin/accounts/${account}/clients/${made.body.id}`)).status).toBe(204);
    await expect.poll(async () => (await robot.get('/v1/me')).body.code).toBe('no_account');
  });

  test('a person is no client', async () => {
    const [person] = (await ann().get('/v1/members')).body.items;
    expect((await op().delete(`/v1/admin/accounts/${account}/clients/${person.id}`)).status).toBe(404);
    expect((await ann().get('/v1/members')).body.items).toHaveLength(1);
  });
});

describe('the audit log', () => {
  test('says who did what to which object, with which credential', async () => {
    const before = new Date().toISOString();
    const project = await ann().post('/v1/projects', { name: 'Elm Street' }, { 'x-request-id': 'request-1' });
    await op().post(`/v1/admin/accounts/${account}/suspend`, { reason: 'unpaid' });
    const log = await op().get(`/v1/admin/audit?account=${account}`);
    expect(log.body.items).toMatchObject([
      {
        action: 'account.suspend',
        principal: 'auth0|op',
        role: 'admin',
        objectId: account,
        detail: 'unpaid',
      },
      {
        action: 'project.create',
        principal: `auth0|ann-${round}`,
        role: 'owner',
        credential: { kind: 'login', id: 'cli' },
        objectId: project.body.id,
        requestId: 'request-1',
        ip: '127.0.0.1',
      },
    ]);
    const [suspension, creation] = log.body.items;
    const filters: [string, unknown[]][] = [
      [`object=${project.body.id}`, [creation]],
      [`principal=auth0%7Cann-${round}`, [creation]],
      [`action=project.create&account=${account}`, [creation]],
      [`since=${before}&account=${account}`, [suspension, creation]],
      [`since=${new Date(Date.now() + 60_000).toISOString()}`, []],
    ];
    for (const [filter, found] of filters) {
      expect([filter, (await op().get(`/v1/admin/audit?${filter}`)).body.items]).toEqual([filter, found]);
    }
    const first = await op().get(`/v1/admin/audit?account=${account}&limit=1`);
    const rest = await op().get(`/v1/admin/audit?account=${account}&cursor=${first.body.nextCursor}`);
    expect([...first.body.items, ...rest.body.items]).toEqual(log.body.items);
  });

  test('what is repeated by its key is done and recorded once', async () => {
    const headers = { 'idempotency-key': 'again' };
    const path = `/v1/admin/accounts/${account}/clients`;
    const wish = { clientId: `robot-${round}`, name: 'Nightly' };
    const first = await op().post(path, wish, headers);
    expect((await op().post(path, wish, headers)).body).toEqual(first.body);
    const other = await op().post(path, { ...wish, name: 'Daily' }, headers);
    expect(other.body.code).toBe('idempotency_key_reused');
    const log = await op().get(`/v1/admin/audit?account=${account}&action=client.register`);
    expect(log.body.items).toHaveLength(1);
  });
});

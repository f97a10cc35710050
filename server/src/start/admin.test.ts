import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import { anAudit, makeAccount } from '../../../tests/support/fixtures.ts';
import { createPostgresAdminStore, createPostgresStore } from '../infra/postgres/index.ts';
import type { Store } from '../ports/index.ts';

let database: TestDatabase;
let store: Store;
beforeAll(async () => {
  database = await createTestDatabase();
  store = createPostgresStore({ url: database.apiUrl, pool: 2 });
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

function admin(args: string[], url = database.adminUrl): Promise<{ code: number; out: string; err: string }> {
  const script = fileURLToPath(new URL('admin.ts', import.meta.url));
  const env = { ...process.env, STAGER_ADMIN_DATABASE_URL: url };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--conditions=stager-dev', script, ...args], { env }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
  });
}

async function audited(principal: string): Promise<unknown[]> {
  const client = new pg.Client(database.superuserUrl);
  await client.connect();
  const { rows } = await client.query(
    `SELECT a.action, a.detail, a.principal LIKE 'host:%' AS host, a.credential_kind FROM audit a
       JOIN members m ON m.account_id = a.account_id WHERE m.principal = $1 ORDER BY a.id`,
    [principal],
  );
  await client.end();
  return rows;
}

test('a member is made an admin, and an owner again; both are audited', async () => {
  const account = await makeAccount(store, 'auth0|ann');
  const host = { host: true, credential_kind: null, action: 'member.change_role' };
  const granted = await admin(['grant-admin', 'auth0|ann']);
  expect(granted).toMatchObject({ code: 0, out: expect.stringContaining(account) });
  expect(await store.read.accounts.findByPrincipal('auth0|ann')).toMatchObject({ role: 'admin' });
  expect(await admin(['grant-admin', 'auth0|ann'])).toMatchObject({ code: 0 });
  expect(await admin(['revoke-admin', 'auth0|ann'])).toMatchObject({ code: 0 });
  expect(await store.read.accounts.findByPrincipal('auth0|ann')).toMatchObject({ role: 'owner' });
  expect(await audited('auth0|ann')).toEqual([
    { ...host, detail: 'admin' },
    { ...host, detail: 'owner' },
  ]);
  const again = await admin(['revoke-admin', 'auth0|ann']);
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining('is no admin') });
});

test('the first person of an installation gets an account', async () => {
  const without = await admin(['grant-admin', 'auth0|first']);
  expect(without).toMatchObject({ code: 1, err: expect.stringContaining('--account NAME') });
  expect(await admin(['grant-admin', 'auth0|first', '--account', 'Operators'])).toMatchObject({ code: 0 });
  expect(await store.read.accounts.findByPrincipal('auth0|first')).toMatchObject({
    role: 'admin',
    account: { name: 'Operators' },
  });
  const events = await store.read.accounts.findByPrincipal('auth0|first');
  expect(await store.read.events.range(events?.account.id ?? '')).toEqual({ oldest: 0, head: 0 });
});

test('an account is put on another plan, which is audited', async () => {
  const account = await makeAccount(store, 'auth0|planned', 'dev');
  const set = await admin(['set-plan', 'auth0|planned', 'free']);
  expect(set).toMatchObject({ code: 0, out: expect.stringMatching(`${account}.* on free`) });
  expect(await store.read.accounts.findByPrincipal('auth0|planned')).toMatchObject({
    account: { plan: 'free' },
  });
  expect(await admin(['set-plan', 'auth0|planned', 'free'])).toMatchObject({ code: 0 });
  expect(await audited('auth0|planned')).toEqual([
    { host: true, credential_kind: null, action: 'billing.base_plan', detail: 'dev to free' },
  ]);
  const unknown = await admin(['set-plan', 'auth0|planned', 'gold']);
  expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('free, pro, business, dev') });
  const nobody = await admin(['set-plan', 'auth0|nobody', 'free']);
  expect(nobody).toMatchObject({ code: 1, err: expect.stringContaining('belongs to no account') });
});

test('where somebody was is forgotten on demand, what they did is not', async () => {
  const account = await makeAccount(store, 'auth0|gone');
  await store.read.audit.add(account, [
    anAudit({ principal: 'auth0|gone' }),
    anAudit({ principal: 'auth0|other' }),
  ]);
  const seen = async () => {
    const admins = createPostgresAdminStore({ url: database.adminUrl, pool: 1 });
    const page = await admins.transaction((tx) => tx.log.list({ account }, { limit: 9, after: null }));
    await admins.close();
    return page.items.map(({ action, principal, ip }) => [action, principal.split(':')[0], ip]);
  };
  const other = ['project.create', 'auth0|other', '192.0.2.7'];
  expect(await seen()).toEqual([other, ['project.create', 'auth0|gone', '192.0.2.7']]);
  expect(await admin(['erase-origins', 'auth0|gone'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^1 /),
  });
  expect(await seen()).toEqual([
    ['audit.erase_origins', 'host', null],
    other,
    ['project.create', 'auth0|gone', null],
  ]);
});

test('what cannot be is said, with the usage where that helps', async () => {
  expect(await admin([])).toMatchObject({ code: 2, err: expect.stringContaining('Usage: admin') });
  expect(await admin(['grant-admin', 'a', '--wrong'])).toMatchObject({ code: 2 });
  expect(await admin(['grant-admin', 'auth0|ann'], '')).toMatchObject({
    code: 1,
    err: expect.stringContaining('STAGER_ADMIN_DATABASE_URL: '),
  });
  expect(await admin(['grant-admin', 'robot@clients', '--account', 'x'])).toMatchObject({ code: 1 });
  expect(await admin(['grant-admin', 'auth0|ann'], database.superuserUrl)).toMatchObject({
    code: 1,
    err: expect.stringContaining('is a superuser'),
  });
  expect(await admin(['grant-admin', 'auth0|ann'], 'postgres://a:b@127.0.0.1:1/x')).toMatchObject({
    code: 1,
    err: expect.stringContaining('cannot serve at the moment'),
  });
});

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinKey } from '../../server/src/core/admin/eraseAccount.ts';
import type { Bucket } from '../../server/src/ports/index.ts';
import { type CliResult, runCli } from '../support/cli.ts';
import { createClient } from '../support/http.ts';
import { keysOf } from '../support/keys.ts';
import { logIn } from '../support/person.ts';
import { makePhoto } from '../support/photos.ts';
import { makeTempDir, startTestStack, type TestStack } from '../support/stack.ts';
import { openStored } from '../support/stored.ts';

let stack: TestStack;
let stored: Awaited<ReturnType<typeof openStored>>;
let superuser: pg.Client;
let dir: string;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  stack = await startTestStack({ args: [] });
  stored = await openStored(stack);
  superuser = await connect();
  dir = makeTempDir('stager-deletion');
  writeFileSync(join(dir, 'room.jpg'), (await makePhoto(900)).bytes);
  for (const [user, scopes] of [
    ['demo', 'admin:read admin:write'],
    ['other', ''],
  ] as const) {
    const token = await logIn(stack, user, scopes);
    tokens[user] = token;
    const login = await as(user, ['login', '--with-token'], {}, token);
    expect(login.code, login.stderr).toBe(0);
  }
});
afterAll(async () => {
  await superuser?.end();
  stored?.close();
  await stack?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** For what only time would do, and for looking into every table. */
async function connect(): Promise<pg.Client> {
  const url = new URL(stack.env['STAGER_ADMIN_DATABASE_URL'] ?? '');
  const secrets = JSON.parse(readFileSync(join(stack.dataDir, 'postgres.secrets.json'), 'utf8'));
  url.username = 'stager_super';
  url.password = secrets.stager_super;
  const client = new pg.Client(url.href);
  await client.connect();
  return client;
}

function as(
  user: string,
  args: readonly string[],
  env: Record<string, string> = {},
  input = '',
): Promise<CliResult> {
  return runCli(args, {
    cwd: dir,
    env: { STAGER_API_URL: stack.apiUrl, STAGER_CONFIG_DIR: join(dir, user), ...env },
    input,
  });
}

const json = (result: CliResult) => JSON.parse(result.stdout);

async function told(user: string, ...args: string[]) {
  const result = await as(user, [...args, '--json']);
  expect(result.code, result.stderr).toBe(0);
  return json(result);
}

/** Rows of an account by table, without the acts of operators. */
async function rowsOf(account: string): Promise<Record<string, number>> {
  const { rows: tables } = await superuser.query<{ name: string }>(`
    SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
     WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attname = 'account_id'`);
  const found: Record<string, number> = {};
  for (const { name } of tables) {
    // It holds acts of operators as well, and tells not which.
    if (name === 'audit_origins') continue;
    const ofPeople = name === 'audit' ? `AND role <> 'admin'` : '';
    const { rows } = await superuser.query<{ n: number }>(
      `SELECT count(*)::integer AS n FROM ${name} WHERE account_id = $1 ${ofPeople}`,
      [account],
    );
    if (rows[0]?.n) found[name] = rows[0].n;
  }
  return found;
}

/** In the order in which they are removed. */
async function objectsOf(account: string): Promise<{ bucket: Bucket; key: string }[]> {
  const places = [
    ['uploads', `${account}/`],
    ['photos', `originals/${account}/`],
    ['photos', `outputs/${account}/`],
  ] as const;
  const found = await Promise.all(
    places.map(async ([bucket, prefix]) =>
      (await keysOf(stored.objects, bucket, prefix)).map((key) => ({ bucket, key })),
    ),
  );
  return found.flat();
}

test('an account is deleted with all that it has, which is proven; nothing of another one is touched', async () => {
  const upload = ['upload', 'room.jpg', '--engine', 'finish', '--wait'];
  await told('other', 'projects', 'create', 'Listing');
  await told('other', ...upload);
  await told('demo', ...upload);
  const { secret } = await told('other', 'tokens', 'create', '--name', 'CI', '--scope', 'images:read');
  stack.plant(secret);
  const robot = { STAGER_TOKEN: secret };
  expect((await as('robot', ['images', 'list'], robot)).code).toBe(0);
  const accounts: { id: string; name: string }[] = await told('demo', 'admin', 'accounts', 'list');
  const idOf = (wanted: string) => accounts.find(({ name }) => name === wanted)?.id ?? '';
  const [account, neighbour] = [idOf('Other'), idOf('Demo')];
  const [before, theirs] = [await rowsOf(account), await rowsOf(neighbour)];
  const [objects, theirObjects] = [await objectsOf(account), await objectsOf(neighbour)];
  expect(before).toMatchObject({ projects: 1, images: 1, tokens: 1, members: 1 });
  expect(objects.length).toBeGreaterThan(3);

  const proof = async (code: number) => {
    const result = await as('demo', ['admin', 'accounts', 'proof', account, '--json']);
    expect(result.code, result.stderr).toBe(code);
    return json(result);
  };
  const asked = await as('demo', ['admin', 'accounts', 'delete', account]);
  expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('deletes all its photos')]);
  await told('demo', 'admin', 'accounts', 'delete', account, '--grace', '7d', '--yes');
  // Without a process each time: it takes seconds until an API looks again who may call.
  const answered = async () => (await createClient(stack.apiUrl, tokens['other']).get('/v1/me')).status;
  await expect.poll(answered, { interval: 200 }).toBe(403);
  expect((await as('other', ['whoami'])).stderr).toContain('suspended');
  await told('demo', 'admin', 'accounts', 'keep', account);
  await told('demo', 'admin', 'accounts', 'resume', account);
  await expect.poll(answered, { interval: 200 }).toBe(200);
  expect((await as('other', ['whoami'])).code).toBe(0);

  await told('demo', 'admin', 'accounts', 'delete', account, '--yes');
  expect(await proof(8)).toMatchObject({ state: 'scheduled', rows: {} });
  await superuser.query('UPDATE account_deletions SET due_at = now() WHERE account = $1', [account]);
  await expect.poll(async () => (await proof(8)).state).toBe('settling');
  expect([await rowsOf(account), await objectsOf(account)]).toEqual([{}, []]);
  const late = { bucket: 'uploads', key: `${account}/upl_late` } as const;
  await stored.objects.write(late, Buffer.from('late'), 'image/jpeg');
  await superuser.query('UPDATE account_deletions SET last_look_at = now() WHERE account = $1', [account]);
  const done = async () => (await as('demo', ['admin', 'accounts', 'proof', account])).code;
  await expect.poll(done).toBe(0);

  expect(await objectsOf(account)).toEqual([]);
  const end = await proof(0);
  expect(end).toMatchObject({ state: 'done', requestedBy: 'auth0|demo' });
  expect(end.rows).toMatchObject({ ...before, accounts: 1 });
  const removed = [...objects, late];
  expect(end.objects).toMatchObject({
    count: removed.length,
    keysSha256: removed.reduce(joinKey, ''),
  });
  const acts: { action: string; principal: string }[] = await told(
    'demo',
    ...['admin', 'audit', '--account', account],
  );
  expect(acts.map(({ action }) => action)).toEqual([
    'account.delete',
    'account.resume',
    'account.keep',
    'account.delete',
  ]);
  expect(new Set(acts.map(({ principal }) => principal))).toEqual(new Set(['auth0|demo']));
  const listed = await as('demo', ['admin', 'accounts', 'deletions']);
  expect(listed.stdout).toMatch(new RegExp(`${account} +done .*\n${account} +canceled`));

  expect((await as('robot', ['images', 'list'], robot)).code).toBe(4);
  expect((await as('demo', ['admin', 'accounts', 'show', account])).code).toBe(1);
  const former = await as('other', ['whoami']);
  expect([former.code, former.stderr]).toEqual([4, expect.stringContaining('belongs to no account')]);
  expect(await rowsOf(account)).toEqual({});

  expect(await objectsOf(neighbour)).toEqual(theirObjects);
  // What the operator has done meanwhile is kept in the operator's own account.
  const grown = { idempotency_keys: expect.any(Number) };
  expect(await rowsOf(neighbour)).toEqual({ ...theirs, ...grown });
  expect((await told('demo', 'reconcile')).run.counts).toEqual({});
});

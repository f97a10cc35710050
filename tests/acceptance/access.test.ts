import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliResult, runCli } from '../support/cli.ts';
import { createClient } from '../support/http.ts';
import { logIn } from '../support/person.ts';
import { makeTempDir, startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let dir: string;
beforeAll(async () => {
  // Without approving by itself: two people log in.
  stack = await startTestStack({ args: [] });
  dir = makeTempDir('stager-access');
  const token = await logIn(stack, 'demo', 'admin:read admin:write');
  const login = await run('owner', ['login', '--with-token'], { input: token });
  expect(login.code, login.stderr).toBe(0);
});
afterAll(async () => {
  await stack.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** The owner of the account, in a shell of their own. */
const stager = (...args: string[]): Promise<CliResult> => run('owner', args);

function run(seat: string, args: readonly string[], more: { token?: string; input?: string } = {}) {
  return runCli(args, {
    cwd: dir,
    env: {
      STAGER_API_URL: stack.apiUrl,
      STAGER_CONFIG_DIR: join(dir, seat),
      ...(more.token === undefined ? {} : { STAGER_TOKEN: more.token }),
    },
    input: more.input ?? '',
  });
}

const json = (result: CliResult) => JSON.parse(result.stdout);

/** Asked again and again, without a process for each: the API looks at most every five seconds who may still call. */
const untilAnswered = (token: string, path: string, status: number) =>
  expect
    .poll(async () => (await createClient(stack.apiUrl, token).get(path)).status, { interval: 200 })
    .toBe(status);

test('a personal access token: made, piped into a login, used, revoked', async () => {
  const made = await stager(
    ...['tokens', 'create', '--name', 'ci', '--scope', 'account:read,projects:read', '--expires', '30d'],
  );
  expect(made.code, made.stderr).toBe(0);
  expect(made.stdout).toMatch(/^stgp_[0-9A-Za-z]+\n$/);
  const kept = await run('robot', ['login', '--with-token'], { input: made.stdout });
  expect(kept.code, kept.stderr).toBe(0);
  const who = json(await run('robot', ['whoami', '--json']));
  expect(who).toMatchObject({
    principal: 'auth0|demo',
    scopes: ['account:read', 'projects:read'],
    credential: { kind: 'token' },
    credentials: { kind: 'token', masked: `stgp_…${made.stdout.trim().slice(-4)}`, renews: false },
  });
  expect((await run('robot', ['projects', 'list'])).code).toBe(0);
  const refused = await run('robot', ['images', 'list', '--json']);
  expect(refused.code).toBe(4);
  expect(json(refused).error.next[0].command).toBe(
    'stager tokens create --name new --scope account:read,projects:read,images:read',
  );
  const [token] = json(await stager('tokens', 'list', '--json'));
  expect(token).toMatchObject({ name: 'ci', state: 'live', id: who.credential.id });
  expect((await stager('tokens', 'revoke', token.id, '--yes')).code).toBe(0);
  await untilAnswered(made.stdout.trim(), '/v1/projects', 401);
  expect((await run('robot', ['projects', 'list'])).code).toBe(4);
  const ended = await run('robot', ['whoami']);
  expect(ended.stderr).toContain('stager login');
});

test('an operator suspends an account, which stops within seconds, resumes it, and reads who did what', async () => {
  const other = await logIn(stack, 'other');
  const { id } = json(await run('other', ['whoami', '--json'], { token: other })).account;
  const [found] = json(await stager('admin', 'accounts', 'list', '--json')).filter(
    (account: { id: string }) => account.id === id,
  );
  expect(found).toMatchObject({ suspendedAt: null });
  const suspended = await stager('admin', 'accounts', 'suspend', id, '--reason', 'unpaid', '--yes');
  expect(suspended.code, suspended.stderr).toBe(0);
  await untilAnswered(other, '/v1/images', 403);
  const stopped = await run('other', ['images', 'list', '--json'], { token: other });
  expect(json(stopped).error.code).toBe('account_suspended');
  expect((await stager('admin', 'accounts', 'resume', id)).code).toBe(0);
  await untilAnswered(other, '/v1/images', 200);
  expect((await run('other', ['images', 'list'], { token: other })).code).toBe(0);
  expect((await stager('admin', 'clients', 'add', id, 'ci-of-other', '--name', 'CI')).code).toBe(0);
  expect((await stager('admin', 'clients', 'list', id)).stdout).toContain('ci-of-other');
  expect((await stager('admin', 'clients', 'remove', id, 'ci-of-other', '--yes')).code).toBe(0);
  const acts = json(await stager('admin', 'audit', '--account', id, '--since', '1h', '--json'));
  expect(acts.map(({ action }: { action: string }) => action)).toEqual(
    expect.arrayContaining(['account.suspend', 'account.resume', 'client.register', 'client.remove']),
  );
  expect(acts.find(({ action }: { action: string }) => action === 'account.suspend')).toMatchObject({
    principal: 'auth0|demo',
    role: 'admin',
    detail: 'unpaid',
  });
  const refused = await run('other', ['admin', 'accounts', 'list', '--json'], { token: other });
  expect(refused.code).toBe(4);
  expect(json(refused).error).toMatchObject({
    code: 'insufficient_scope',
    hint: expect.stringContaining('admin:read'),
  });
});

test('somebody is invited, joins, sees what there is, and is removed', async () => {
  const other = await logIn(stack, 'other');
  await stager('projects', 'create', 'Elm Street 42');
  const invited = await stager('members', 'invite', 'other@example.com');
  expect(invited.code, invited.stderr).toBe(0);
  const joined = await run('other', ['join', '--json'], { token: other, input: invited.stdout });
  expect(joined.code, joined.stdout + joined.stderr).toBe(0);
  expect(json(joined)).toMatchObject({ account: { name: 'Demo' }, member: { role: 'member' } });
  const theirs = async () => (await createClient(stack.apiUrl, other).get('/v1/projects')).body.items;
  await expect.poll(theirs, { interval: 200 }).toHaveLength(1);
  expect((await run('other', ['projects', 'list'], { token: other })).stdout).toContain('Elm Street 42');
  expect((await stager('members', 'list')).stdout).toMatch(/auth0\|other +member +other@example\.com/);
  const refused = await run('other', ['members', 'invite', '--json'], { token: other });
  expect(refused.code).toBe(4);
  expect(json(refused).error).toMatchObject({
    code: 'role_required',
    next: [{ command: 'stager members list' }],
  });
  expect((await stager('members', 'role', 'other@example.com', 'owner')).code).toBe(0);
  expect((await stager('members', 'remove', 'auth0|other', '--yes')).code).toBe(0);
  expect(json(await stager('members', 'list', '--json'))).not.toContainEqual(
    expect.objectContaining({ principal: 'auth0|other' }),
  );
});

import { describe, expect, test } from 'vitest';
import { setUpDesk, speak } from './testing/inProcess.ts';

const OWN = `acc_${'0'.repeat(25)}1`;
const OTHER = `acc_${'0'.repeat(25)}2`;

async function setUp() {
  const desk = await setUpDesk();
  return {
    ...desk,
    say: (...args: string[]) => speak(['admin', ...args], desk.env),
    json: async (...args: string[]) =>
      JSON.parse((await speak(['admin', ...args, '--json'], desk.env)).stdout),
  };
}

describe('stager admin accounts', () => {
  test('list, show, suspend and resume', async () => {
    const { json, say } = await setUp();
    expect((await say('accounts', 'list')).stdout).toMatch(
      /^ID +NAME +PLAN +STATE +CREATED\nacc_\w+2 +Another +dev +active/,
    );
    expect((await say('accounts', 'list', '--state', 'suspended')).stdout).toBe('No suspended accounts.\n');
    const args = ['accounts', 'suspend', OTHER, '--reason', 'unpaid since March'];
    const asked = await say(...args);
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain('This stops everything that Another does');
    expect((await say(...args, '--yes')).stdout).toBe(`Another is suspended.  ${OTHER}\n`);
    expect((await say('accounts', 'show', OTHER)).stdout).toMatch(/State +suspended since 20/);
    expect(await json('accounts', 'list', '--state', 'suspended')).toMatchObject([{ id: OTHER }]);
    expect((await say('accounts', 'list', '--state', 'suspended')).stdout).toContain('suspended');
    expect((await say('accounts', 'resume', OTHER)).stdout).toBe(`Another is active.  ${OTHER}\n`);
    expect((await say('accounts', 'show', OTHER)).stdout).toMatch(/State +active/);
  });

  test.each([
    [['accounts', 'suspend', OTHER, '--yes'], '--reason is needed'],
    [['accounts', 'suspend', OTHER, '--reason', ' ', '--yes'], '--reason is needed'],
    [['accounts', 'show', 'Another'], 'Not an id of an account: Another'],
    [['accounts', 'list', '--state', 'gone'], 'one of active, suspended'],
    [['audit', '--account', 'Another'], 'Not an id of an account'],
    [['audit', '--since', 'yesterday'], 'give a date'],
    [['clients', 'remove', OTHER, 'nobody', '--yes'], `No client nobody acts for ${OTHER}.`],
    [['accounts'], 'stager admin accounts needs a command.'],
    [['acounts'], 'Did you mean accounts?'],
  ])('%j: exit code 2', async (args, words) => {
    const { say } = await setUp();
    const { code, stderr } = await say(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });

  test('what is wrong two words down names the help of its own command', async () => {
    const { say } = await setUp();
    expect((await say('accounts', 'show')).stderr).toContain('See: stager admin accounts show --help');
  });

  test('one’s own account cannot be suspended', async () => {
    const { say } = await setUp();
    const { code, stderr } = await say('accounts', 'suspend', OWN, '--reason', 'x', '--yes');
    expect(code).toBe(1);
    expect(stderr).toContain('your own account');
  });
});

test('stager admin clients: add, list, remove', async () => {
  const { json, say } = await setUp();
  expect((await say('clients', 'list', OTHER)).stdout).toContain('No machine clients.');
  expect((await say('clients', 'add', OTHER, 'k3J9', '--name', 'CI')).stdout).toBe(
    `k3J9 acts for ${OTHER} now, as CI.\n`,
  );
  expect((await say('clients', 'add', OTHER, 'k4')).stdout).toContain('as k4.');
  const taken = await say('clients', 'add', OWN, 'k3J9');
  expect(taken.code).toBe(1);
  expect(taken.stderr).toContain(OTHER);
  expect((await say('clients', 'list', OTHER)).stdout).toMatch(/^CLIENT +NAME +SINCE\nk4 +k4 .*\nk3J9 +CI /);
  const [, first] = await json('clients', 'list', OTHER);
  expect((await say('clients', 'remove', OTHER, 'k4')).stderr).toContain('Its jobs in CI stop.');
  expect((await say('clients', 'remove', OTHER, 'k4', '--yes')).code).toBe(0);
  expect((await say('clients', 'remove', OTHER, first.id, '--yes')).stdout).toContain('acts for');
  expect(await json('clients', 'list', OTHER)).toEqual([]);
});

test('stager admin audit: who did what, narrowed down', async () => {
  const { api, json, say } = await setUp();
  expect((await say('audit')).stdout).toBe('Nothing was done that fits.\n');
  await say('accounts', 'suspend', OTHER, '--reason', 'unpaid', '--yes');
  await say('clients', 'add', OTHER, 'k3J9');
  const [added] = api.state.audit.slice(-1);
  if (added)
    api.state.audit[api.state.audit.length - 1] = { ...added, credential: { kind: 'token', id: 'tok_1' } };
  const { stdout } = await say('audit');
  expect(stdout).toMatch(/^AT \(UTC\) +WHO +ACTION +OBJECT +DETAIL\n/);
  expect(stdout).toMatch(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +auth0\|fake +account\.suspend/);
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  const only = await json('audit', '--object', OTHER, '--action', 'account.suspend', '--since', '1h');
  expect(only).toMatchObject([{ action: 'account.suspend', detail: 'unpaid', principal: 'auth0|fake' }]);
  expect(await json('audit', '--account', OWN)).toEqual([]);
  expect(await json('audit', '--principal', 'auth0|fake', '--limit', '1')).toHaveLength(1);
});

test('whoever is no admin is told who is', async () => {
  const { api, say } = await setUp();
  api.failNext({ operation: 'listAccounts', code: 'role_required' });
  expect((await say('accounts', 'list')).code).toBe(4);
});

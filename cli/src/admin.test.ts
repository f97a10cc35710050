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

describe('stager admin accounts delete', () => {
  const DONE = {
    state: 'done',
    finishedAt: '2026-11-24T10:00:00.000Z',
    rows: { accounts: 1, images: 12, members: 2 },
    objects: { count: 24, bytes: 48_000_000, keysSha256: 'ab'.repeat(32) },
  } as const;

  test('asks for the name, suspends, and can be taken back until it is due', async () => {
    const { json, say } = await setUp();
    const asked = await say('accounts', 'delete', OTHER, '--grace', '1w');
    expect([asked.code, asked.stderr]).toEqual([
      2,
      expect.stringContaining('deletes all its photos, results and records in 7 days, for good'),
    ]);
    expect((await say('accounts', 'show', OTHER)).stdout).toMatch(/State +active/);
    const ordered = await say('accounts', 'delete', OTHER, '--grace', '1w', '--yes');
    expect(ordered.stdout).toMatch(/^Another is suspended, and deleted in [67] d \(/);
    expect((await say('accounts', 'show', OTHER)).stdout).toMatch(/State +suspended/);
    expect(await json('accounts', 'proof', OTHER)).toMatchObject({ accountId: OTHER, state: 'scheduled' });
    const kept = await say('accounts', 'keep', OTHER);
    expect(kept.stdout).toContain(`stager admin accounts resume ${OTHER}`);
    expect((await say('accounts', 'resume', OTHER)).code).toBe(0);
  });

  test('all that were ordered are listed, each with when it is due or was done', async () => {
    const { api, json, say } = await setUp();
    expect((await say('accounts', 'deletions')).stdout).toContain('No deletion was ever ordered.');
    const ordered = await json('accounts', 'delete', OTHER, '--grace', '1w', '--yes');
    expect((await say('accounts', 'deletions')).stdout).toMatch(
      new RegExp(`${OTHER}  scheduled  in [67] d `),
    );
    api.state.deletions.set(OTHER, { ...ordered, ...DONE, finishedAt: new Date().toISOString() });
    const { stdout } = await say('accounts', 'deletions');
    expect(stdout).toMatch(/ done +\d+ s ago +24 /);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('the proof is pending until all is gone, then tells what it was, within 80 columns', async () => {
    const { api, json, say } = await setUp();
    expect((await say('accounts', 'proof', OTHER)).stderr).toContain('No deletion of an account');
    const ordered = await json('accounts', 'delete', OTHER, '--yes');
    for (const [change, words] of [
      [{}, 'scheduled, due in'],
      [{ state: 'erasing', startedAt: ordered.dueAt }, 'being removed'],
      [{ state: 'settling', lastLookAt: ordered.dueAt }, 'gone; last look in'],
    ] as const) {
      api.state.deletions.set(OTHER, { ...ordered, ...change });
      const pending = await say('accounts', 'proof', OTHER);
      expect([pending.code, pending.stdout]).toEqual([8, expect.stringContaining(words)]);
    }
    api.state.deletions.set(OTHER, { ...ordered, ...DONE });
    const { code, stdout } = await say('accounts', 'proof', OTHER);
    expect(code).toBe(0);
    for (const words of [
      'done: nothing is left',
      '24 objects, 48.0 MB',
      DONE.objects.keysSha256,
      '15 rows',
    ]) {
      expect(stdout).toContain(words);
    }
    expect(stdout).toContain('1 accounts, 12 images, 2 members');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(await json('accounts', 'proof', OTHER)).toMatchObject(DONE);
  });

  test('of one’s own account is refused', async () => {
    const { say } = await setUp();
    const { code, stderr } = await say('accounts', 'delete', OWN, '--yes');
    expect([code, stderr]).toEqual([1, expect.stringContaining('your own account')]);
  });
});

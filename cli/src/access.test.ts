import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { joinAccount } from './actions/invitations.ts';
import { setUpDesk, speak } from './testing/inProcess.ts';

async function setUp() {
  const desk = await setUpDesk();
  return {
    ...desk,
    say: (...args: string[]) => speak(args, desk.env),
    json: async (...args: string[]) => JSON.parse((await speak([...args, '--json'], desk.env)).stdout),
  };
}

describe('stager tokens', () => {
  test('create prints the token alone on stdout, so that it can be piped', async () => {
    const { api, say } = await setUp();
    const { code, stdout, stderr } = await say(
      ...['tokens', 'create', '--name', 'ci', '--scope', 'images:read,images:write', '--expires', '30d'],
    );
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^stgp_\S+\n$/);
    expect(stderr).toMatch(/^Created ci \(tok_\w+\): images:read\s+images:write;\s+ends\s+in\s+(29|30)\s+d/);
    expect(stderr).not.toContain(stdout.trim());
    expect(api.requests.at(-1)?.body).toEqual({
      name: 'ci',
      scopes: ['images:read', 'images:write'],
      expiresInDays: 30,
    });
  });

  test('--json is one document, and the default name says when', async () => {
    const { json } = await setUp();
    const answer = await json('tokens', 'create', '--scope', 'images:read');
    expect(answer).toMatchObject({ secret: expect.stringMatching(/^stgp_/), secretStatus: 'shown' });
    expect(answer.token.name).toMatch(/^stager \d{4}-\d\d-\d\d$/);
  });

  test('a token does what it may, and the way to what it may not is told', async () => {
    const { env, say } = await setUp();
    const { stdout } = await say('tokens', 'create', '--scope', 'account:read,images:read');
    const withToken = { ...env, STAGER_TOKEN: stdout.trim() };
    expect((await speak(['images', 'list'], withToken)).code).toBe(0);
    const who = await speak(['whoami'], withToken);
    expect(who.stdout).toMatch(/token of STAGER_TOKEN stgp_…\w{4}, ends\s+in (89|90) d/);
    const refused = await speak(['projects', 'list', '--json'], withToken);
    expect(refused.code).toBe(4);
    expect(JSON.parse(refused.stdout).error).toMatchObject({
      code: 'insufficient_scope',
      message: expect.stringContaining('projects:read'),
      next: [{ command: 'stager tokens create --name new --scope projects:read' }],
    });
    const never = await speak(['tokens', 'list', '--json'], withToken);
    expect(JSON.parse(never.stdout).error).toMatchObject({
      hint: expect.stringContaining('No personal access token can have'),
      next: [{ command: 'unset STAGER_TOKEN && stager login' }],
    });
  });

  test('an answer that is lost on the way: what to do about it', async () => {
    const { api, say } = await setUp();
    api.failNext({ operation: 'createToken', cutAfterEffect: true });
    const { code, stdout, stderr } = await say('tokens', 'create', '--scope', 'images:read');
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/lost on the way[\s\S]*stager tokens revoke tok_/);
  });

  test.each([
    [[], 'at least one --scope'],
    [['--scope', 'tokens:write,images:read'], 'cannot have the scope tokens:write.'],
    [['--scope', 'images:read', '--expires', '2y'], 'like 30d or 4w'],
    [['--scope', 'images:read', '--expires', '366d'], 'up to 365d'],
    [['--scope', 'images:read', '--expires', '0d'], 'up to 365d'],
  ])('create %j: exit code 2, nothing is asked', async (args, words) => {
    const { api, say } = await setUp();
    const { code, stderr } = await say('tokens', 'create', ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(api.requests).toEqual([]);
  });

  test('list and revoke, which asks', async () => {
    const { json, say } = await setUp();
    expect((await say('tokens', 'list')).stdout).toContain('No tokens.');
    const { token } = await json(
      'tokens',
      'create',
      '--scope',
      'images:read',
      '--name',
      'a',
      '--expires',
      '2w',
    );
    await say('tokens', 'create', '--scope', 'images:read');
    expect((await say('tokens', 'list')).stdout).toMatch(
      /ID +NAME +SCOPES +ENDS +USED\n(tok_\w{26} .* never\n){2}$/,
    );
    expect((await say('tokens', 'list', '--limit', '1')).stdout).toContain('There are more: --limit 2');
    expect((await say('tokens', 'revoke', token.id)).code).toBe(2);
    expect((await say('tokens', 'revoke', token.id, '--yes')).stdout).toBe(`${token.id}  revoked\n`);
    expect((await json('tokens', 'list')).map(({ state }: { state: string }) => state)).toEqual([
      'live',
      'revoked',
    ]);
    expect((await say('tokens', 'list')).stdout).toMatch(/images:read +revoked/);
    expect((await say('tokens', 'revoke', 'img_1', '--yes')).stderr).toContain('Not an id of a token: img_1');
    expect((await say('tokens', 'revoke', `tok_${'9'.repeat(26)}`, '--yes')).code).toBe(1);
  });
});

describe('stager members', () => {
  test('invite prints the invitation alone; join takes it from stdin; then they are a member', async () => {
    const { api, context, json, say } = await setUp();
    const { code, stdout, stderr } = await say('members', 'invite', 'ana@example.com', '--expires', '2w');
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^stgi_\S+\n$/);
    expect(stderr).toContain(`stager join --api-url ${api.url}`);
    expect(stderr).toContain('Invited for ana@example.com as member');
    expect((await say('members', 'invitations')).stdout).toMatch(/ana@example\.com +member +open/);
    const input = new PassThrough();
    input.end(stdout);
    const joined = await joinAccount(context(), { input, output: new PassThrough() });
    expect(joined.json()).toMatchObject({ account: { name: 'Fake' }, member: { role: 'member' } });
    expect((await say('members', 'list')).stdout).toMatch(/member +ana@example\.com/);
    expect((await json('members', 'list')).length).toBe(2);
    expect((await say('members', 'role', 'ANA@example.com', 'owner')).stdout).toMatch(/is owner now {2}mem_/);
    expect((await say('members', 'role', 'ana@example.com', 'owner')).stdout).toContain('as before');
    expect((await say('members', 'remove', 'ana@example.com')).code).toBe(2);
    expect((await say('members', 'remove', 'ana@example.com', '--yes')).stdout).toContain(
      'Removed auth0|mem_',
    );
  });

  test('an account keeps its last owner', async () => {
    const { say } = await setUp();
    for (const args of [
      ['members', 'leave', '--yes'],
      ['members', 'remove', 'auth0|fake', '--yes'],
      ['members', 'role', 'auth0|fake', 'member'],
    ]) {
      const { code, stderr } = await say(...args);
      expect(code).toBe(1);
      expect(stderr).toContain('the only owner');
    }
  });

  test('leave says that there is no way back but an invitation, and goes', async () => {
    const { api, say } = await setUp();
    const [owner] = api.state.members.values();
    if (owner)
      api.state.members.set('mem_2', { ...owner, id: `mem_${'2'.repeat(26)}`, principal: 'auth0|b' });
    expect((await say('members', 'leave')).stderr).toContain('You come back by an invitation only.');
    expect((await say('members', 'leave', '--yes')).stdout).toBe('auth0|fake has left Fake.\n');
  });

  test.each([
    [['role', 'nobody', 'owner'], 'There is no member nobody.'],
    [['remove', 'auth0|fakk', '--yes'], 'Did you mean auth0|fake?'],
    [['role', 'auth0|fake', 'king'], 'one of member, owner'],
    [['invite', 'not an address'], 'is not an e-mail address'],
    [['invite', '--role', 'admin'], 'one of member, owner'],
    [['uninvite', 'x', '--yes'], 'Not an id of an invitation: x'],
  ])('%j: exit code 2', async (args, words) => {
    const { say } = await setUp();
    const { code, stderr } = await say('members', ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });

  test('an address that two have is no way to name one of them', async () => {
    const { api, say } = await setUp();
    const [owner] = api.state.members.values();
    for (const digit of ['2', '3']) {
      const id = `mem_${digit.repeat(26)}`;
      if (owner) api.state.members.set(id, { ...owner, id, principal: id, email: 'a@example.com' });
    }
    const { code, stderr } = await say('members', 'remove', 'a@example.com', '--yes');
    expect(code).toBe(2);
    expect(stderr).toContain('means more than one member');
  });

  test('uninvite', async () => {
    const { json, say } = await setUp();
    const { invitation } = await json('members', 'invite');
    expect((await say('members', 'uninvite', invitation.id, '--yes')).stdout).toBe(
      `${invitation.id}  revoked\n`,
    );
    const again = await say('members', 'uninvite', invitation.id, '--yes');
    expect(again.code).toBe(1);
    expect(again.stdout).toContain('The invitation is revoked.');
  });

  test('an operation for owners names who they are', async () => {
    const { api, say } = await setUp();
    api.failNext({ operation: 'createInvitation', code: 'role_required' });
    const { code, stderr } = await say('members', 'invite');
    expect(code).toBe(4);
    expect(stderr).toContain('role_required');
  });
});

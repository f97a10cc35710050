import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../../tests/support/api.ts';
import { makeAccount } from '../../../tests/support/fixtures.ts';
import { type Client, createClient } from '../../../tests/support/http.ts';
import { ALL_SCOPES } from '../contract/index.ts';

let api: TestApi;
/** The account of this test's Ann. */
let account: string;
/** Everybody has a number, so that no test meets the people of another. */
let round = 0;
beforeAll(async () => {
  api = await startTestApi({
    who: (token) => ({ subject: subjectOf(token), expiresAt: new Date(Date.now() + 600_000) }),
    scopes: ALL_SCOPES,
    openSignup: true,
    streams: { accessCheckMs: 100 },
  });
});
beforeEach(async () => {
  round += 1;
  account = await makeAccount(api.store, principal('ann'));
});
afterAll(() => api.close());

const subjectOf = (token: string) => (token.startsWith('robot') ? `${token}@clients` : `auth0|${token}`);
const principal = (who: string) => subjectOf(`${who}-${round}`);

/** By name, or by a personal access token. */
function as(who: string): Client {
  return createClient(api.url, who.startsWith('stgp_') ? who : `${who}-${round}`);
}

async function invite(role: 'member' | 'owner' = 'member'): Promise<string> {
  const made = await as('ann').post('/v1/invitations', { role, email: 'new@example.com' });
  expect(made.status).toBe(201);
  return made.body.secret;
}

async function join(who: string, role: 'member' | 'owner' = 'member'): Promise<string> {
  const joined = await as(who).post('/v1/invitations/accept', { secret: await invite(role) });
  expect(joined.status).toBe(200);
  return joined.body.member.id;
}

/** Until what this process remembers has grown old. */
async function eventually(look: () => Promise<number>, status: number): Promise<void> {
  await expect.poll(look).toBe(status);
}

describe('invitations', () => {
  test('whoever has the secret joins, once, and is seen', async () => {
    const secret = await invite();
    const joined = await as('bob').post('/v1/invitations/accept', { secret });
    expect(joined.body).toMatchObject({
      account: { id: account },
      member: { principal: principal('bob'), role: 'member', kind: 'person', email: 'new@example.com' },
    });
    expect((await as('bob').get('/v1/me')).body).toMatchObject({ account: { id: account }, role: 'member' });
    const late = await as('carl').post('/v1/invitations/accept', { secret });
    expect([late.status, late.body.code]).toEqual([409, 'invalid_state']);
    const members = await as('bob').get('/v1/members');
    expect(members.body.items.map((member: { principal: string }) => member.principal)).toEqual([
      principal('bob'),
      principal('ann'),
    ]);
    const list = await as('ann').get('/v1/invitations');
    expect(list.body.items).toMatchObject([{ state: 'accepted', role: 'member' }]);
    expect(JSON.stringify(list.body)).not.toContain(secret);
  });

  test('a mistyped secret, and one that is not whole, is not there', async () => {
    const secret = await invite();
    const mistyped = secret.slice(0, -1) + (secret.endsWith('x') ? 'y' : 'x');
    for (const wrong of [mistyped, 'stgi_', 'x', secret.replace('stgi_', 'stgp_')]) {
      const answer = await as('bob').post('/v1/invitations/accept', { secret: wrong });
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
    }
  });

  test('a revoked one lets nobody in', async () => {
    const made = await as('ann').post('/v1/invitations', {});
    const { id } = made.body.invitation;
    expect((await as('ann').delete(`/v1/invitations/${id}`)).status).toBe(204);
    expect((await as('ann').delete(`/v1/invitations/${id}`)).body.code).toBe('invalid_state');
    const answer = await as('bob').post('/v1/invitations/accept', { secret: made.body.secret });
    expect([answer.status, answer.body.code]).toEqual([409, 'invalid_state']);
  });

  test('a repeat of the key makes no second one and does not show the secret again', async () => {
    const headers = { 'idempotency-key': 'one' };
    const first = await as('ann').post('/v1/invitations', { role: 'owner' }, headers);
    const again = await as('ann').post('/v1/invitations', { role: 'owner' }, headers);
    expect(first.body).toMatchObject({ secret: expect.stringMatching(/^stgi_/), secretStatus: 'shown' });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual({ ...first.body, secret: null, secretStatus: 'shown_before' });
    expect((await as('ann').get('/v1/invitations')).body.items).toHaveLength(1);
  });

  test('a repeat of an acceptance is answered as before, to the same person alone', async () => {
    const secret = await invite();
    const headers = { 'idempotency-key': 'join' };
    const first = await as('bob').post('/v1/invitations/accept', { secret }, headers);
    expect((await as('bob').post('/v1/invitations/accept', { secret }, headers)).body).toEqual(first.body);
    const other = await as('carl').post('/v1/invitations/accept', { secret }, headers);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
  });

  test('take somebody out of an account of their own while it is empty, and not afterwards', async () => {
    expect((await as('bob').get('/v1/me')).body.account.id).not.toBe(account);
    await join('bob');
    expect((await as('bob').get('/v1/me')).body.account.id).toBe(account);

    await as('carl').post('/v1/projects', { name: 'Mine' });
    const refused = await as('carl').post('/v1/invitations/accept', { secret: await invite() });
    expect([refused.status, refused.body.code]).toEqual([409, 'already_member']);
    expect((await as('carl').get('/v1/projects')).body.items).toHaveLength(1);
  });

  test('two at once bring somebody into one account, and the other says so', async () => {
    const ben = await makeAccount(api.store, principal('ben'));
    for (let n = 0; n < 8; n++) {
      const theirs = (await as('ben').post('/v1/invitations', {})).body.secret;
      const secrets = [await invite(), theirs];
      const answers = await Promise.all(
        secrets.map((secret) => as(`dora${n}`).post('/v1/invitations/accept', { secret })),
      );
      const codes = answers.map(({ status, body }) => body.code ?? status).sort();
      expect(codes).toEqual([200, 'already_member']);
      const joined = answers.find(({ status }) => status === 200)?.body.account.id;
      expect([account, ben]).toContain(joined);
      const found = await api.store.read.accounts.findByPrincipal(principal(`dora${n}`));
      expect(found?.account.id).toBe(joined);
    }
  });

  test('are for people', async () => {
    const answer = await as('robot').post('/v1/invitations/accept', { secret: await invite() });
    expect([answer.status, answer.body.code]).toEqual([409, 'invalid_state']);
  });
});

describe('members', () => {
  test('the last owner stays', async () => {
    const me = (await as('ann').get('/v1/members')).body.items[0].id;
    const answers = [
      await as('ann').delete('/v1/me/membership'),
      await as('ann').delete(`/v1/members/${me}`),
      await as('ann').patch(`/v1/members/${me}`, { role: 'member' }),
    ];
    expect(answers.map(({ body }) => body.code)).toEqual(['last_owner', 'last_owner', 'last_owner']);
    await join('bob', 'owner');
    expect((await as('ann').delete('/v1/me/membership')).status).toBe(204);
    await eventually(async () => (await as('ann').get('/v1/members')).body.items?.length ?? 0, 1);
    expect((await as('bob').get('/v1/members')).body.items).toMatchObject([{ principal: principal('bob') }]);
  });

  test('two owners who remove each other at once leave one', async () => {
    const bob = await join('bob', 'owner');
    const ann = (await as('bob').get('/v1/members')).body.items.find(
      (member: { principal: string }) => member.principal === principal('ann'),
    ).id;
    const [one, two] = await Promise.all([
      as('ann').delete(`/v1/members/${bob}`),
      as('bob').delete(`/v1/members/${ann}`),
    ]);
    expect([one.status, two.status].filter((status) => status === 204)).toHaveLength(1);
  });

  test('what is the owner’s alone is refused to a member, by the name of the role', async () => {
    const bob = await join('bob');
    const answers = [
      await as('bob').post('/v1/invitations', {}),
      await as('bob').get('/v1/invitations'),
      await as('bob').patch(`/v1/members/${bob}`, { role: 'owner' }),
    ];
    for (const { status, body } of answers) {
      expect([status, body.code, body.role]).toEqual([403, 'role_required', 'owner']);
    }
  });

  test.each([
    ['is removed', (id: string) => as('ann').delete(`/v1/members/${id}`)],
    ['owns the account no more', (id: string) => as('ann').patch(`/v1/members/${id}`, { role: 'member' })],
  ])('who %s keeps no way back, and makes none in the seconds before everybody knows', async (_, end) => {
    const bob = await join('bob', 'owner');
    const kept = await as('bob').post('/v1/invitations', { role: 'owner', email: 'bob@example.com' });
    const ended = end(bob);
    const mint = () => as('bob').post('/v1/invitations', { role: 'owner' });
    await Promise.all(Array.from({ length: 8 }, mint));
    expect((await ended).status).toBeLessThan(300);
    await mint();
    const back = await as('bob-again').post('/v1/invitations/accept', { secret: kept.body.secret });
    expect([back.status, back.body.code]).toEqual([409, 'invalid_state']);
    const { items } = (await as('ann').get('/v1/invitations')).body;
    expect(items.filter(({ state }: { state: string }) => state === 'open')).toEqual([]);
    expect(JSON.stringify(items)).not.toContain('bob@example.com');
  });

  test('one who is removed is out within seconds', async () => {
    const bob = await join('bob');
    expect((await as('ann').delete(`/v1/members/${bob}`)).status).toBe(204);
    await eventually(async () => ((await as('bob').get('/v1/me')).body.account.id === account ? 1 : 0), 0);
    expect((await as('ann').get(`/v1/members`)).body.items).toHaveLength(1);
  });
});

describe('personal access tokens', () => {
  const wish = { name: 'CI', scopes: ['account:read', 'images:read'] };

  test('act for whoever made them, with their scopes alone', async () => {
    const made = await as('ann').post('/v1/tokens', wish);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      secret: expect.stringMatching(/^stgp_[0-9A-Za-z]{39}$/),
      token: { principal: principal('ann'), state: 'live', lastUsedAt: null, scopes: wish.scopes },
    });
    const client = as(made.body.secret);
    expect((await client.get('/v1/me')).body).toMatchObject({
      principal: principal('ann'),
      account: { id: account },
      credential: { kind: 'token', id: made.body.token.id },
      scopes: wish.scopes,
    });
    expect((await client.get('/v1/images')).status).toBe(200);
    const refused = await client.get('/v1/projects');
    expect([refused.body.code, refused.body.scope]).toEqual(['insufficient_scope', 'projects:read']);
    await expect
      .poll(async () => (await as('ann').get('/v1/tokens')).body.items[0].lastUsedAt)
      .toEqual(expect.any(String));
  });

  test('cannot hold what makes more of them, or what is not granted to the asker', async () => {
    for (const scope of ['tokens:write', 'members:write', 'admin:read', 'account:write']) {
      const answer = await as('ann').post('/v1/tokens', { ...wish, scopes: [scope] });
      expect([scope, answer.status, answer.body.code]).toEqual([scope, 400, 'invalid_request']);
    }
  });

  test('stop within seconds when they are revoked, or when their maker is gone', async () => {
    await join('bob');
    const of = async (who: string) => (await as(who).post('/v1/tokens', wish)).body;
    const [first, second] = [await of('bob'), await of('bob')];
    const status = (secret: string) => async () => (await as(secret).get('/v1/me')).status;
    await eventually(status(first.secret), 200);
    await eventually(status(second.secret), 200);
    expect((await as('bob').delete(`/v1/tokens/${first.token.id}`)).status).toBe(204);
    await eventually(status(first.secret), 401);
    await eventually(status(second.secret), 200);
    const members = (await as('ann').get('/v1/members')).body.items;
    await as('ann').delete(`/v1/members/${members[0].id}`);
    await eventually(status(second.secret), 401);
    // Nor does a token make its former maker an account.
    expect(await api.store.read.accounts.findByPrincipal(principal('bob'))).toBeUndefined();
  });

  test('end the streams that they opened', async () => {
    const made = await as('ann').post('/v1/tokens', wish);
    const answer = await fetch(`${api.url}/v1/events`, {
      headers: { authorization: `Bearer ${made.body.secret}` },
      signal: AbortSignal.timeout(120_000),
    });
    expect(answer.status).toBe(200);
    await as('ann').delete(`/v1/tokens/${made.body.token.id}`);
    // To its end, which is not the timeout's.
    expect(await answer.text()).toContain('event: snapshot');
    expect((await as('ann').get('/v1/me')).status).toBe(200);
  });

  test('are seen and revoked by their maker and by owners, by nobody else', async () => {
    await join('bob');
    await join('carl');
    const made = await as('bob').post('/v1/tokens', wish);
    const { id } = made.body.token;
    expect((await as('carl').get('/v1/tokens')).body.items).toEqual([]);
    expect((await as('carl').delete(`/v1/tokens/${id}`)).status).toBe(404);
    expect((await as('bob').get('/v1/tokens')).body.items).toHaveLength(1);
    expect((await as('ann').delete(`/v1/tokens/${id}`)).status).toBe(204);
    expect((await as('bob').get('/v1/tokens')).body.items).toMatchObject([{ state: 'revoked' }]);
  });

  test('the key of one member tells another nothing of the token that it made', async () => {
    await join('bob');
    const headers = { 'idempotency-key': 'shared' };
    expect((await as('ann').post('/v1/tokens', wish, headers)).status).toBe(201);
    const other = await as('bob').post('/v1/tokens', wish, headers);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    expect(JSON.stringify(other.body)).not.toContain('tok_');
    expect((await as('bob').post('/v1/tokens', wish, { 'idempotency-key': 'own' })).status).toBe(201);
  });

  test('one that was mistyped is told without a look into the database', async () => {
    const made = await as('ann').post('/v1/tokens', wish);
    const wrong = made.body.secret.replace(/.$/, (last: string) => (last === 'a' ? 'b' : 'a'));
    const answer = await as(wrong).get('/v1/me');
    expect(answer.status).toBe(401);
    expect(answer.body.detail).toContain('mistyped');
  });

  test('are shown once', async () => {
    const headers = { 'idempotency-key': 'one' };
    const first = await as('ann').post('/v1/tokens', wish, headers);
    const again = await as('ann').post('/v1/tokens', wish, headers);
    expect(again.body).toEqual({ ...first.body, secret: null, secretStatus: 'shown_before' });
    const other = await as('ann').post('/v1/tokens', { ...wish, name: 'other' }, headers);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
  });
});

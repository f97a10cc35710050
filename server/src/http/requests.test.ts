import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi, type TestApiOptions } from '../../../tests/support/api.ts';
import { makeAccount } from '../../../tests/support/fixtures.ts';
import { routeList } from '../contract/index.ts';
import { newId } from '../core/ids.ts';
import type { Exchange } from './endpoint.ts';
import { endpoints } from './endpoints/index.ts';

let api: TestApi;
let usual: TestApi;
beforeAll(async () => {
  usual = api = await open();
  await makeAccount(usual.store, 'member');
});
afterEach(async () => {
  if (api !== usual) await api.close();
  api = usual;
});
afterAll(() => usual.close());

/** The token is the name of who sends it; `nope` is nobody. */
function open(options: Partial<TestApiOptions> = {}): Promise<TestApi> {
  return startTestApi({
    who: (token) =>
      token === 'nope' ? undefined : { subject: token, expiresAt: new Date(Date.now() + 3_600_000) },
    scopes: ['account:read', 'images:read', 'projects:read', 'projects:write'],
    ...options,
  });
}

/** An API that the test spoils or ends. */
async function startOwn(): Promise<void> {
  api = await open({ database: usual.database });
}

const member = { authorization: 'Bearer member' };

/** With headers as they are given, repeats included: fetch would join them. */
async function send(
  path: string,
  headers: readonly (readonly [string, string])[],
  { method = 'GET', body }: { method?: string; body?: string } = {},
): Promise<{ status: number | undefined; problem: { detail?: string; code?: string } }> {
  const { host } = new URL(api.url);
  const flat = [['host', host] as const, ...headers].flat();
  const outgoing = request(`${api.url}${path}`, { method, headers: flat });
  outgoing.end(body);
  const [answer] = await once(outgoing, 'response');
  let text = '';
  for await (const chunk of answer) text += chunk;
  return { status: answer.statusCode, problem: JSON.parse(text) };
}

describe('a request', () => {
  test.each([
    ['none', []],
    ['another scheme', [['authorization', 'Basic bWU6c2VjcmV0']]],
  ] as const)('with %s as credentials is told what to send, and of no error', async (_name, headers) => {
    const answer = await fetch(`${api.url}/v1/me`, { headers: Object.fromEntries(headers) });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="stager"']);
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('Authorization: Bearer') });
  });

  test.each([['Bearer nope'], ['Bearer a b']])('with %j is told that its token is wrong', async (header) => {
    const answer = await fetch(`${api.url}/v1/me`, { headers: { authorization: header } });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="stager", error="invalid_token"',
    ]);
  });

  test('keeps the id that it was given, when that is one', async () => {
    const ids = ['client-id.42', 'short', 'spaces are none'];
    const answers = await Promise.all(
      ids.map((id) => fetch(`${api.url}/livez`, { headers: { 'x-request-id': id } })),
    );
    const [kept, ...made] = answers.map(({ headers }) => headers.get('x-request-id'));
    expect(kept).toBe('client-id.42');
    for (const id of made) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('with a parameter twice is refused by the name of the parameter', async () => {
    const path = `/v1/events?imageId=${newId('img')}&imageId=${newId('img')}`;
    const { status, problem } = await send(path, [['authorization', 'Bearer member']]);
    expect([status, problem.detail]).toEqual([400, 'query.imageId is given 2 times; give it once.']);
  });

  test('with a NUL in a parameter is refused before a database sees it', async () => {
    const { status, problem } = await send('/v1/events?after=%00', [['authorization', 'Bearer member']]);
    expect([status, problem.detail]).toEqual([400, 'query.after has a NUL, which no text here can hold.']);
  });

  test.each([
    ['idempotency-key', 'POST', '/v1/projects'],
    ['last-event-id', 'GET', '/v1/events'],
    ['authorization', 'GET', '/v1/me'],
  ])('with the header %s twice is refused by its name', async (name, method, path) => {
    const value = name === 'authorization' ? 'Bearer member' : '1';
    const { status, problem } = await send(
      path,
      [
        ...(name === 'authorization' ? [] : [['authorization', 'Bearer member'] as const]),
        [name, value],
        [name, value],
        ['content-type', 'application/json'],
      ],
      { method, ...(method === 'POST' ? { body: '{"name":"p"}' } : {}) },
    );
    expect([status, problem.detail]).toEqual([400, `header.${name} is given 2 times; give it once.`]);
  });

  test('with a key that is none is told what a key is', async () => {
    const { status, problem } = await send(
      '/v1/projects',
      [
        ['authorization', 'Bearer member'],
        ['idempotency-key', 'a b'],
        ['content-type', 'application/json'],
      ],
      { method: 'POST', body: '{"name":"p"}' },
    );
    expect([status, problem.detail]).toEqual([
      400,
      'header.idempotency-key must be 1 to 255 visible ASCII characters.',
    ]);
  });
});

describe('a body', () => {
  test('without a length is read', async () => {
    // A body that is a stream is sent in chunks.
    const body = new Blob(['{"name":"In chunks"}']).stream();
    const answer = await fetch(`${api.url}/v1/projects`, {
      method: 'POST',
      headers: { ...member, 'content-type': 'application/json', 'idempotency-key': 'k1' },
      body,
      duplex: 'half',
    });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({ name: 'In chunks' });
  });

  test('without a type is refused', async () => {
    const { status, problem } = await send('/v1/projects', [['authorization', 'Bearer member']], {
      method: 'POST',
      body: '{"name":"p"}',
    });
    expect([status, problem.code]).toEqual([415, 'unsupported_media_type']);
  });

  test('that does not arrive whole makes nothing and is no failure of ours', async () => {
    const projects = async () => (await fetch(`${api.url}/v1/projects`, { headers: member })).json();
    const before = await projects();
    const logged = api.log.length;
    const { port } = new URL(api.url);
    const head = [
      'POST /v1/projects HTTP/1.1',
      'Host: x',
      'Authorization: Bearer member',
      'Content-Type: application/json',
      'Content-Length: 100',
      'Expect: 100-continue',
    ].join('\r\n');
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(`${head}\r\n\r\n`));
    // The server has seen the request when it says 100 Continue.
    await once(socket, 'data');
    socket.end('{"name":');
    await expect
      .poll(() => api.log.slice(logged).find(({ fields }) => fields['operation'] === 'createProject'))
      .toMatchObject({ level: 'info', fields: { status: 400 } });
    expect(await projects()).toEqual(before);
  });
});

test('an answer that breaks the contract is an error of ours and says nothing of its inside', async () => {
  await startOwn();
  const { accounts } = api.store.read;
  const find = accounts.findByPrincipal;
  accounts.findByPrincipal = async (principal) => {
    const found = await find(principal);
    // What no contract knows: what an old process reads behind a newer schema.
    return found && { ...found, account: { ...found.account, name: ['secret plan'] as never } };
  };
  const answer = await fetch(`${api.url}/v1/me`, { headers: member });
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain('secret plan');
  expect(api.log.find(({ level }) => level === 'error')?.fields).toMatchObject({
    operation: 'getMe',
    err: { message: expect.stringContaining('getMe broke its contract') },
  });
});

test('a process that drains lets no client stay on a connection', async () => {
  await startOwn();
  const get = async (path: string) =>
    (await fetch(`${api.url}${path}`, { headers: member })).headers.get('connection');
  expect(await get('/v1/me')).toBe('keep-alive');
  api.drain();
  for (const path of ['/v1/me', '/v1/events', '/livez', '/nowhere'])
    expect(await get(path), path).toBe('close');
});

test('a process that drains is alive but not ready', async () => {
  await startOwn();
  expect((await fetch(`${api.url}/readyz`)).status).toBe(200);
  api.drain();
  const ready = await fetch(`${api.url}/readyz`);
  expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, '1']);
  expect((await fetch(`${api.url}/livez`)).status).toBe(200);
});

test('every operation has its own endpoint, and none is reached without a caller that needs one', async () => {
  const all = Object.values(endpoints);
  expect(new Set(all.map(({ route }) => route))).toEqual(new Set(routeList));
  // What an endpoint gets when authentication was left out; it must not look at anything else.
  const anonymous = { token: null, caller: null } as Exchange;
  for (const endpoint of all.filter(({ route }) => route.scope !== null)) {
    await expect(endpoint.run(anonymous), endpoint.route.name).rejects.toThrow(/without a (caller|token)/);
  }
});

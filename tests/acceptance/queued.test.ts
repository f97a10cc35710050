import { Stager } from '@stager/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, createClient } from '../support/http.ts';
import { makePhoto } from '../support/photos.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let api: Client;
let originalId: string;
beforeAll(async () => {
  // No worker slot: what is queued stays queued.
  stack = await startTestStack({ env: { STAGER_WORKER_CONCURRENCY: '0' } });
  const token = await stack.token();
  api = createClient(stack.apiUrl, token);
  const stager = new Stager({ baseUrl: stack.apiUrl, token });
  const { bytes } = await makePhoto(1);
  for await (const event of stager.stage([{ name: 'a.jpg', bytes }], { engine: 'finish' })) {
    if (event.type === 'created') originalId = event.image.originalId;
  }
});
afterAll(() => stack.stop());

async function queueOne(projectId?: string): Promise<string> {
  const { body } = await api.post('/v1/images', {
    items: [{ originalId, engine: 'finish' }],
    ...(projectId ? { projectId } : {}),
  });
  return body.results[0].images[0].id;
}

describe('an image that waits', () => {
  test('can be canceled once, and queued again', async () => {
    const id = await queueOne();
    expect((await api.post(`/v1/images/${id}/cancel`)).body).toMatchObject({ id, state: 'canceled' });
    expect((await api.post(`/v1/images/${id}/cancel`)).body).toMatchObject({ code: 'invalid_state' });
    expect((await api.post(`/v1/images/${id}/retry`)).body).toMatchObject({
      id,
      state: 'queued',
      attempts: 0,
    });
    expect(
      (await api.get(`/v1/images?state=queued`)).body.items.map((image: { id: string }) => image.id),
    ).toContain(id);
  });

  test('can be deleted, and its going is told', async () => {
    const id = await queueOne();
    const stager = new Stager({ baseUrl: stack.apiUrl, token: await stack.token() });
    const types: string[] = [];
    for await (const event of stager.events({ imageId: id })) {
      types.push(event.type);
      if (event.type === 'snapshot') expect((await api.delete(`/v1/images/${id}`)).status).toBe(204);
      if (event.type === 'image.deleted') break;
    }
    expect(types).toEqual(['snapshot', 'image.deleted']);
    expect((await api.get(`/v1/images/${id}`)).status).toBe(404);
  });

  test('a repeated key cancels once and answers the same', async () => {
    const id = await queueOne();
    const headers = { 'idempotency-key': 'cancel-1' };
    const first = await api.post(`/v1/images/${id}/cancel`, undefined, headers);
    const again = await api.post(`/v1/images/${id}/cancel`, undefined, headers);
    expect(again.status).toBe(200);
    expect(again.body).toEqual(first.body);
  });
});

describe('projects', () => {
  test('are made, renamed, listed by page and deleted when they are empty', async () => {
    const names = ['North', 'South', 'West'];
    const made = [];
    for (const name of names) made.push((await api.post('/v1/projects', { name })).body);
    const [north, south] = made;
    expect((await api.post('/v1/projects', { name: 'NORTH' })).body).toMatchObject({ code: 'name_taken' });
    expect((await api.patch(`/v1/projects/${south.id}`, { name: 'north' })).body).toMatchObject({
      code: 'name_taken',
    });
    expect((await api.patch(`/v1/projects/${north.id}`, { name: ' Nord ' })).body).toMatchObject({
      name: 'Nord',
    });
    const page = (await api.get('/v1/projects?limit=2')).body;
    const rest = (await api.get(`/v1/projects?limit=2&cursor=${page.nextCursor}`)).body;
    expect([...page.items, ...rest.items].map((project: { name: string }) => project.name)).toEqual([
      'West',
      'South',
      'Nord',
    ]);
    const image = await queueOne(north.id);
    expect((await api.delete(`/v1/projects/${north.id}`)).body).toMatchObject({ code: 'invalid_state' });
    await api.delete(`/v1/images/${image}`);
    expect((await api.delete(`/v1/projects/${north.id}`)).status).toBe(204);
    expect((await api.get(`/v1/projects/${north.id}`)).status).toBe(404);
    expect((await api.post('/v1/projects', { name: 'Nord' })).status).toBe(201);
  });
});

describe('requests that are not what they should be', () => {
  const send = async (path: string, init: RequestInit) => {
    const headers = { authorization: `Bearer ${await stack.token()}`, ...init.headers };
    const response = await fetch(stack.apiUrl + path, { ...init, headers });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };

  test.each([
    ['an unknown parameter', '/v1/images?colour=red', {}, 400],
    ['a parameter where there is none', '/v1/me?x=1', {}, 400],
    ['a parameter twice', '/v1/images?limit=1&limit=2', {}, 400],
    ['a limit beyond the limit', '/v1/images?limit=1000', {}, 400],
    [
      'a cursor of another list',
      `/v1/images?cursor=${Buffer.from(`1:prj_${'0'.repeat(26)}`).toString('base64url')}`,
      {},
      400,
    ],
    ['an id of another kind', '/v1/images/prj_00000000000000000000000000', {}, 400],
    ['an id with SQL', "/v1/images/img_'%20or%201=1", {}, 400],
    ['a key with a space', '/v1/projects', post({ name: 'x' }, { 'idempotency-key': 'a b' }), 400],
    ['NUL in a name', '/v1/projects', post({ name: 'a\u0000b' }), 400],
    ['a lone surrogate in a name', '/v1/projects', post('{"name":"a\\ud800b"}'), 400],
    ['a prototype as a key', '/v1/projects', post('{"name":"p","__proto__":{"x":1}}'), 400],
    ['an array', '/v1/projects', post([]), 400],
    ['nothing', '/v1/projects', post(''), 400],
    ['compressed JSON', '/v1/projects', post({ name: 'x' }, { 'content-encoding': 'gzip' }), 415],
    ['deep nesting', '/v1/projects', post(`${'['.repeat(20_000)}${']'.repeat(20_000)}`), 400],
    [
      '101 files',
      '/v1/uploads',
      post({
        files: Array.from({ length: 101 }, () => ({
          sha256: 'a'.repeat(64),
          size: 1,
          contentType: 'image/jpeg',
        })),
      }),
      400,
    ],
    [
      'NUL in engine parameters',
      '/v1/images',
      post({ items: [{ originalId: `org_${'0'.repeat(26)}`, params: { a: '\u0000' } }] }),
      400,
    ],
  ])('%s is refused with a reason', async (_name, path, init, status) => {
    const answer = await send(path, init);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status, code: expect.any(String), detail: expect.any(String) });
  });
});

function post(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

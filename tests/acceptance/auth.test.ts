import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../support/http.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.stop());

describe('who may call', () => {
  test('fail: no JWT', async () => {
    const answer = await createClient(stack.apiUrl).get('/v1/me');
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({
      code: 'unauthenticated',
      status: 401,
      requestId: expect.any(String),
    });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    expect(answer.headers.get('x-request-id')).toBe(answer.body.requestId);
  });

  test('fail: invalid JWT', async () => {
    const token = await stack.token();
    const [head, , signature] = token.split('.');
    const claims = Buffer.from(JSON.stringify({ sub: 'auth0|demo', exp: 9_999_999_999 })).toString(
      'base64url',
    );
    for (const forged of ['nonsense', `${head}.${claims}.${signature}`, `${token}x`]) {
      const answer = await createClient(stack.apiUrl, forged).get('/v1/me');
      expect(answer.status).toBe(401);
      expect(answer.body.code).toBe('unauthenticated');
    }
  });

  test('success: valid JWT', async () => {
    const answer = await createClient(stack.apiUrl, await stack.token()).get('/v1/me');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      principal: 'stager-ci@clients',
      account: { name: 'Demo', plan: 'dev' },
    });
  });

  test('fail: requires auth', async () => {
    const client = createClient(stack.apiUrl);
    const tried = await Promise.all([
      client.post('/v1/uploads', { files: [] }),
      client.post('/v1/images', { items: [] }),
      client.get('/v1/images'),
      client.get('/v1/projects'),
      client.get('/v1/events'),
    ]);
    expect(tried.map((answer) => answer.status)).toEqual([401, 401, 401, 401, 401]);
  });

  test('a token in the query string is not looked at', async () => {
    const answer = await createClient(stack.apiUrl).get(`/v1/me?access_token=${await stack.token()}`);
    expect(answer.status).toBe(401);
  });

  test('a missing scope is named', async () => {
    const answer = await createClient(stack.apiUrl, await stack.token('projects:read')).get('/v1/images');
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ code: 'insufficient_scope', scope: 'images:read' });
  });

  test('what needs no token says where to log in and what can be done', async () => {
    const client = createClient(stack.apiUrl);
    const config = await client.get('/v1/auth/config');
    expect(config.body).toMatchObject({ issuer: stack.env['STAGER_DEV_ISSUER'], cliClientId: 'stager-cli' });
    const catalog = await client.get('/v1/catalog');
    expect(catalog.body.engines.map((engine: { name: string }) => engine.name)).toContain('finish');
    expect((await client.get('/livez')).status).toBe(200);
    expect((await client.get('/readyz')).status).toBe(200);
  });
});

describe('answers to what cannot be', () => {
  test('an address or a method that does not exist', async () => {
    const client = createClient(stack.apiUrl, await stack.token());
    expect((await client.get('/v1/nothing')).body).toMatchObject({ code: 'not_found' });
    const wrong = await client.delete('/v1/images');
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')).toContain('GET');
  });

  test('every violation is listed', async () => {
    const client = createClient(stack.apiUrl, await stack.token());
    const answer = await client.post('/v1/projects', { name: '', color: 'red' });
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe('invalid_request');
    expect(answer.body.issues.length).toBeGreaterThanOrEqual(2);
  });

  test('a body that is too large, not JSON or of another type', async () => {
    const token = await stack.token();
    const send = (body: string, type = 'application/json') =>
      fetch(`${stack.apiUrl}/v1/projects`, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${token}`, 'content-type': type },
      });
    expect((await send(JSON.stringify({ name: 'x'.repeat(300_000) }))).status).toBe(413);
    expect((await send('{')).status).toBe(400);
    expect((await send('name=x', 'application/x-www-form-urlencoded')).status).toBe(415);
  });
});

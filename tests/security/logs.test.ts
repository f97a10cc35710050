import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../support/http.ts';
import { logIn } from '../support/person.ts';
import { makePhoto } from '../support/photos.ts';
import { findSecrets, logsBelow } from '../support/secretsInLogs.ts';
import { makeTempDir, startTestStack, type TestStack } from '../support/stack.ts';

/*
 * Every stack that a test starts has its logs searched when it stops (see tests/support/stack.ts). Here secrets are put
 * wherever a careless line could pick one up; the search at the end is the test.
 */
const CANARY = 'canary5Kx2vQ9pLm';
let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ env: { STAGER_LOG_LEVEL: 'debug' } });
  stack.plant(CANARY);
});
afterAll(() => stack.stop());

const issuer = (path: string) => new URL(path, stack.env['STAGER_DEV_ISSUER']);

async function statusOf(url: string | URL, init?: RequestInit): Promise<number> {
  const answer = await fetch(url, init);
  await answer.arrayBuffer();
  return answer.status;
}

test('credentials that are refused', async () => {
  const send = (authorization: string) => statusOf(`${stack.apiUrl}/v1/me`, { headers: { authorization } });
  const jwt = `eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.${Buffer.from(CANARY).toString('base64url')}.${CANARY}`;
  for (const credential of [
    `Bearer ${CANARY}`,
    `Bearer ${jwt}`,
    `Bearer stgp_${CANARY}`,
    `Basic ${CANARY}`,
  ]) {
    expect(await send(credential)).toBe(401);
  }
  const cookie = { cookie: `session=${CANARY}`, 'x-api-key': CANARY };
  expect(await statusOf(`${stack.apiUrl}/v1/me`, { headers: cookie })).toBe(401);
});

test('query strings, of addresses that are there and of such that are not', async () => {
  const headers = { authorization: `Bearer ${await stack.token()}` };
  const query = `access_token=${CANARY}&email=${CANARY}@example.com&X-Amz-Signature=${CANARY}`;
  expect(await statusOf(`${stack.apiUrl}/v1/me?${query}`, { headers })).toBe(400);
  expect(await statusOf(`${stack.apiUrl}/v1/nothing/${CANARY}?${query}`, { headers })).toBe(404);
  expect(await statusOf(`${stack.apiUrl}/v1/images/${CANARY}`, { headers })).toBe(400);
  expect(await statusOf(`${stack.apiUrl}/objects/photos/${CANARY}?signature=${CANARY}`)).toBe(403);
});

test('what is no request at all', async () => {
  const socket = connect(Number(new URL(stack.apiUrl).port), '127.0.0.1');
  socket.write(`GET /v1/me?t=${CANARY} HTTP/1.1\r\nAuthorization: Bearer ${CANARY}\r\nbroken\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += chunk;
  expect(text).toContain('HTTP/1.1 400');
});

test('presigned links, good and tampered with', async () => {
  const client = createClient(stack.apiUrl, await stack.token());
  const { bytes, sha256, contentType } = await makePhoto(1);
  const asked = await client.post('/v1/uploads', { files: [{ sha256, size: bytes.length, contentType }] });
  const [ticket] = asked.body.results;
  for (const [name, value] of new URL(ticket.url).searchParams) {
    if (/sig/i.test(name)) stack.plant(value);
  }
  const put = (url: string) => statusOf(url, { method: 'PUT', headers: ticket.headers, body: bytes });
  expect(await put(`${ticket.url}${CANARY}`)).toBe(403);
  expect(await put(ticket.url)).toBe(200);
});

test('e-mail addresses and secrets in bodies', async () => {
  const token = await logIn(stack, 'demo');
  stack.plant(token);
  const client = createClient(stack.apiUrl, token);
  const invited = await client.post('/v1/invitations', { email: `${CANARY}@example.com` });
  expect(invited.status).toBe(201);
  stack.plant(invited.body.secret);
  const wrong = await client.post('/v1/invitations/accept', { secret: `stgi_${CANARY}` });
  expect(wrong.status).toBe(404);
  const made = await client.post('/v1/tokens', { name: 'x', scopes: ['images:read'] });
  expect(made.status).toBe(201);
  stack.plant(made.body.secret);
  expect((await createClient(stack.apiUrl, made.body.secret).get('/v1/images')).status).toBe(200);
  const broken = { name: { email: `${CANARY}@example.com` }, token: CANARY };
  expect((await client.post('/v1/projects', broken)).status).toBe(400);
});

test('what the issuer is given: client secrets, device codes, refresh tokens', async () => {
  const ask = (form: Record<string, string>) =>
    fetch(issuer('oauth/token'), { method: 'POST', body: new URLSearchParams(form) });
  const client = { client_id: 'stager-ci', client_secret: CANARY, grant_type: 'client_credentials' };
  expect((await ask(client)).ok).toBe(false);
  const code = { client_id: 'stager-cli', grant_type: 'urn:ietf:params:oauth:grant-type:device_code' };
  expect((await ask({ ...code, device_code: CANARY })).ok).toBe(false);
  const refresh = { client_id: 'stager-cli', grant_type: 'refresh_token' };
  expect((await ask({ ...refresh, refresh_token: CANARY })).ok).toBe(false);
  const started = await fetch(issuer('oauth/device/code'), {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'stager-cli', scope: 'openid offline_access' }),
  });
  // RFC 8628 section 3.2
  const { device_code } = (await started.json()) as { device_code: string };
  stack.plant(device_code);
  const granted = (await (await ask({ ...code, device_code })).json()) as { refresh_token: string };
  stack.plant(granted.refresh_token);
  expect((await ask({ ...refresh, refresh_token: granted.refresh_token })).ok).toBe(true);
  // Once more is what a thief would do.
  expect((await ask({ ...refresh, refresh_token: granted.refresh_token })).ok).toBe(false);
});

test('all of this was logged, without what was secret about it', async () => {
  const api = () => readFileSync(join(stack.dataDir, 'logs/api.log'), 'utf8');
  await expect.poll(api).toContain('"operation":"createInvitation"');
  expect(api()).toContain('"msg":"request refused"');
  expect(logsBelow(stack.dataDir).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['logs/api.log', 'logs/worker.log', 'postgres.log']),
  );
});

test.each([
  ['a token of the issuer', 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln'],
  ['a personal access token, an invitation or a session', `stgp_${CANARY}`],
  ['an Authorization header', `authorization: Bearer ${CANARY}`],
  ['a signed link', `GET /objects/a?expires=1&signature=${'a'.repeat(43)}`],
  ['an e-mail address', 'from ann@example.com'],
  ['a secret that a test has planted', `x${CANARY}x`],
])('the search finds %s', (what, line) => {
  const dir = makeTempDir('stager-logs');
  mkdirSync(join(dir, 'logs'));
  appendFileSync(join(dir, 'logs/api.log'), `{"msg":"good"}\n{"msg":"${line}"}\n`);
  const found = findSecrets(logsBelow(dir), [CANARY]);
  rmSync(dir, { recursive: true });
  expect(found).toContain(`logs/api.log:2 holds ${what}`);
  expect(found.join()).not.toContain(CANARY);
});

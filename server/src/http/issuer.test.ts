import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import jwt from 'jsonwebtoken';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../../tests/support/api.ts';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import { makeAccount } from '../../../tests/support/fixtures.ts';
import { createClient } from '../../../tests/support/http.ts';
import { createKeySet } from '../infra/jwks.ts';
import { createPostgresStore } from '../infra/postgres/index.ts';
import { createTokenVerifier } from './middleware/authenticate.ts';

const AUDIENCE = 'https://api.example';

interface Key {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwk: object;
}

function newKey(kid: string): Key {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
  return { kid, privateKey, jwk };
}

/** An issuer, as far as the API asks it for anything. */
const issuer = { url: '', up: true, published: [] as Key[], asked: 0 };
let database: TestDatabase;
let api: TestApi;
/** Of the key set, which counts seconds: it stands still while the requests of a test take theirs. */
let time: number;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const store = createPostgresStore({ url: database.apiUrl, pool: 1 });
  await makeAccount(store, 'auth0|ann');
  await store.close();
});
afterAll(() => database.drop());
beforeEach(async () => {
  Object.assign(issuer, { up: true, published: [newKey('first')], asked: 0 });
  time = Date.now();
  const server = createServer((req, res) => {
    issuer.asked += 1;
    const discovery = { issuer: issuer.url, jwks_uri: `${issuer.url}keys` };
    const body = req.url === '/keys' ? { keys: issuer.published.map(({ jwk }) => jwk) } : discovery;
    res.writeHead(issuer.up ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  // Listening on TCP gives an AddressInfo.
  issuer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const keys = createKeySet({ issuer: issuer.url, now: () => time });
  api = await startTestApi({
    database,
    who: () => undefined,
    scopes: [],
    verifyToken: createTokenVerifier({ keys, issuer: issuer.url, audience: AUDIENCE }),
  });
  closers.push(
    () => api.close(),
    () => new Promise((done) => server.close(done)),
    () => server.closeAllConnections(),
  );
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function token(key: Key, kid = key.kid): string {
  // A name of its own: a token that was verified before would be remembered.
  const claims = {
    jti: randomUUID(),
    sub: 'auth0|ann',
    scope: 'account:read',
    iss: issuer.url,
    aud: AUDIENCE,
  };
  return jwt.sign(claims, key.privateKey, { algorithm: 'RS256', keyid: kid, expiresIn: 600 });
}

const me = (presented: string) => createClient(api.url, presented).get('/v1/me');
const first = () => issuer.published[0] ?? newKey('none');

test('a thousand tokens with random key ids cost a handful of questions, and good tokens pass meanwhile', async () => {
  const good = () => me(token(first()));
  expect((await good()).status).toBe(200);
  const stranger = newKey('stranger');
  const bad = token(stranger).split('.').slice(1).join('.');
  let passed = 0;
  for (let hundred = 0; hundred < 10; hundred++) {
    const flood = Array.from({ length: 100 }, (_, n) => {
      const head = { alg: 'RS256', typ: 'JWT', kid: `random-${hundred}-${n}` };
      return me(`${Buffer.from(JSON.stringify(head)).toString('base64url')}.${bad}`);
    });
    const [mine, ...answers] = await Promise.all([good(), ...flood]);
    passed += mine.status === 200 ? 1 : 0;
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.code}`))).toEqual(
      new Set(['401 unauthenticated']),
    );
  }
  expect(passed).toBe(10);
  // Discovery and keys, once.
  expect(issuer.asked).toBe(2);
});

test('a rotation needs no restart', async () => {
  const old = first();
  expect((await me(token(old))).status).toBe(200);
  const next = newKey('second');
  issuer.published = [next];
  time += 31_000;
  expect((await me(token(next))).status).toBe(200);
  expect((await me(token(old))).status).toBe(401);
});

test('with the issuer down, keys that are known go on working', async () => {
  expect((await me(token(first()))).status).toBe(200);
  issuer.up = false;
  time += 60 * 60_000;
  expect((await me(token(first()))).status).toBe(200);
  const unknown = await me(token(newKey('second')));
  expect([unknown.status, unknown.body.code]).toEqual([503, 'issuer_unavailable']);
});

test('with the issuer down and nothing known, it is an outage with a time to come back', async () => {
  issuer.up = false;
  const answer = await me(token(first()));
  expect([answer.status, answer.body.code, answer.body.retryable]).toEqual([503, 'issuer_unavailable', true]);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  const before = issuer.asked;
  await Promise.all(Array.from({ length: 50 }, () => me(token(first()))));
  expect(issuer.asked - before).toBeLessThanOrEqual(2);
  issuer.up = true;
  time += 1_000;
  expect((await me(token(first()))).status).toBe(200);
});

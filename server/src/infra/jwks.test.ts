import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import nock from 'nock';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createKeySet } from './jwks.ts';

const ISSUER = 'https://tenant.example.auth0.com/';

function jwk(kid: string) {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
}

let fetches = 0;

function serve(keys: () => object[] | number): void {
  nock(ISSUER)
    .persist()
    .get('/.well-known/openid-configuration')
    .reply(200, { issuer: ISSUER, jwks_uri: `${ISSUER}keys` });
  nock(ISSUER)
    .persist()
    .get('/keys')
    .reply(() => {
      fetches += 1;
      const answer = keys();
      return typeof answer === 'number' ? [answer, 'no'] : [200, { keys: answer }];
    });
}

beforeEach(() => {
  fetches = 0;
  nock.disableNetConnect();
});
afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

describe('key set', () => {
  test('many tokens cost one fetch', async () => {
    const key = jwk('a');
    serve(() => [key]);
    const keys = createKeySet({ issuer: ISSUER });
    const found = await Promise.all(Array.from({ length: 50 }, () => keys.publicKey('a')));
    expect(new Set(found).size).toBe(1);
    expect(found[0]).toContain('BEGIN PUBLIC KEY');
    expect(fetches).toBe(1);
  });

  test('a thousand unknown kids cost a handful of fetches and harm no good token', async () => {
    const key = jwk('a');
    serve(() => [key]);
    let now = 0;
    const keys = createKeySet({ issuer: ISSUER, now: () => now });
    for (let i = 0; i < 1000; i += 1) {
      now += 50;
      await expect(keys.publicKey(`unknown-${i}`)).rejects.toThrow('no such key');
    }
    await expect(keys.publicKey('a')).resolves.toContain('PUBLIC KEY');
    expect(fetches).toBeLessThanOrEqual(3);
  });

  test('a rotated key is found without a restart and drops what was derived from the old ones', async () => {
    let published = [jwk('old')];
    serve(() => published);
    let now = 0;
    const keys = createKeySet({ issuer: ISSUER, now: () => now });
    await keys.publicKey('old');
    const before = keys.generation;
    published = [jwk('new')];
    now += 31_000;
    await expect(keys.publicKey('new')).resolves.toContain('PUBLIC KEY');
    expect(keys.generation).toBeGreaterThan(before);
    await expect(keys.publicKey('old')).rejects.toThrow('no such key');
  });

  test('with the issuer down a known key goes on working, an unknown one is an outage', async () => {
    let up = true;
    const key = jwk('a');
    serve(() => (up ? [key] : 503));
    let now = 0;
    const keys = createKeySet({ issuer: ISSUER, now: () => now });
    await keys.publicKey('a');
    up = false;
    now += 11 * 60_000;
    await expect(keys.publicKey('a')).resolves.toContain('PUBLIC KEY');
    now += 31_000;
    await expect(keys.publicKey('b')).rejects.toMatchObject({ name: 'IssuerUnavailable' });
  });

  test('an issuer that hangs holds up no known key, and what it says in the end counts', async () => {
    const held = Promise.withResolvers<void>();
    let hangs = false;
    let published = [jwk('a')];
    const server = createServer(async (req, res) => {
      if (hangs) await held.promise;
      const document = { issuer, jwks_uri: `${issuer}keys` };
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify(req.url === '/keys' ? { keys: published } : document));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void server.close());
    nock.enableNetConnect('127.0.0.1');
    // The server listens on an address, not on a pipe.
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    let now = 0;
    const keys = createKeySet({ issuer, now: () => now });
    await keys.publicKey('a');
    hangs = true;
    now += 11 * 60_000;
    const answers = Promise.all([keys.publicKey('a'), keys.publicKey('a')]);
    now += 5_000;
    // The issuer says nothing before all of these have their answer.
    for (const key of [...(await answers), await keys.publicKey('a')]) expect(key).toContain('PUBLIC KEY');
    published = [jwk('b')];
    held.resolve();
    await expect(keys.publicKey('b')).resolves.toContain('PUBLIC KEY');
    await expect(keys.publicKey('a')).rejects.toMatchObject({ name: 'TokenRejected' });
  });

  test('while strangers keep asking for keys that do not exist, a new one is accepted within the cooldown', async () => {
    const old = jwk('old');
    let published = [old];
    serve(() => published);
    let now = 0;
    const keys = createKeySet({ issuer: ISSUER, now: () => now });
    await keys.publicKey('old');
    published = [old, jwk('new')];
    const rotatedAt = now;
    let accepted = Number.POSITIVE_INFINITY;
    for (let n = 0; now < 120_000 && accepted === Number.POSITIVE_INFINITY; n += 1) {
      now += 100;
      await expect(keys.publicKey(`stranger-${n}`)).rejects.toMatchObject({ name: 'TokenRejected' });
      await expect(keys.publicKey('old')).resolves.toContain('PUBLIC KEY');
      const found = await keys.publicKey('new').catch(() => undefined);
      if (found) accepted = now;
    }
    expect(accepted - rotatedAt).toBeLessThanOrEqual(30_100);
    expect(fetches).toBe(2);
  });

  test('an outage is never taken for a key that does not exist, and is over soon after it ends', async () => {
    let up = true;
    let published = [jwk('a')];
    serve(() => (up ? published : 503));
    let now = 0;
    const keys = createKeySet({ issuer: ISSUER, now: () => now });
    await keys.publicKey('a');
    up = false;
    published = [...published, jwk('b')];
    now += 31_000;
    for (let n = 0; n < 200; n += 1) {
      now += 20;
      await expect(keys.publicKey('b')).rejects.toMatchObject({ name: 'IssuerUnavailable' });
      await expect(keys.publicKey('a')).resolves.toContain('PUBLIC KEY');
    }
    // One a second, not one a request.
    expect(fetches).toBeLessThanOrEqual(6);
    up = true;
    now += 1_000;
    await expect(keys.publicKey('b')).resolves.toContain('PUBLIC KEY');
  });

  test('with nothing cached an issuer that is down is an outage', async () => {
    serve(() => 500);
    await expect(createKeySet({ issuer: ISSUER }).publicKey('a')).rejects.toMatchObject({
      name: 'IssuerUnavailable',
    });
  });

  test('a discovery document of another issuer is not followed', async () => {
    nock(ISSUER)
      .get('/.well-known/openid-configuration')
      .reply(200, { issuer: 'https://evil.example/', jwks_uri: 'https://evil.example/keys' });
    await expect(createKeySet({ issuer: ISSUER }).publicKey('a')).rejects.toMatchObject({
      name: 'IssuerUnavailable',
    });
  });

  test.each([[undefined], [''], [7], ['x'.repeat(129)]])('kid %j is refused without a fetch', async (kid) => {
    serve(() => [jwk('a')]);
    await expect(createKeySet({ issuer: ISSUER }).publicKey(kid)).rejects.toMatchObject({
      name: 'TokenRejected',
    });
    expect(fetches).toBe(0);
  });
});

import { createHmac, generateKeyPairSync } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { describe, expect, test } from 'vitest';
import { routes } from '../../contract/index.ts';
import { IssuerUnavailable, TokenRejected } from '../../ports/index.ts';
import { bearerToken, createTokenVerifier, requireScope } from './authenticate.ts';

const ISSUER = 'https://issuer.example/';
const AUDIENCE = 'https://api.example';
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();

function verifier(options: { now?: () => number } = {}) {
  let asked = 0;
  let generation = 1;
  const keys = {
    get generation() {
      return generation;
    },
    publicKey: async (kid: unknown) => {
      asked += 1;
      if (kid === 'down') throw new IssuerUnavailable('down');
      if (kid !== 'k1') throw new TokenRejected('no such key');
      return publicPem;
    },
  };
  return {
    verify: createTokenVerifier({ keys, issuer: ISSUER, audience: AUDIENCE, ...options }),
    asked: () => asked,
    rotate: () => {
      generation += 1;
    },
  };
}

function sign(claims: object, options: jwt.SignOptions = {}, key = pair.privateKey) {
  return jwt.sign(
    { sub: 'auth0|demo', scope: 'images:read projects:read', iss: ISSUER, aud: AUDIENCE, ...claims },
    key,
    {
      algorithm: 'RS256',
      keyid: 'k1',
      ...('exp' in claims ? {} : { expiresIn: 600 }),
      ...options,
    },
  );
}

function forge(header: object, claims: object, signature: (input: string) => string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${signature(input)}`;
}

const goodClaims = {
  sub: 'auth0|demo',
  iss: ISSUER,
  aud: AUDIENCE,
  exp: Math.floor(Date.now() / 1000) + 600,
  scope: '',
};

const { exp: _, ...withoutExp } = goodClaims;

describe('access tokens', () => {
  test('success: valid JWT', async () => {
    const token = await verifier().verify(sign({ azp: 'cli' }));
    expect(token).toMatchObject({
      subject: 'auth0|demo',
      scopes: ['images:read', 'projects:read'],
      credential: { kind: 'login', id: 'cli' },
    });
  });

  const now = Math.floor(Date.now() / 1000);
  test.each([
    ['garbage', 'abc'],
    ['three empty parts', '..'],
    ['expired', sign({ exp: now - 10 })],
    ['not yet valid', sign({ nbf: now + 60 })],
    ['another audience', sign({ aud: 'https://else.example' })],
    ['another issuer', sign({ iss: 'https://else.example/' })],
    ['the issuer without its slash', sign({ iss: 'https://issuer.example' })],
    ['no sub', sign({ sub: undefined })],
    ['an unknown key', sign({}, { keyid: 'k2' })],
    ['no key id', jwt.sign(goodClaims, pair.privateKey, { algorithm: 'RS256' })],
    ['a foreign signature', sign({}, {}, other.privateKey)],
    ['RS512', sign({}, { algorithm: 'RS512' })],
    ['PS256', sign({}, { algorithm: 'PS256' })],
    ['alg none', forge({ alg: 'none', kid: 'k1' }, goodClaims, () => '')],
    [
      'HS256 with the public key as secret',
      forge({ alg: 'HS256', kid: 'k1' }, goodClaims, (input) =>
        createHmac('sha256', publicPem).update(input).digest('base64url'),
      ),
    ],
    ['a token without exp', jwt.sign(withoutExp, pair.privateKey, { algorithm: 'RS256', keyid: 'k1' })],
    ['no sub that is a name', sign({ sub: '' })],
    ['a sub with a NUL', sign({ sub: 'auth0|de\0mo' })],
    ['a sub with half a character', sign({ sub: 'auth0|\ud800' })],
    ['an exp that is no date', sign({ exp: 1e300 })],
    ['a token that is bound to a key of the client', sign({ cnf: { jkt: 'thumbprint' } })],
    ['critical extensions', sign({}, { header: { alg: 'RS256', crit: ['b64'] } })],
    ['a token of absurd length', sign({ filler: 'x'.repeat(9000) })],
  ])('fail: invalid JWT (%s)', async (_name, token) => {
    await expect(verifier().verify(token)).rejects.toMatchObject({ name: 'TokenRejected' });
  });

  test('a clock that is 3 s off is tolerated, one that is 10 s off is not', async () => {
    // Not `now` of the file: seconds may have passed since it was loaded.
    const seconds = Math.floor(Date.now() / 1000);
    await expect(verifier().verify(sign({ exp: seconds - 3 }))).resolves.toBeDefined();
    await expect(verifier().verify(sign({ nbf: seconds + 10 }))).rejects.toMatchObject({
      name: 'TokenRejected',
    });
  });

  test('an issuer that is down is an outage, not a bad token', async () => {
    await expect(verifier().verify(sign({}, { keyid: 'down' }))).rejects.toMatchObject({
      name: 'IssuerUnavailable',
    });
  });

  test('a verified token is remembered until its keys change or a minute has passed', async () => {
    let time = Date.now();
    const { verify, asked, rotate } = verifier({ now: () => time });
    const token = sign({});
    await verify(token);
    await verify(token);
    expect(asked()).toBe(1);
    rotate();
    await verify(token);
    expect(asked()).toBe(2);
    time += 61_000;
    await verify(token);
    expect(asked()).toBe(3);
  });

  test('the memory never outlives the token', async () => {
    let time = Date.now();
    const { verify, asked } = verifier({ now: () => time });
    const token = sign({ exp: Math.floor(time / 1000) + 20 });
    await verify(token);
    time += 21_000;
    await verify(token);
    expect(asked()).toBe(2);
  });
});

describe('the Authorization header', () => {
  // RFC 6750 section 3.1: no credentials and those of another scheme are answered without an error code.
  test.each([
    ['nothing', undefined],
    ['an empty header', ''],
    ['another scheme', 'Basic abc'],
    ['no scheme', 'abc'],
    ['a scheme that only begins like ours', 'BearerX abc'],
  ])('fail: no JWT (%s)', (_name, header) => {
    expect(() => bearerToken(header)).toThrow(
      expect.objectContaining({ code: 'unauthenticated', extra: { noCredentials: true } }),
    );
  });
  test.each([['Bearer'], ['Bearer a b'], ['Bearer a,b']])('%j is refused', (header) => {
    expect(() => bearerToken(header)).toThrow(
      expect.objectContaining({ code: 'unauthenticated', extra: {} }),
    );
  });
  test.each([['Bearer abc.def-_'], ['bearer abc.def-_']])('%j is read', (header) => {
    expect(bearerToken(header)).toBe('abc.def-_');
  });
});

test('a missing scope is named', () => {
  const token = {
    subject: 's',
    scopes: ['projects:read'],
    credential: { kind: 'login', id: null },
    accountId: null,
    expiresAt: new Date(),
  } as const;
  expect(() => requireScope(routes.listImages, token)).toThrow(
    expect.objectContaining({ code: 'insufficient_scope', extra: { scope: 'images:read' } }),
  );
  expect(() => requireScope(routes.listProjects, token)).not.toThrow();
});

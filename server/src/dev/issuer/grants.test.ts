import { describe, expect, test } from 'vitest';
import { accessTokenClaims, clientScopes, grantedScopes, parseScope, personClaims } from './grants.ts';

const KNOWN = ['images:read', 'images:write', 'account:read'];
const DEMO = { id: 'demo', name: 'Demo', email: 'demo@example.com', scopes: KNOWN };

test.each([
  [undefined, []],
  ['', []],
  [['a'], []],
  ['a  b a', ['a', 'b']],
])('the scope parameter %j is %j', (scope, list) => {
  expect(parseScope(scope)).toEqual(list);
});

describe('what an approval gives', () => {
  test.each([
    { asks: ['openid', 'images:read'], has: KNOWN, oidc: ['openid'], api: ['images:read'], refused: [] },
    { asks: ['images:write'], has: ['images:read'], oidc: [], api: [], refused: ['images:write'] },
    { asks: [], has: KNOWN, oidc: [], api: [], refused: [] },
    { asks: ['root', 'offline_access'], has: ['root'], oidc: ['offline_access'], api: [], refused: [] },
  ])('$asks asked of one who has $has', ({ asks, has, ...granted }) => {
    expect(grantedScopes(asks, has, KNOWN)).toEqual(granted);
  });

  test('a machine is limited by itself, and by what exists', () => {
    const machine = {
      kind: 'machine',
      id: 'ci',
      name: 'CI',
      secret: 's',
      scopes: ['images:read', 'x'],
    } as const;
    expect(clientScopes(machine, KNOWN)).toEqual(['images:read']);
    expect(clientScopes({ kind: 'device', id: 'cli', name: 'CLI' }, KNOWN)).toEqual(KNOWN);
  });
});

describe('access tokens have the shape of those of Auth0', () => {
  const base = {
    issuer: 'http://i/',
    audience: 'https://api',
    clientId: 'c',
    subject: 'auth0|demo',
    issuedAt: 1,
    expiresAt: 601,
    id: 'j',
  };

  test('a person, with openid', () => {
    const facts = { ...base, user: DEMO, apiScopes: ['images:read'], oidcScopes: ['openid'] };
    expect(accessTokenClaims(facts)).toEqual({
      iss: 'http://i/',
      sub: 'auth0|demo',
      aud: ['https://api', 'http://i/userinfo'],
      iat: 1,
      exp: 601,
      scope: 'openid images:read',
      azp: 'c',
      permissions: KNOWN,
      jti: 'j',
    });
  });

  test('a machine', () => {
    const facts = { ...base, user: undefined, apiScopes: ['images:read'], oidcScopes: [] };
    expect(accessTokenClaims(facts)).toMatchObject({
      sub: 'c@clients',
      gty: 'client-credentials',
      aud: 'https://api',
      permissions: ['images:read'],
    });
  });

  test('no scope, no claim', () => {
    const facts = { ...base, user: DEMO, apiScopes: [], oidcScopes: [] };
    expect(accessTokenClaims(facts)).not.toHaveProperty('scope');
  });
});

test('name and email need their scopes', () => {
  expect(personClaims(DEMO, 's', ['openid'])).toEqual({ sub: 's' });
  expect(personClaims(DEMO, 's', ['email'])).toEqual({
    sub: 's',
    email: 'demo@example.com',
    email_verified: true,
  });
});

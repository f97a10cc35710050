import type { IssuerClient, IssuerUser } from './options.ts';
import { OIDC_SCOPES } from './options.ts';

/** A scope parameter (RFC 6749 section 3.3) as a list without repeats. */
export function parseScope(scope: unknown): string[] {
  if (typeof scope !== 'string') return [];
  return [...new Set(scope.split(' ').filter((name) => name !== ''))];
}

export interface GrantedScopes {
  /** About the person: openid, profile, email, offline_access. */
  readonly oidc: readonly string[];
  /** API scopes: asked for and allowed. */
  readonly api: readonly string[];
  /** API scopes asked for, which this user may not have. */
  readonly refused: readonly string[];
}

/** What a person's approval gives: never more than was asked for, never more than the person has. */
export function grantedScopes(
  requested: readonly string[],
  allowed: readonly string[],
  known: readonly string[],
): GrantedScopes {
  const api = requested.filter((scope) => known.includes(scope));
  return {
    oidc: requested.filter((scope) => OIDC_SCOPES.includes(scope)),
    api: api.filter((scope) => allowed.includes(scope)),
    refused: api.filter((scope) => !allowed.includes(scope)),
  };
}

/** API scopes that a client can obtain at all; for a person's client the person is the limit. */
export function clientScopes(client: IssuerClient | undefined, known: readonly string[]): readonly string[] {
  if (client?.kind !== 'machine') return known;
  return known.filter((scope) => client.scopes.includes(scope));
}

export interface TokenFacts {
  readonly issuer: string;
  readonly audience: string;
  readonly clientId: string;
  readonly user: IssuerUser | undefined;
  readonly subject: string;
  readonly apiScopes: readonly string[];
  readonly oidcScopes: readonly string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly id: string;
}

/**
 * The claims of an access token in Auth0's shape, quirks included, so that a server that works here works
 * there: a machine's `sub` ends in `@clients`; with `openid` the audience is a list that also names
 * /userinfo; `permissions` holds all that the user may do with the API, whatever was asked for (role-based
 * access control with "add permissions in the access token"), so only `scope` limits a token.
 */
export function accessTokenClaims(facts: TokenFacts): Record<string, unknown> {
  const scopes = [...facts.oidcScopes, ...facts.apiScopes];
  const machine = facts.user === undefined;
  return {
    iss: facts.issuer,
    sub: machine ? `${facts.clientId}@clients` : facts.subject,
    aud: facts.oidcScopes.includes('openid') ? [facts.audience, `${facts.issuer}userinfo`] : facts.audience,
    iat: facts.issuedAt,
    exp: facts.expiresAt,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    azp: facts.clientId,
    ...(machine ? { gty: 'client-credentials' } : {}),
    permissions: facts.user?.scopes ?? facts.apiScopes,
    jti: facts.id,
  };
}

/** The claims about a person that these scopes open (OpenID Connect Core section 5.4). */
export function personClaims(user: IssuerUser, subject: string, scopes: readonly string[]) {
  return {
    sub: subject,
    ...(scopes.includes('profile') ? { name: user.name, nickname: user.id } : {}),
    ...(scopes.includes('email') ? { email: user.email, email_verified: true } : {}),
  };
}

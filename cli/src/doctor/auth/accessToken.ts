import { createPublicKey, verify } from 'node:crypto';
import type { AuthConfig } from '../../auth/deviceLogin.ts';
import { type Finding, failed, ok, warning } from '../types.ts';
import type { RsaKey } from './tenant.ts';

export interface Claims {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Parts of a JWT, unverified; undefined for an opaque token. */
export function decodeJwt(token: string): Claims | undefined {
  const [head, body, signature, ...more] = token.split('.');
  if (!head || !body || !signature || more.length > 0) return undefined;
  try {
    return { header: parsePart(head), payload: parsePart(body) };
  } catch {
    return undefined;
  }
}

function parsePart(part: string): Record<string, unknown> {
  const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
  if (typeof value !== 'object' || value === null) throw new Error('not an object');
  return { ...value };
}

const APIS = 'In Auth0: Applications > APIs > your API > Settings';

/** Whether the API would take a token of this tenant, and whether its scopes come from roles. The token is not shown. */
export function judgeToken(token: string, config: AuthConfig, keys: readonly RsaKey[]): Finding {
  const claims = decodeJwt(token);
  if (!claims) {
    return failed(
      'the access token is opaque, not a JWT: it was not made for this API',
      `The audience ${config.audience} has to be the Identifier of an API of the tenant. ${APIS}.`,
    );
  }
  const { header, payload } = claims;
  if (header['alg'] !== 'RS256') {
    return failed(
      `the access token is signed with ${String(header['alg'])}; the API takes RS256 alone`,
      `${APIS} > Token Settings > JWT Signing Algorithm: RS256.`,
    );
  }
  const audiences = [payload['aud']].flat();
  if (!audiences.includes(config.audience)) {
    return failed(
      `the access token is for ${audiences.map(String).join(', ')}, not for ${config.audience}`,
      'STAGER_AUDIENCE of the stager API and the Identifier of the API in the tenant must be the same.',
    );
  }
  if (payload['iss'] !== config.issuer) {
    return failed(
      `the access token is of ${String(payload['iss'])}, and the API expects ${config.issuer}`,
      `Set STAGER_ISSUER of the API to exactly ${String(payload['iss'])}`,
    );
  }
  const key = keys.find(({ kid }) => kid === header['kid']);
  if (!key || !isSigned(token, key)) {
    return failed(
      `no key of the tenant has signed the access token (kid ${String(header['kid'])})`,
      'Was a signing key revoked? Get a new token, and look again.',
    );
  }
  return judgePermissions(payload);
}

/** Without roles, whoever asks for a scope of the API gets it, `admin:write` included. */
function judgePermissions(payload: Claims['payload']): Finding {
  const scopes = apiScopes(payload);
  const listed = scopes.length > 0 ? scopes.join(' ') : 'none';
  if (!Array.isArray(payload['permissions'])) {
    return warning(
      `RS256, for this API, with the scopes ${listed}, but without permissions: whoever asks for a scope may be given it`,
      `${APIS} > RBAC Settings: switch on Enable RBAC and Add Permissions in the Access Token.`,
    );
  }
  if (scopes.length === 0) {
    return failed(
      'the access token has no scope of the API: nothing can be done with it',
      'Give the permissions: to people by a role (User Management > Roles), to a machine client under Applications > ' +
        'APIs > your API > Machine To Machine Applications.',
    );
  }
  return ok(`RS256, for this API, with the scopes ${listed}`);
}

/** Scopes of the API in an access token. */
export function scopesOf(token: string): string[] {
  const claims = decodeJwt(token);
  return claims ? apiScopes(claims.payload) : [];
}

/** Those of OpenID Connect have no colon. */
function apiScopes(payload: Claims['payload']): string[] {
  return String(payload['scope'] ?? '')
    .split(' ')
    .filter((scope) => scope.includes(':'));
}

function isSigned(token: string, { jwk }: RsaKey): boolean {
  const at = token.lastIndexOf('.');
  try {
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
    const signature = Buffer.from(token.slice(at + 1), 'base64url');
    return verify('RSA-SHA256', Buffer.from(token.slice(0, at)), key, signature);
  } catch {
    return false;
  }
}

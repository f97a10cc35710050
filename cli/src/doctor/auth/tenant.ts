import { type Finding, failed, ok } from '../types.ts';
import { type Asker, text, unreachable } from './ask.ts';

/** What discovery says, as far as it is used. */
export interface Tenant {
  readonly issuer: string;
  readonly tokenEndpoint: string | undefined;
  readonly deviceEndpoint: string | undefined;
  readonly jwksUri: string | undefined;
  readonly skewSeconds: number | undefined;
}

export interface Discovered {
  readonly tenant: Tenant | undefined;
  readonly finding: Finding;
}

/** OpenID Connect Discovery 1.0 section 4: the document has to be there, and to name the issuer to the slash. */
export async function discoverTenant(asker: Asker, issuer: string): Promise<Discovered> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await asker.get(url).catch((error: unknown) => ({ error }));
  if ('error' in answer) return { tenant: undefined, finding: unreachable(url, answer.error) };
  const named = text(answer.body['issuer']);
  if (answer.status !== 200 || named === undefined) {
    return {
      tenant: undefined,
      finding: failed(
        `${url} answers ${answer.status}, and not with a discovery document`,
        'STAGER_ISSUER of the API must be the address of the tenant: https://TENANT.REGION.auth0.com/, or its custom domain.',
      ),
    };
  }
  const tenant = {
    issuer: named,
    tokenEndpoint: text(answer.body['token_endpoint']),
    deviceEndpoint: text(answer.body['device_authorization_endpoint']),
    jwksUri: text(answer.body['jwks_uri']),
    skewSeconds: answer.skewSeconds,
  };
  if (named !== issuer) {
    return {
      tenant,
      finding: failed(
        `the API expects the issuer ${issuer}, and the tenant calls itself ${named}: no token will be taken`,
        `Set STAGER_ISSUER of the API to exactly ${named}`,
      ),
    };
  }
  return { tenant, finding: ok(`${issuer} names itself so, to the slash`) };
}

export interface RsaKey {
  readonly kid: string;
  readonly jwk: Readonly<Record<string, unknown>>;
}

export interface Keys {
  readonly keys: readonly RsaKey[];
  readonly finding: Finding;
}

/** The API takes RS256 alone: there have to be RSA keys that may sign, with an id (RFC 7517 section 4). */
export async function readKeys(asker: Asker, { jwksUri }: Tenant): Promise<Keys> {
  if (jwksUri === undefined) {
    return { keys: [], finding: failed('discovery names no jwks_uri', 'Is it an OpenID Connect issuer?') };
  }
  const answer = await asker.get(jwksUri).catch((error: unknown) => ({ error }));
  if ('error' in answer) return { keys: [], finding: unreachable(jwksUri, answer.error) };
  const listed: unknown[] = Array.isArray(answer.body['keys']) ? answer.body['keys'] : [];
  const keys = listed.flatMap((entry) => rsaKey(entry));
  if (keys.length > 0) {
    const count = keys.length === 1 ? 'one key' : `${keys.length} keys`;
    return { keys, finding: ok(`${count} for RS256 at ${jwksUri}`) };
  }
  return {
    keys,
    finding: failed(
      `${jwksUri} has no RSA key that may sign RS256 (it has ${listed.length} of other kinds)`,
      'In Auth0: Applications > APIs > your API > Settings > Token Settings > JWT Signing Algorithm: RS256.',
    ),
  };
}

function rsaKey(entry: unknown): RsaKey[] {
  if (typeof entry !== 'object' || entry === null) return [];
  const jwk: Record<string, unknown> = { ...entry };
  const { kty, use = 'sig', alg = 'RS256', kid } = jwk;
  return kty === 'RSA' && use === 'sig' && alg === 'RS256' && typeof kid === 'string' ? [{ kid, jwk }] : [];
}

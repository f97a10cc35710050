import { hash } from 'node:crypto';
import type { VerifyOptions } from 'jsonwebtoken';
import type { Context } from 'koa';
import koaJwt from 'koa-jwt';
import { z } from 'zod';
import { hasRole, type RouteSpec } from '../../contract/index.ts';
import { remember } from '../../core/accounts/boundedMap.ts';
import { roleRequired } from '../../core/accounts/members.ts';
import { isMachine } from '../../core/accounts/principals.ts';
import { DomainError } from '../../core/errors.ts';
import type { KeySet } from '../../infra/jwks.ts';
import { type Caller, IssuerUnavailable, TokenRejected, type VerifiedToken } from '../../ports/index.ts';

const CLOCK_TOLERANCE_SECONDS = 5;
const CACHE_MS = 60_000;
const CACHE_MAX = 10_000;
/** Longer than any token of a sane issuer; keeps strangers from making us hash megabytes. */
const TOKEN_MAX = 8_192;

/** As late as a Date can be (ECMA-262 section 21.4.1.1), in seconds. */
const LATEST_S = 8.64e12;

/** Required beyond what koa-jwt checks: it accepts tokens without `exp` or `sub`. */
const Claims = z.object({
  // Controls and lone surrogates are in no name, and no database can hold all of them.
  sub: z
    .string()
    .max(255)
    .regex(/^\P{C}+$/u),
  exp: z.number().max(LATEST_S),
  // Bound to a key of the client (RFC 7800): who holds such a token alone must not be able to use it.
  cnf: z.undefined().optional(),
  scope: z.string().default(''),
  azp: z.string().optional(),
  client_id: z.string().optional(),
});

export interface VerifierOptions {
  readonly keys: KeySet;
  readonly issuer: string;
  readonly audience: string;
  readonly now?: () => number;
}

/** Verifies access tokens with koa-jwt and remembers the good ones, by hash, for at most a minute. */
export function createTokenVerifier({ keys, issuer, audience, now = Date.now }: VerifierOptions) {
  const cache = new Map<string, { until: number; generation: number; token: VerifiedToken }>();
  const options: koaJwt.Options & VerifyOptions = {
    secret: async (header: { kid?: unknown; crit?: unknown }) => {
      // RFC 7515 section 4.1.11: extensions that we do not understand, which are all, must be refused.
      if (header.crit !== undefined) throw new TokenRejected('The token has critical extensions.');
      return keys.publicKey(header.kid);
    },
    algorithms: ['RS256'],
    issuer,
    audience,
    // koa-jwt hands all options to jsonwebtoken; its own types leave this one out.
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    getToken: (ctx) => String(ctx.state['presented']),
    key: 'claims',
  };
  const check = koaJwt(options);

  async function verify(presented: string): Promise<VerifiedToken> {
    const state: Record<string, unknown> = { presented };
    const fail = (_status: number, _message: string, details: { originalError?: unknown } = {}): never => {
      throw details.originalError instanceof IssuerUnavailable
        ? details.originalError
        : new TokenRejected(reasonOf(details.originalError));
    };
    // koa-jwt reads `state` and calls `throw`; handing it just those keeps the request out of the verdict.
    const context = {
      state,
      throw: fail,
      get: () => '',
      headers: {},
      header: {},
      cookies: { get: () => undefined },
    };
    await check(context as unknown as Context, async () => undefined);
    const claims = Claims.safeParse(state['claims']);
    if (!claims.success) throw new TokenRejected('A claim of the token is missing or no good.');
    const { sub, exp, scope, azp, client_id } = claims.data;
    return {
      subject: sub,
      scopes: scope.split(' ').filter(Boolean),
      credential: { kind: isMachine(sub) ? 'machine' : 'login', id: azp ?? client_id ?? null },
      accountId: null,
      expiresAt: new Date(exp * 1000),
    };
  }

  return async function verifyToken(presented: string): Promise<VerifiedToken> {
    if (presented.length > TOKEN_MAX) throw new TokenRejected('The token is too long.');
    const key = hash('sha256', presented, 'base64');
    const held = cache.get(key);
    if (held && held.until > now() && held.generation === keys.generation) return held.token;
    cache.delete(key);
    const token = await verify(presented);
    const until = Math.min(token.expiresAt.getTime(), now() + CACHE_MS);
    remember(cache, CACHE_MAX, key, { until, generation: keys.generation, token });
    return token;
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof TokenRejected) return error.message;
  if (error instanceof Error && error.name === 'TokenExpiredError') return 'The token has expired.';
  if (error instanceof Error && error.name === 'NotBeforeError') return 'The token is not valid yet.';
  return 'The token is not valid here.';
}

/** The token of an Authorization header. Nowhere else is looked. */
export function bearerToken(header = ''): string {
  // Another scheme counts as no credentials (RFC 6750 section 3.1): whoever uses it does not know ours.
  if (!/^Bearer\b/i.test(header)) {
    throw new DomainError(
      'unauthenticated',
      'Send a token: Authorization: Bearer …, or run `stager login`.',
      { noCredentials: true },
    );
  }
  const match = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header);
  if (!match?.[1])
    throw new DomainError('unauthenticated', 'The Authorization header is not of the form `Bearer TOKEN`.');
  return match[1];
}

export function requireScope(route: RouteSpec, token: VerifiedToken): void {
  if (route.scope !== null && !token.scopes.includes(route.scope)) {
    throw new DomainError(
      'insufficient_scope',
      `This needs the scope ${route.scope}, which the token does not have.`,
      {
        scope: route.scope,
      },
    );
  }
}

/** @throws DomainError `role_required` */
export function requireRole(route: RouteSpec, caller: Caller): void {
  if (route.role !== null && !hasRole(caller.role, route.role)) throw roleRequired(route.role);
}

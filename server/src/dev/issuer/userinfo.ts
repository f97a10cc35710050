import type { Context, Middleware } from 'koa';
import type { IssuerContext } from './approval.ts';
import { parseScope, personClaims } from './grants.ts';
import { subjectOf } from './options.ts';

export const USERINFO_PATH = '/userinfo';

/**
 * /userinfo with an access token for the API, as Auth0 allows when `openid` was granted (its audience then
 * names /userinfo too). The provider's own endpoint takes opaque tokens only, and none are issued here.
 */
export function userinfoRoute({ options, keys }: IssuerContext): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== USERINFO_PATH || (ctx.method !== 'GET' && ctx.method !== 'POST')) return next();
    ctx.set('cache-control', 'no-store');
    const token = /^Bearer ([^\s]+)$/i.exec(ctx.get('authorization'))?.[1];
    const claims = token === undefined ? null : keys.readSigned(token);
    if (claims === null || !isForUserinfo(claims, options.issuerUrl)) return refuse(ctx);
    const user = options.users.find((candidate) => subjectOf(candidate) === claims['sub']);
    if (user === undefined) return refuse(ctx);
    ctx.body = personClaims(user, subjectOf(user), parseScope(claims['scope']));
  };
}

/** Issuer, audience and expiry; the signature was looked at before. */
export function isForUserinfo(claims: Readonly<Record<string, unknown>>, issuer: string): boolean {
  const { iss, aud, exp } = claims;
  const current = typeof exp === 'number' && exp > Date.now() / 1000;
  return iss === issuer && current && Array.isArray(aud) && aud.includes(`${issuer}userinfo`);
}

function refuse(ctx: Context): void {
  ctx.status = 401;
  ctx.set('www-authenticate', 'Bearer error="invalid_token"');
  ctx.body = {
    error: 'invalid_token',
    error_description: 'an access token with the scope openid is required',
  };
}

import type { Context } from 'koa';

/**
 * The prefix has browsers refuse such a cookie from anything but this very host over https (RFC 6265bis section 4.1.3.2):
 * no sister domain and nobody on the wire can plant one. Chromium and Firefox take loopback for as good as https.
 */
const PREFIX = '__Host-stager_';
const LOGIN = /^__Host-stager_login_([0-9a-f]+)=/;

/** A login that is under way has one of its own: a browser may have begun several. */
export type LoginCookie = `login_${string}`;
export type CookieName = 'session' | 'csrf' | LoginCookie;

/** Undefined also where it is empty. */
export function readCookie(ctx: Context, name: CookieName): string | undefined {
  const wanted = `${PREFIX}${name}=`;
  return (
    partsOf(ctx)
      .find((part) => part.startsWith(wanted))
      ?.slice(wanted.length) || undefined
  );
}

/** Names of all logins that this browser has begun and not ended. */
export function loginCookies(ctx: Context): LoginCookie[] {
  return partsOf(ctx).flatMap((part): LoginCookie[] => {
    const [, name] = LOGIN.exec(part) ?? [];
    return name === undefined ? [] : [`login_${name}`];
  });
}

function partsOf(ctx: Context): string[] {
  return (ctx.headers.cookie ?? '').split(';').map((part) => part.trim());
}

/** Lax, as people come back from the issuer and from Stripe by links; every form is guarded beside it. */
export function setCookie(ctx: Context, name: CookieName, value: string, maxAgeSeconds: number): void {
  ctx.append(
    'Set-Cookie',
    `${PREFIX}${name}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}`,
  );
}

export function clearCookie(ctx: Context, name: CookieName): void {
  setCookie(ctx, name, '', 0);
}

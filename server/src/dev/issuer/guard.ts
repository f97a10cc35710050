import { randomBytes } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import type { IssuerKeys } from './keys.ts';
import { STYLE_HASH } from './layout.ts';
import { resultPage } from './pages.ts';

/** Cookies ignore the port: every name is our own, apart from those of the API on the same host. */
export const COOKIE_PREFIX = 'stager_issuer';
const FORM_COOKIE = `${COOKIE_PREFIX}_form`;
const FORM_LIMIT_BYTES = 8192;

/**
 * Answers only to its own name. A page on the internet that lets its name resolve to 127.0.0.1 (DNS
 * rebinding) is same-origin to the browser, but still sends its own name.
 */
export function ownHostOnly(issuerUrl: string): Middleware {
  const { host } = new URL(issuerUrl);
  return async (ctx, next) => {
    ctx.set({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      // Not no-referrer, under which browsers send `Origin: null` with our own forms.
      'referrer-policy': 'same-origin',
    });
    if (ctx.host === host) return next();
    ctx.status = 421;
    sendPage(
      ctx,
      resultPage({ good: false, title: 'Wrong address', text: `This issuer is at ${issuerUrl}` }),
    );
  };
}

/** Sends a page of ours under a policy that lets it load and run nothing. */
export function sendPage(ctx: Context, page: string, formTargets: readonly string[] = []): void {
  ctx.type = 'html';
  ctx.set('cache-control', 'no-store');
  ctx.set(
    'content-security-policy',
    `default-src 'none'; style-src ${STYLE_HASH}; img-src data:; base-uri 'none'; frame-ancestors 'none'; ` +
      `form-action ${["'self'", ...formTargets].join(' ')}`,
  );
  ctx.body = page;
}

/** Why a form was refused, for the person who sent it. */
export class FormRefused extends Error {
  override readonly name = 'FormRefused';
}

/** CSRF protection of our forms: a field that only the page that we gave to this browser holds. */
export interface FormGuard {
  /** The field's value for this form; sets the cookie that it is bound to. */
  token(ctx: Context, form: string): string;
  /** @throws FormRefused when the request did not come from our page in this browser. */
  check(ctx: Context, form: string, token: string | undefined): void;
}

export function createFormGuard(keys: IssuerKeys, issuerUrl: string): FormGuard {
  const { origin } = new URL(issuerUrl);
  const bound = (browser: string, form: string) => JSON.stringify([browser, form]);
  return {
    token(ctx, form) {
      const browser = ctx.cookies.get(FORM_COOKIE, { signed: true }) ?? randomBytes(16).toString('hex');
      ctx.cookies.set(FORM_COOKIE, browser, {
        signed: true,
        httpOnly: true,
        sameSite: 'lax',
        overwrite: true,
      });
      return keys.sign(bound(browser, form));
    },
    check(ctx, form, token) {
      if (isForeign(ctx, origin)) throw new FormRefused('The form was sent from another site.');
      const browser = ctx.cookies.get(FORM_COOKIE, { signed: true });
      if (browser === undefined || token === undefined || !keys.matches(bound(browser, form), token)) {
        throw new FormRefused('The form is too old, or cookies are off. Open the link again.');
      }
    },
  };
}

/** Fetch metadata and Origin, where the browser sends them; curl sends neither. */
function isForeign(ctx: Context, origin: string): boolean {
  const from = ctx.get('origin');
  const site = ctx.get('sec-fetch-site');
  return (from !== '' && from !== origin) || (site !== '' && site !== 'same-origin' && site !== 'none');
}

/** The fields of a posted form. @throws FormRefused when it is none, or too long. */
export async function readForm(ctx: Context): Promise<URLSearchParams> {
  if (!ctx.is('application/x-www-form-urlencoded')) throw new FormRefused('A form was expected.');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of ctx.req) {
    size += chunk.length;
    if (size > FORM_LIMIT_BYTES) throw new FormRefused('The form is too long.');
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

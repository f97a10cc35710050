import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import type { BrowserSession } from '../../core/accounts/browserSessions.ts';
import { equal, type Keyring } from '../../core/accounts/keyring.ts';
import { readCookie, setCookie } from './cookies.ts';

/** Why a form was not taken, for the person who sent it. */
export class FormRefused extends Error {
  override readonly name = 'FormRefused';
}

const NONCE_BYTES = 18;

type Bound = Pick<BrowserSession, 'binding'>;

/**
 * Signed double submit: the same token in a cookie and in the form, with a MAC over the session. What a foreign page
 * can send has no form field, what a planted cookie can add is of no session, and a login makes both stale.
 */
export function createCsrf(keyring: Keyring, publicOrigin: string) {
  const signed = (session: Bound, nonce: string) => keyring.mac('csrf', `${session.binding}.${nonce}`);

  function isOf(session: Bound, token: string): boolean {
    const [nonce = '', mac = ''] = token.split('.', 2);
    return keyring.verifies('csrf', `${session.binding}.${nonce}`, mac);
  }

  return {
    /** For the forms of a page; the same one for all tabs of a session. */
    token(ctx: Context, session: Bound, maxAgeSeconds: number): string {
      const held = readCookie(ctx, 'csrf');
      if (held !== undefined && isOf(session, held)) return held;
      const nonce = randomBytes(NONCE_BYTES).toString('base64url');
      const token = `${nonce}.${signed(session, nonce)}`;
      setCookie(ctx, 'csrf', token, maxAgeSeconds);
      return token;
    },

    /** @throws FormRefused when another site has sent it; browsers say so of every POST */
    checkOrigin(ctx: Context): void {
      const origin = ctx.get('origin');
      const site = ctx.get('sec-fetch-site');
      if (site !== '' && site !== 'same-origin') throw foreign();
      if (origin === '' ? site !== 'same-origin' : origin !== publicOrigin) throw foreign();
    },

    /** @throws FormRefused when the form is not from a page of this session */
    checkToken(ctx: Context, session: Bound, field: string | null): void {
      const held = readCookie(ctx, 'csrf');
      if (field === null || held === undefined) throw stale();
      if (!equal(Buffer.from(field), Buffer.from(held)) || !isOf(session, field)) throw stale();
    },
  };
}

export type Csrf = ReturnType<typeof createCsrf>;

function foreign(): FormRefused {
  return new FormRefused('The form did not come from a page of stager, so nothing was done.');
}

function stale(): FormRefused {
  return new FormRefused('The page was opened before you logged in, or too long ago. Nothing was done.');
}

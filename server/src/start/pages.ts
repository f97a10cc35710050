import { createBrowserSessions } from '../core/accounts/browserSessions.ts';
import { createKeyring } from '../core/accounts/keyring.ts';
import type { CallerResolver } from '../core/accounts/resolveCaller.ts';
import type { PagesDeps } from '../http/checkout/deps.ts';
import { chosen } from '../infra/adapters.ts';
import { createWebLogin } from '../infra/webLogin.ts';
import { type Store, systemClock, type VerifiedToken } from '../ports/index.ts';
import type { ApiConfig } from './config.ts';

interface Parts {
  readonly store: Store;
  readonly callers: CallerResolver;
  readonly verifyToken: (token: string) => Promise<VerifiedToken>;
}

const PAGE_SCOPES = ['billing:read', 'billing:write'];
/** Stripe's pages for paying and for what was paid. */
const STRIPE_ORIGINS = ['https://checkout.stripe.com', 'https://billing.stripe.com'];

/** The checkout pages, where they are set up. Nothing is asked of the issuer before somebody comes. */
export function createPagesDeps(config: ApiConfig, parts: Parts): PagesDeps | null {
  const publicUrl = config.STAGER_PUBLIC_URL;
  if (publicUrl === undefined) return null;
  const keyring = createKeyring(chosen(config.STAGER_SESSION_SECRETS));
  const login = createWebLogin({
    issuer: config.STAGER_ISSUER,
    audience: config.STAGER_AUDIENCE,
    clientId: chosen(config.STAGER_WEB_CLIENT_ID),
    clientSecret: chosen(config.STAGER_WEB_CLIENT_SECRET),
    redirectUri: `${publicUrl}/billing/callback`,
    postLogoutRedirectUri: `${publicUrl}/billing/logout`,
    scopes: PAGE_SCOPES,
  });
  const sessions = createBrowserSessions({ ...parts, keyring, login, clock: systemClock });
  return { sessions, login, keyring, publicUrl, payOrigins: payOrigins(config) };
}

/** A stand-in for Stripe has its pages where it has its API. */
export function payOrigins(
  config: Pick<ApiConfig, 'STAGER_STRIPE_API_URL' | 'STAGER_STRIPE_PAGE_ORIGINS'>,
): readonly string[] {
  const { STAGER_STRIPE_API_URL: url, STAGER_STRIPE_PAGE_ORIGINS: own = [] } = config;
  return [...(url === undefined ? STRIPE_ORIGINS : [new URL(url).origin]), ...own];
}

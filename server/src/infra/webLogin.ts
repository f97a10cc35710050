import type { Configuration, TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client';
import { IssuerUnavailable, type LoggedIn, LoginRefused, type WebLogin } from '../ports/index.ts';

/** Seconds that one request to the issuer may take: somebody waits in front of a page. */
const TIMEOUT_S = 8;
/** What the issuer says about itself is asked for again so often. */
const DISCOVERY_MS = 10 * 60_000;

export interface WebLoginOptions {
  /** As in the `iss` of its tokens. */
  readonly issuer: string;
  readonly audience: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where the issuer sends browsers back to. */
  readonly redirectUri: string;
  readonly postLogoutRedirectUri: string;
  /** Scopes of the API that pages need. */
  readonly scopes: readonly string[];
}

type Tokens = TokenEndpointResponse & TokenEndpointResponseHelpers;

/** Logins in a browser by openid-client, which is loaded when the first one comes. */
export function createWebLogin(options: WebLoginOptions): WebLogin {
  const { audience, redirectUri } = options;
  const scope = ['openid', 'profile', 'email', 'offline_access', ...options.scopes].join(' ');
  const issuer = keepDiscovered(options);

  return {
    origin: new URL(options.issuer).origin,

    async begin(asOther) {
      const { oidc, config } = await issuer();
      const verifier = oidc.randomPKCECodeVerifier();
      const pending = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier };
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope,
        audience,
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...(asOther ? { prompt: 'login' } : {}),
      });
      return { url: url.href, pending };
    },

    async finish(query, { state, nonce, verifier }) {
      const { oidc, config } = await issuer();
      const url = new URL(redirectUri);
      url.search = query;
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier };
      const tokens = await asked(oidc.authorizationCodeGrant(config, url, checks));
      return loggedIn(tokens);
    },

    async renew(refreshToken, subject, idToken) {
      const { oidc, config } = await issuer();
      const tokens = await asked(oidc.refreshTokenGrant(config, refreshToken));
      return loggedIn(tokens, { subject, idToken, refreshToken });
    },

    async logoutUrl(idToken) {
      const { oidc, config } = await issuer();
      if (config.serverMetadata().end_session_endpoint === undefined) return null;
      const wish = { id_token_hint: idToken, post_logout_redirect_uri: options.postLogoutRedirectUri };
      return oidc.buildEndSessionUrl(config, wish).href;
    },
  };
}

interface Discovered {
  readonly oidc: typeof import('openid-client');
  readonly config: Configuration;
}

/** One discovery for all who come meanwhile. One that failed is not kept. */
function keepDiscovered(options: WebLoginOptions): () => Promise<Discovered> {
  let held: { readonly at: number; readonly found: Promise<Discovered> } | undefined;
  return () => {
    const now = performance.now();
    if (held && now - held.at < DISCOVERY_MS) return held.found;
    const found = asked(discover(options));
    held = { at: now, found };
    found.catch(() => {
      held = undefined;
    });
    return found;
  };
}

async function discover({ issuer, clientId, clientSecret }: WebLoginOptions): Promise<Discovered> {
  const oidc = await import('openid-client');
  const url = new URL(issuer);
  // Configuration lets http pass on loopback only.
  const insecure = url.protocol === 'http:' ? [oidc.allowInsecureRequests] : [];
  const config = await oidc.discovery(url, clientId, undefined, oidc.ClientSecretPost(clientSecret), {
    timeout: TIMEOUT_S,
    // Also what comes straight from the token endpoint has to be signed by the issuer.
    execute: [...insecure, oidc.enableNonRepudiationChecks],
  });
  return { oidc, config };
}

/** Answers in the words of the protocol are decisions of the issuer; what is not an answer at all decides nothing. */
async function asked<T>(question: Promise<T>): Promise<T> {
  try {
    return await question;
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) {
      throw new IssuerUnavailable('The issuer cannot be asked.', { cause: error });
    }
    throw new LoginRefused(refusal, { cause: error });
  }
}

/** Of openid-client: the answer was read, and is not the one to this login. */
const NOT_OURS = /^OAUTH_(INVALID_RESPONSE|JWT_|JSON_ATTRIBUTE_COMPARISON|KEY_SELECTION)/;

function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string' && NOT_OURS.test(error.code))
    return 'invalid_response';
  if (!('error' in error && typeof error.error === 'string')) return undefined;
  const status = 'status' in error && typeof error.status === 'number' ? error.status : 400;
  return status < 500 && status !== 429 ? error.error : undefined;
}

/** A renewal need not bring everything again (OpenID Connect Core section 12.2). */
function loggedIn(tokens: Tokens, before?: Pick<LoggedIn, 'subject' | 'idToken' | 'refreshToken'>): LoggedIn {
  const claims = tokens.claims();
  const subject = claims?.sub ?? before?.subject;
  const idToken = tokens.id_token ?? before?.idToken;
  if (subject === undefined || idToken === undefined) throw new LoginRefused('no_id_token');
  if (before && before.subject !== subject) throw new LoginRefused('another_subject');
  return {
    subject,
    idToken,
    name: [claims?.['email'], claims?.['name']].find((text) => typeof text === 'string') ?? null,
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token ?? before?.refreshToken ?? null,
  };
}

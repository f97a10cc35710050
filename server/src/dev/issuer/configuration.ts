import {
  type AccessToken,
  type ClientCredentials,
  type ClientMetadata,
  type Configuration,
  errors,
  type JWTStructured,
  type KoaContextWithOIDC,
  type ResourceServer,
} from 'oidc-provider';
import { DEVICE_PATH } from './device.ts';
import { accessTokenClaims, clientScopes, parseScope, personClaims } from './grants.ts';
import { COOKIE_PREFIX, sendPage } from './guard.ts';
import type { IssuerKeys } from './keys.ts';
import { loginPath } from './login.ts';
import { type IssuerClient, type IssuerOptions, OIDC_SCOPES, subjectOf } from './options.ts';
import { logoutPage, resultPage } from './pages.ts';
import type { IssuerStore } from './store.ts';
import { USERINFO_PATH } from './userinfo.ts';

const DAY = 86_400;

/** The provider's settings: Auth0's paths, parameters and token shapes. */
export function configure(options: IssuerOptions, store: IssuerStore, keys: IssuerKeys): Configuration {
  return {
    adapter: (model) => store.adapter(model),
    clients: options.clients.map(clientMetadata),
    jwks: keys.jwks,
    cookies: cookieSettings(keys),
    routes: ROUTES,
    scopes: [...OIDC_SCOPES],
    claims: {
      openid: ['sub'],
      profile: ['name', 'nickname'],
      email: ['email', 'email_verified'],
    },
    // Auth0 puts name and email into the ID token, access token or not.
    conformIdTokenClaims: false,
    clientBasedCORS: () => false,
    clockTolerance: 5,
    extraParams: ['audience'],
    pkce: { required: () => true },
    rotateRefreshToken: () => true,
    // The provider drops `offline_access` where nobody was asked for consent; Auth0 does not, nor ends these with a session.
    issueRefreshToken: (_ctx, client, source) =>
      client.grantTypeAllowed('refresh_token') &&
      (client.applicationType === 'web' || source.scopes.has('offline_access')),
    expiresWithSession: () => false,
    findAccount: (_ctx, subject) => findAccount(options, subject),
    formats: { customizers: { jwt: (ctx, token, jwt) => shapeAccessToken(options, ctx, token, jwt) } },
    interactions: { url: (_ctx, interaction) => loginPath(interaction.uid) },
    features: features(options),
    renderError: (ctx, out) => {
      const text = out.error_description ?? out.error;
      sendPage(ctx, resultPage({ good: false, title: 'That did not work', text }));
    },
    ttl: lifetimes(options),
  };
}

/** Auth0's paths, so that whoever hard-codes one finds it here. */
const ROUTES: Configuration['routes'] = {
  authorization: '/authorize',
  code_verification: DEVICE_PATH,
  device_authorization: '/oauth/device/code',
  end_session: '/oidc/logout',
  jwks: '/.well-known/jwks.json',
  revocation: '/oauth/revoke',
  token: '/oauth/token',
  userinfo: USERINFO_PATH,
};

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

function clientMetadata(client: IssuerClient): ClientMetadata {
  const base = { client_id: client.id, client_name: client.name };
  const uriless = { response_types: [], redirect_uris: [] };
  switch (client.kind) {
    case 'device':
      return {
        ...base,
        ...uriless,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: [DEVICE_GRANT, 'refresh_token'],
      };
    case 'machine':
      return {
        ...base,
        ...uriless,
        client_secret: client.secret,
        // The provider takes the secret in the Authorization header as well, like Auth0.
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: ['client_credentials'],
      };
    case 'web':
      return {
        ...base,
        client_secret: client.secret,
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: client.redirectUris,
        post_logout_redirect_uris: client.postLogoutRedirectUris,
      };
  }
}

function cookieSettings(keys: IssuerKeys): NonNullable<Configuration['cookies']> {
  const flags = { httpOnly: true, sameSite: 'lax', signed: true, overwrite: true } as const;
  const names = {
    session: `${COOKIE_PREFIX}_session`,
    interaction: `${COOKIE_PREFIX}_login`,
    resume: `${COOKIE_PREFIX}_resume`,
  };
  return { keys: [...keys.cookieKeys], names, long: flags, short: flags };
}

function features(options: IssuerOptions): NonNullable<Configuration['features']> {
  return {
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true, charset: 'base-20', mask: '****-****' },
    revocation: {
      enabled: true,
      allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
    },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      // Auth0 calls it `audience`. Token requests do not carry it among the provider's parameters.
      defaultResource: (ctx, _client, oneOf) => oneOf?.[0] ?? requestedAudience(ctx) ?? options.audience,
      getResourceServerInfo: (ctx, audience, client) => api(options, ctx, audience, client.clientId),
    },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => {
        sendPage(ctx, logoutPage(ctx.oidc.client?.clientName, form), logoutOrigins(options));
      },
      postLogoutSuccessSource: (ctx) => {
        sendPage(ctx, resultPage({ good: true, title: 'You are logged out', text: 'Close this window.' }));
      },
    },
  };
}

function requestedAudience(ctx: KoaContextWithOIDC): string | undefined {
  const audience = ctx.oidc.params?.['audience'] ?? ctx.oidc.body?.['audience'];
  return typeof audience === 'string' && audience !== '' ? audience : undefined;
}

function logoutOrigins(options: IssuerOptions): string[] {
  const uris = options.clients.flatMap((client) =>
    client.kind === 'web' ? client.postLogoutRedirectUris : [],
  );
  return [...new Set(uris.map((uri) => new URL(uri).origin))];
}

/** @throws errors.InvalidTarget for any API but ours (RFC 8707 section 2). */
function api(
  options: IssuerOptions,
  ctx: KoaContextWithOIDC,
  audience: string,
  clientId: string,
): ResourceServer {
  if (audience !== options.audience) {
    throw new errors.InvalidTarget(`there is no API ${audience}; this issuer knows ${options.audience}`);
  }
  const client = options.clients.find(({ id }) => id === clientId);
  const scope = clientScopes(client, options.scopes).join(' ');
  const { params } = ctx.oidc;
  if (params?.['grant_type'] === 'client_credentials' && params['scope'] === undefined) {
    // A machine that names no scope is given all that it may have, as at Auth0.
    params['scope'] = scope;
  }
  return {
    scope,
    audience,
    accessTokenTTL: options.tokenTtlSeconds ?? 600,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'RS256' } },
  };
}

function findAccount(options: IssuerOptions, subject: string) {
  const user = options.users.find((candidate) => subjectOf(candidate) === subject);
  if (user === undefined) return undefined;
  const claims = (_use: string, scope: string) => personClaims(user, subject, parseScope(scope));
  return { accountId: subject, claims };
}

function shapeAccessToken(
  options: IssuerOptions,
  ctx: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
  jwt: JWTStructured,
): void {
  const { payload } = jwt;
  const subject = String(payload['sub']);
  const claims = accessTokenClaims({
    issuer: options.issuerUrl,
    audience: options.audience,
    clientId: String(payload['client_id']),
    user: options.users.find((user) => token.kind === 'AccessToken' && subjectOf(user) === subject),
    subject,
    apiScopes: parseScope(token.scope),
    oidcScopes: token.kind === 'AccessToken' ? grantedOidcScopes(ctx) : [],
    issuedAt: Number(payload['iat']),
    expiresAt: Number(payload['exp']),
    id: String(payload['jti']),
  });
  for (const name of Object.keys(payload)) delete payload[name];
  Object.assign(payload, claims);
  // The token response says the same as the token.
  if (typeof claims['scope'] === 'string') token.scope = claims['scope'];
}

/** The provider leaves these out of tokens for an API; Auth0 does not. */
function grantedOidcScopes(ctx: KoaContextWithOIDC): string[] {
  const { Grant, RefreshToken, DeviceCode, AuthorizationCode } = ctx.oidc.entities;
  const source = RefreshToken ?? DeviceCode ?? AuthorizationCode;
  const narrowed = parseScope(ctx.oidc.params?.['scope']);
  const asked = narrowed.length > 0 ? narrowed : [...(source?.scopes ?? [])];
  return parseScope(Grant?.getOIDCScopeFiltered(asked));
}

/** Seconds. Refresh tokens: 15 days idle, 30 days in all (the grant), which are Auth0's defaults. */
function lifetimes(options: IssuerOptions): NonNullable<Configuration['ttl']> {
  const accessToken = options.tokenTtlSeconds ?? 600;
  return {
    AccessToken: accessToken,
    ClientCredentials: accessToken,
    IdToken: accessToken,
    AuthorizationCode: 60,
    DeviceCode: options.deviceCodeTtlSeconds ?? 600,
    Grant: 30 * DAY,
    Interaction: 3600,
    RefreshToken: 15 * DAY,
    Session: 3 * DAY,
  };
}

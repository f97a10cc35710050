import { delay } from '../core/abort.ts';
import { AuthenticationError, OptionsError, ServerError, StagerError } from '../core/errors.ts';
import { connectionError } from '../core/networkHints.ts';
import type { Fetch, TokenProvider } from '../core/options.ts';
import { backoff } from '../core/retry.ts';

/** A token is renewed in the background when so much, or a fifth, of its life is left. */
const RENEW_AHEAD_MS = 120_000;
/** And waited for when so much, or a tenth, is left. */
const RENEW_NOW_MS = 30_000;
const TIMEOUT_MS = 30_000;
const TRIES = 3;

export interface ClientCredentialsOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** @default the audience that the API names */
  readonly audience?: string | undefined;
  readonly fetch: Fetch;
  /** Issuer and audience, as the API names them. */
  readonly config: () => Promise<{ readonly issuer: string; readonly audience: string }>;
  readonly now?: () => number;
}

interface Held {
  readonly token: string;
  readonly renewAt: number;
  readonly uselessAt: number;
}

/** Tokens by the client credentials grant (RFC 6749 section 4.4), held until they are about to expire. */
export function clientCredentials(options: ClientCredentialsOptions): TokenProvider {
  const now = options.now ?? Date.now;
  let held: Held | undefined;
  let running: Promise<Held> | undefined;

  const renew = (): Promise<Held> => {
    running ??= fetchToken(options, now)
      .then((fresh) => {
        held = fresh;
        return fresh;
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  };

  return {
    async getToken({ refresh = false, rejected } = {}) {
      const stale = refresh && (rejected === undefined || rejected === held?.token);
      if (!held || stale || now() >= held.uselessAt) return (await renew()).token;
      // A failure in the background is no failure yet: the token at hand is still good.
      if (now() >= held.renewAt) renew().catch(() => undefined);
      return held.token;
    },
  };
}

async function fetchToken(options: ClientCredentialsOptions, now: () => number): Promise<Held> {
  const config = await options.config();
  requirePrivate(config.issuer);
  const endpoint = await discover(options.fetch, config.issuer);
  requirePrivate(endpoint);
  const asked = now();
  const answer = await send(options.fetch, endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: options.clientId,
      client_secret: options.clientSecret,
      audience: options.audience ?? config.audience,
    }).toString(),
  });
  const token = answer.body['access_token'];
  if (answer.status >= 400 || typeof token !== 'string') throw refusal(answer, endpoint);
  const seconds = Number(answer.body['expires_in'] ?? 300);
  const life = (Number.isFinite(seconds) && seconds > 0 ? seconds : 300) * 1000;
  return {
    token,
    renewAt: asked + life - Math.min(RENEW_AHEAD_MS, life / 5),
    uselessAt: asked + life - Math.min(RENEW_NOW_MS, life / 10),
  };
}

/** A secret goes over https, or nowhere: plain http only where nothing leaves the machine (RFC 8252 section 8.3). */
function requirePrivate(address: string): void {
  const url = URL.parse(address);
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  const local = /^(localhost|.+\.localhost|::1|127(\.\d{1,3}){3})$/.test(host);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && local)) return;
  throw new OptionsError(
    `The identity provider is at ${address}, which is neither https nor on this machine.`,
    {
      code: 'not_configured',
      hint: 'The client secret was not sent there. Is the address of the API right?',
    },
  );
}

/** OpenID Connect Discovery 1.0 section 4; the issuer must name itself exactly, or it is another one. */
async function discover(fetch: Fetch, issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const { status, body } = await send(fetch, url, { headers: { accept: 'application/json' } });
  const endpoint = body['token_endpoint'];
  if (status !== 200 || typeof endpoint !== 'string' || body['issuer'] !== issuer) {
    throw new OptionsError(
      `The identity provider ${issuer} does not describe itself as OpenID Connect asks for.`,
      {
        code: 'not_configured',
        hint: 'Ask who runs this installation: the issuer that the API names must match that of the provider, to the slash.',
      },
    );
  }
  return endpoint;
}

interface IssuerAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

async function send(fetch: Fetch, url: string, init: RequestInit): Promise<IssuerAnswer> {
  for (let tried = 1; ; tried += 1) {
    const result = await sendOnce(fetch, url, init);
    if (!(result instanceof StagerError)) return result;
    if (tried === TRIES) throw result;
    await delay(backoff(tried - 1, Math.random()));
  }
}

async function sendOnce(fetch: Fetch, url: string, init: RequestInit): Promise<IssuerAnswer | StagerError> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
  try {
    // A redirection would take the secret in the body along, to whatever address it names.
    const response = await fetch(url, { ...init, redirect: 'manual', signal: controller.signal });
    const text = await response.text();
    if (response.status < 500 && response.status !== 429) {
      return { status: response.status, headers: response.headers, body: parseObject(text) };
    }
    return new ServerError(`The identity provider answered ${response.status}.`, {
      code: 'issuer_unavailable',
      status: response.status,
      headers: response.headers,
      retryable: true,
    });
  } catch (error) {
    return connectionError(url, error);
  } finally {
    clearTimeout(timer);
  }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function refusal({ status, headers, body }: IssuerAnswer, endpoint: string): AuthenticationError {
  const reason = String(body['error'] ?? `status ${status}`);
  const words = typeof body['error_description'] === 'string' ? `: ${body['error_description']}` : '';
  return new AuthenticationError(
    `${new URL(endpoint).origin} refused the client credentials (${reason}${words}).`,
    {
      code: 'unauthenticated',
      status,
      headers,
      hint: 'Check STAGER_CLIENT_ID and STAGER_CLIENT_SECRET, and that this client may use this API.',
    },
  );
}

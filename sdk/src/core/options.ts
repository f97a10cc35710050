import { OptionsError } from './errors.ts';

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Where access tokens come from. One call at a time is not guaranteed: coalesce if that matters. */
export interface TokenProvider {
  /**
   * @param options.refresh the token given before was refused with 401: get another
   * @param options.rejected the token that was refused
   * @returns an access token; the same one again when there is no other
   */
  getToken(options?: { readonly refresh?: boolean; readonly rejected?: string }): Promise<string>;
}

/**
 * Sees every request to the API and its answer, retries included; uploads to and downloads from the photo store are
 * not among them. `next` sends the request.
 */
export type Middleware = (
  request: Request,
  next: (request: Request) => Promise<Response>,
) => Promise<Response>;

/** Gets a message and its facts; never a token. */
export interface Logger {
  debug?(message: string, facts: Readonly<Record<string, unknown>>): void;
  warn?(message: string, facts: Readonly<Record<string, unknown>>): void;
}

export interface StagerOptions {
  /** Address of the API. @default `STAGER_API_URL` */
  readonly baseUrl?: string | undefined;
  /** An access token, or what provides one. @default `STAGER_TOKEN` */
  readonly token?: string | TokenProvider | undefined;
  /** Machine client for the client credentials grant, used when there is no token. @default `STAGER_CLIENT_ID` */
  readonly clientId?: string | undefined;
  /** @default `STAGER_CLIENT_SECRET` */
  readonly clientSecret?: string | undefined;
  /** Audience to ask a token for. @default what the API says at /v1/auth/config */
  readonly audience?: string | undefined;
  /** Replaces the global `fetch`, for a proxy or for tests. */
  readonly fetch?: Fetch | undefined;
  /** Retries of a call; 0 means none. @default 3 */
  readonly maxRetries?: number | undefined;
  /** Longest wait for one answer, in milliseconds; each retry has its own. @default 60000 */
  readonly timeoutMs?: number | undefined;
  readonly logger?: Logger | undefined;
  /** Put before the SDK's own in `User-Agent`. */
  readonly userAgent?: string | undefined;
  /** The first is the outermost. */
  readonly middleware?: readonly Middleware[] | undefined;
}

/** What every call takes. */
export interface CallOptions {
  /** Ends the call with an AbortError. */
  readonly signal?: AbortSignal | undefined;
  /** Longest wait for one answer, in milliseconds. @default that of the client */
  readonly timeoutMs?: number | undefined;
  /** 0 means none. @default that of the client */
  readonly maxRetries?: number | undefined;
  /** Key of a POST; a repeat with the same key has no second effect. @default a random one for each call */
  readonly idempotencyKey?: string | undefined;
  /** Sent beside the SDK's own. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const DEFAULT_RETRIES = 3;
const DEFAULT_TIMEOUT_MS = 60_000;

export interface Settings {
  readonly baseUrl: string;
  readonly fetch: Fetch;
  readonly maxRetries: number;
  readonly timeoutMs: number;
  readonly logger: Logger;
  readonly userAgent: string | undefined;
  readonly middleware: readonly Middleware[];
}

/** An environment variable; undefined where there is no environment, as in a browser. */
export function readEnv(name: string): string | undefined {
  return globalThis.process?.env?.[name]?.trim() || undefined;
}

export function readSettings(options: StagerOptions): Settings {
  // Looked up at each call, so that what replaces the global fetch later (a mock, an instrumentation) is used.
  const fetch: Fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  return {
    baseUrl: readBaseUrl(options.baseUrl ?? readEnv('STAGER_API_URL')),
    fetch,
    maxRetries: whole(options.maxRetries ?? DEFAULT_RETRIES, 'maxRetries'),
    timeoutMs: whole(options.timeoutMs ?? DEFAULT_TIMEOUT_MS, 'timeoutMs'),
    logger: options.logger ?? {},
    userAgent: options.userAgent,
    middleware: options.middleware ?? [],
  };
}

function readBaseUrl(value: string | undefined): string {
  if (!value) {
    throw new OptionsError('The address of the stager API is not known.', {
      code: 'not_configured',
      hint: 'Pass baseUrl, or set STAGER_API_URL.',
    });
  }
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash) {
    throw new OptionsError(`${JSON.stringify(value)} is not the address of an API.`, {
      code: 'not_configured',
      hint: 'It must be an http or https URL without credentials, query and fragment.',
    });
  }
  return url.href.replace(/\/+$/, '');
}

export function whole(value: number, name: string): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new OptionsError(`${name} must be a whole number of at least 0, not ${value}.`, {
    code: 'invalid_options',
  });
}

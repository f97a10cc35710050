import type { Configuration } from 'openid-client';
import { CliError } from '../errors.ts';
import { messageOf } from '../io/text.ts';
import type { Fetch } from '../net/fetch.ts';
import { isLoopback } from '../net/loopback.ts';
import { networkTrouble } from '../net/trouble.ts';

/** Seconds that one request to the issuer may take. */
const TIMEOUT_S = 15;

/**
 * What an issuer says about itself. Over https, or plain http on loopback only.
 * @throws CliError `issuer_unsafe`; otherwise whatever openid-client throws
 */
export async function discoverIssuer(issuer: string, clientId: string, fetch: Fetch): Promise<Configuration> {
  const oidc = await import('openid-client');
  const url = URL.parse(issuer);
  if (!url || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url)))) {
    throw new CliError(`The API names ${issuer} as its login, which is neither https nor on this machine.`, {
      code: 'issuer_unsafe',
      hint: 'Nothing was sent there. Is the API address right? stager config list',
    });
  }
  const insecure = url.protocol === 'http:';
  return oidc.discovery(url, clientId, undefined, oidc.None(), {
    // openid-client narrows init to what it sends itself; every field of it is a field of RequestInit.
    [oidc.customFetch]: (target, init) => fetch(target, init as RequestInit),
    timeout: TIMEOUT_S,
    ...(insecure ? { execute: [oidc.allowInsecureRequests] } : {}),
  });
}

/** How a request to the issuer ended, when not with tokens. */
export type IssuerFailure =
  | { readonly kind: 'oauth'; readonly error: string; readonly description: string | undefined }
  /** The issuer or the way to it failed; the same request may succeed later. */
  | { readonly kind: 'transient' }
  | { readonly kind: 'fatal' };

/** Answers that come with 429 at Auth0 and mean what they say: RFC 8628 section 3.5. */
const POLLING = new Set(['slow_down', 'authorization_pending']);

/** RFC 6749 section 5.2 answers are decisions of the issuer; anything that is not one decides nothing. */
export function classifyFailure(error: unknown): IssuerFailure {
  if (error instanceof CliError) return { kind: 'fatal' };
  if (error instanceof Error && 'error' in error && typeof error.error === 'string') {
    const status = 'status' in error && typeof error.status === 'number' ? error.status : 400;
    if (status >= 500 || (status === 429 && !POLLING.has(error.error))) return { kind: 'transient' };
    const description = 'error_description' in error ? error.error_description : undefined;
    return {
      kind: 'oauth',
      error: error.error,
      description: typeof description === 'string' ? description : undefined,
    };
  }
  // A failed fetch is a TypeError; a time-out, an HTML page of a proxy or a 5xx reach us as a ClientError.
  return { kind: 'transient' };
}

/** Why an issuer could not be asked: the network in between, or what it answered. */
export function issuerTrouble(
  issuer: string,
  error: unknown,
): { readonly why: string; readonly hint: string } {
  const trouble = networkTrouble(error);
  if (trouble) return { why: `${issuer} cannot be reached (${trouble.code})`, hint: trouble.hint };
  return {
    why: `${issuer} did not answer as it should: ${messageOf(error)}`,
    hint: 'Try again later; if it stays so, it is for whoever runs it to mend.',
  };
}

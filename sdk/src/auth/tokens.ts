import { OptionsError } from '../core/errors.ts';
import { type Fetch, readEnv, type StagerOptions, type TokenProvider } from '../core/options.ts';
import type { ClientCredentialsOptions } from './clientCredentials.ts';

export interface TokenSources {
  readonly fetch: Fetch;
  readonly config: () => Promise<{ readonly issuer: string; readonly audience: string }>;
}

/**
 * Options win over the environment, and a token over client credentials. Undefined where there is neither: some
 * operations need none.
 */
export function chooseTokens(options: StagerOptions, sources: TokenSources): TokenProvider | undefined {
  const { token, clientId, clientSecret, audience } = options;
  if (token !== undefined) return typeof token === 'string' ? fixed(token) : token;
  if (clientId !== undefined || clientSecret !== undefined) {
    return machine(clientId ?? readEnv('STAGER_CLIENT_ID'), clientSecret ?? readEnv('STAGER_CLIENT_SECRET'));
  }
  const fromEnv = readEnv('STAGER_TOKEN');
  if (fromEnv !== undefined) return fixed(fromEnv);
  const id = readEnv('STAGER_CLIENT_ID');
  const secret = readEnv('STAGER_CLIENT_SECRET');
  return id === undefined && secret === undefined ? undefined : machine(id, secret);

  function machine(id: string | undefined, secret: string | undefined): TokenProvider {
    if (id === undefined || secret === undefined) {
      throw new OptionsError(
        `Client credentials need both parts; the client ${id === undefined ? 'id' : 'secret'} is missing.`,
        {
          code: 'not_configured',
          hint: 'Pass clientId and clientSecret, or set STAGER_CLIENT_ID and STAGER_CLIENT_SECRET.',
        },
      );
    }
    return machineTokens({ clientId: id, clientSecret: secret, audience, ...sources });
  }
}

function fixed(token: string): TokenProvider {
  // A line break, as `STAGER_TOKEN=$(cat file)` can leave one, must not get into a header.
  const clean = token.trim();
  return { getToken: async () => clean };
}

/** Loaded when the first token is needed: most clients are given one. */
function machineTokens(options: ClientCredentialsOptions): TokenProvider {
  let provider: Promise<TokenProvider> | undefined;
  return {
    async getToken(request) {
      provider ??= import('./clientCredentials.ts').then(({ clientCredentials }) =>
        clientCredentials(options),
      );
      return (await provider).getToken(request);
    },
  };
}

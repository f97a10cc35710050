import type { Stager } from '../client.ts';
import type { ApiPromise } from '../core/apiPromise.ts';
import type { CallOptions } from '../core/options.ts';
import { type Pages, pagesOf } from '../core/pagination.ts';
import type { CreatedToken, ListTokensQuery, Token, TokenInput } from '../generated/types.ts';

/**
 * Personal access tokens: for scripts and CI jobs that act as whoever made them.
 * @example
 * const { secret } = await new Tokens(stager).create({ name: 'nightly', scopes: ['images:read'], expiresInDays: 30 });
 */
export class Tokens {
  readonly #client: Pick<Stager, 'request'>;

  constructor(client: Pick<Stager, 'request'>) {
    this.#client = client;
  }

  /** Newest first: one's own, and for owners all of the account. */
  list(query: ListTokensQuery = {}, options?: CallOptions): Pages<Token> {
    return pagesOf(query, (input) => this.#client.request('listTokens', input, options));
  }

  /**
   * `secret` is the token, shown this once; null when the first answer was lost and this one repeats it: revoke the
   * token then, and create another.
   */
  create(body: TokenInput, options?: CallOptions): ApiPromise<CreatedToken> {
    return this.#client.request('createToken', { body }, options);
  }

  /** Takes effect within seconds, everywhere. */
  revoke(tokenId: string, options?: CallOptions): ApiPromise<undefined> {
    return this.#client.request('revokeToken', { params: { tokenId } }, options);
  }
}

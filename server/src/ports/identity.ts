import type { Credential } from '../contract/index.ts';

/** What a verified token says. */
export interface VerifiedToken {
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly credential: Credential;
  /** The one account that a personal access token is for; null where the principal decides. */
  readonly accountId: string | null;
  readonly expiresAt: Date;
}

export class TokenRejected extends Error {
  override readonly name = 'TokenRejected';
}

/** The issuer cannot be asked and nothing usable is cached: an outage, not a bad token. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable';
}

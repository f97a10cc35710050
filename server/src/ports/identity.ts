/** What a verified access token says. */
export interface VerifiedToken {
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly clientId: string | null;
  readonly expiresAt: Date;
}

export class TokenRejected extends Error {
  override readonly name = 'TokenRejected';
}

/** The issuer cannot be asked and nothing usable is cached: an outage, not a bad token. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable';
}

/** What a browser is sent to the issuer with, and what it must come back with; kept where only that browser has it. */
export interface PendingLogin {
  readonly state: string;
  readonly nonce: string;
  /** RFC 7636 */
  readonly verifier: string;
}

/** What the issuer says of a person who has logged in. Tokens are secrets. */
export interface LoggedIn {
  readonly subject: string;
  /** Address or name, to show. */
  readonly name: string | null;
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly idToken: string;
}

/** Logins of people by a browser: code and PKCE. */
export interface WebLogin {
  /** @param asOther asks who it is, whoever is logged in at the issuer. @throws IssuerUnavailable */
  begin(asOther: boolean): Promise<{ readonly url: string; readonly pending: PendingLogin }>;
  /** @param query of the address that the issuer sent the browser to. @throws LoginRefused, IssuerUnavailable */
  finish(query: string, pending: PendingLogin): Promise<LoggedIn>;
  /** A refresh token works once. @throws LoginRefused, IssuerUnavailable */
  renew(refreshToken: string, subject: string, idToken: string): Promise<LoggedIn>;
  /** Where the session at the issuer ends; null where it has no such place. @throws IssuerUnavailable */
  logoutUrl(idToken: string): Promise<string | null>;
  /** For Content-Security-Policy: where a form of ours may lead. */
  readonly origin: string;
}

/** The issuer has decided that it is no login. */
export class LoginRefused extends Error {
  override readonly name = 'LoginRefused';
  /** RFC 6749 section 4.1.2.1 and 5.2 */
  readonly code: string;
  constructor(code: string, options?: ErrorOptions) {
    super(`The issuer refused: ${code}`, options);
    this.code = code;
  }
}

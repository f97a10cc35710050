import { authError, CliError, DOCTOR_STEP } from '../errors.ts';
import type { Fetch } from '../net/fetch.ts';
import { type Login, loginKey, readLogins, writeLogins } from './credentials.ts';
import { classifyFailure, discoverIssuer, issuerTrouble } from './issuer.ts';
import { withFileLock } from './lock.ts';

/** A token is renewed when it has less than this left, in milliseconds. */
const RENEW_BEFORE_MS = 60_000;

export interface TokenRequest {
  /** Get a new one even when the present one seems good. */
  readonly refresh?: boolean;
  /** The token that the API has just refused. */
  readonly rejected?: string;
}

export interface SessionOptions {
  readonly file: string;
  readonly profile: string;
  readonly apiUrl: string;
  readonly fetch: () => Promise<Fetch>;
  readonly now?: () => number;
}

/** Whether a token can be used as it is. */
export function isUsable(login: Login, request: TokenRequest, now: number): boolean {
  if (login.accessToken === request.rejected) return false;
  return login.expiresAt - now > RENEW_BEFORE_MS;
}

/** Access tokens of a stored login, renewed once for all processes that need it at the same time. */
export class Session {
  readonly #options: SessionOptions;
  readonly #key: string;
  readonly #now: () => number;
  #renewal: Promise<string> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#key = loginKey(options.profile, options.apiUrl);
    this.#now = options.now ?? Date.now;
  }

  async login(): Promise<Login | undefined> {
    return (await readLogins(this.#options.file))[this.#key];
  }

  /** @throws CliError with exit code 4 when there is no login, or it has ended */
  async getToken(request: TokenRequest = {}): Promise<string> {
    const login = await this.#present();
    if (!request.refresh && isUsable(login, request, this.#now())) return login.accessToken;
    const seen = request.rejected ?? login.accessToken;
    this.#renewal ??= this.#renew(seen).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #present(): Promise<Login> {
    const login = await this.login();
    if (!login)
      throw authError(`There is no login for ${this.#options.apiUrl} (profile ${this.#options.profile}).`);
    return login;
  }

  /** Refresh tokens rotate: using one twice ends the login, so only one process at a time may try. */
  #renew(seen: string): Promise<string> {
    return withFileLock(this.#options.file, async (held) => {
      const login = await this.#present();
      // Somebody else was here while we waited for the lock.
      if (isUsable(login, { rejected: seen }, this.#now())) return login.accessToken;
      if (!login.refreshToken) throw authError('The login has expired.', 'login_expired');
      const renewed = await this.#refresh(login, login.refreshToken);
      if (held()) {
        await writeLogins(this.#options.file, {
          ...(await readLogins(this.#options.file)),
          [this.#key]: renewed,
        });
      }
      return renewed.accessToken;
    });
  }

  async #refresh(login: Login, refreshToken: string): Promise<Login> {
    try {
      const oidc = await import('openid-client');
      const issuer = await discoverIssuer(login.issuer, login.clientId, await this.#options.fetch());
      return toLogin(login, await oidc.refreshTokenGrant(issuer, refreshToken), this.#now());
    } catch (error) {
      throw explainRefresh(error, login.issuer);
    }
  }
}

interface TokenAnswer {
  readonly access_token: string;
  readonly refresh_token?: string | undefined;
  readonly expires_in?: number | undefined;
  readonly scope?: string | undefined;
}

/** Lifetime assumed when the issuer states none (RFC 6749 section 5.1 only recommends it), in seconds. */
const ASSUMED_LIFETIME_S = 300;

export function toLogin(
  base: Pick<Login, 'issuer' | 'clientId' | 'scope'> & Partial<Pick<Login, 'refreshToken'>>,
  answer: TokenAnswer,
  now: number,
): Login {
  return {
    issuer: base.issuer,
    clientId: base.clientId,
    accessToken: answer.access_token,
    // An issuer that does not rotate sends none: the old one stays good (RFC 6749 section 6).
    refreshToken: answer.refresh_token ?? base.refreshToken ?? null,
    expiresAt: now + (answer.expires_in ?? ASSUMED_LIFETIME_S) * 1000,
    scope: answer.scope ?? base.scope,
  };
}

/** Only `invalid_grant` ends a login. Whatever else happens, the login stays for the next try. */
function explainRefresh(error: unknown, issuer: string): unknown {
  const failure = classifyFailure(error);
  if (failure.kind === 'fatal') return error;
  if (failure.kind === 'oauth') {
    return failure.error === 'invalid_grant'
      ? authError('The login has ended: it expired or was revoked.', 'login_expired', error)
      : authError(
          `The login could not be renewed: ${failure.description ?? failure.error}`,
          'login_refused',
          error,
        );
  }
  const { why, hint } = issuerTrouble(issuer, error);
  return new CliError(`The login could not be renewed: ${why}.`, {
    code: 'issuer_unavailable',
    retryable: true,
    hint: `The login is kept. ${hint}`,
    next: [DOCTOR_STEP],
    cause: error,
  });
}

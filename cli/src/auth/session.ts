import { authError, CliError, DOCTOR_STEP } from '../errors.ts';
import type { Fetch } from '../net/fetch.ts';
import {
  type DeviceLogin,
  isTokenLogin,
  type Login,
  loginKey,
  readLogins,
  writeLogins,
} from './credentials.ts';
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
export function isUsable(login: DeviceLogin, request: TokenRequest, now: number): boolean {
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
    const login = await this.login();
    if (!login) {
      throw authError(`There is no login for ${this.#options.apiUrl} (profile ${this.#options.profile}).`);
    }
    // Nothing else can be had in its place: that it is no good, the API says better than its date.
    if (isTokenLogin(login)) return login.token;
    if (!request.refresh && isUsable(login, request, this.#now())) return login.accessToken;
    const seen = request.rejected ?? login.accessToken;
    this.#renewal ??= this.#renew(seen).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  /** Settles when no renewal is under way: whoever leaves in the middle of one loses the new refresh token, and the login. */
  async idle(): Promise<void> {
    await this.#renewal?.catch(() => undefined);
  }

  /** Refresh tokens rotate: using one twice ends the login, so only one process at a time may try. */
  #renew(seen: string): Promise<string> {
    const { file } = this.#options;
    return withFileLock(file, async (held) => {
      const login = await this.login();
      // Somebody else was here while we waited for the lock.
      if (!login) throw loginEnded();
      if (isTokenLogin(login)) return login.token;
      if (isUsable(login, { rejected: seen }, this.#now())) return login.accessToken;
      if (!login.refreshToken) throw authError('The login has expired.', 'login_expired');
      const renewed = await this.#refresh(login, login.refreshToken);
      if (held()) {
        const { [this.#key]: _old, ...others } = await readLogins(file);
        await writeLogins(file, renewed instanceof Error ? others : { ...others, [this.#key]: renewed });
      }
      if (renewed instanceof Error) throw renewed;
      return renewed.accessToken;
    });
  }

  /** @returns the error when the issuer has ended this login; whatever else goes wrong is thrown, and ends nothing */
  async #refresh(login: DeviceLogin, refreshToken: string): Promise<DeviceLogin | CliError> {
    try {
      const oidc = await import('openid-client');
      const issuer = await discoverIssuer(login.issuer, login.clientId, await this.#options.fetch());
      return toLogin(login, await oidc.refreshTokenGrant(issuer, refreshToken), this.#now());
    } catch (error) {
      const failure = classifyFailure(error);
      if (failure.kind === 'oauth' && failure.error === 'invalid_grant') return loginEnded(error);
      throw explainRefresh(error, login.issuer);
    }
  }
}

export interface TokenAnswer {
  readonly access_token: string;
  readonly refresh_token?: string | undefined;
  readonly expires_in?: number | undefined;
  readonly scope?: string | undefined;
}

/** Lifetime assumed when the issuer states none (RFC 6749 section 5.1 only recommends it), in seconds. */
const ASSUMED_LIFETIME_S = 300;

export function toLogin(
  base: Pick<DeviceLogin, 'issuer' | 'clientId' | 'scope' | 'asked'> &
    Partial<Pick<DeviceLogin, 'refreshToken'>>,
  answer: TokenAnswer,
  now: number,
): DeviceLogin {
  return {
    issuer: base.issuer,
    clientId: base.clientId,
    accessToken: answer.access_token,
    // An issuer that does not rotate sends none: the old one stays good (RFC 6749 section 6).
    refreshToken: answer.refresh_token ?? base.refreshToken ?? null,
    expiresAt: now + (answer.expires_in ?? ASSUMED_LIFETIME_S) * 1000,
    scope: answer.scope ?? base.scope,
    ...(base.asked === undefined ? {} : { asked: base.asked }),
  };
}

/** Only `invalid_grant` means that a refresh token will never be good again: RFC 6749 section 5.2. */
function loginEnded(cause?: unknown): CliError {
  return authError(
    'The login has ended: it expired, was revoked, or its refresh token was used elsewhere. It was removed from this machine.',
    'login_expired',
    cause,
  );
}

function explainRefresh(error: unknown, issuer: string): unknown {
  const failure = classifyFailure(error);
  if (failure.kind === 'fatal') return error;
  if (failure.kind === 'oauth') {
    return authError(
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

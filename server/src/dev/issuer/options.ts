/** A person of the local issuer. `sub` is `auth0|<id>`, the shape that Auth0 gives to database users. */
export interface IssuerUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** API scopes this person may be given. */
  readonly scopes: readonly string[];
}

/** Native and public: device code and refresh token, no secret. */
export interface DeviceClient {
  readonly kind: 'device';
  readonly id: string;
  readonly name: string;
}

/** Confidential: authorization code with PKCE, refresh token, RP-initiated logout. */
export interface WebClient {
  readonly kind: 'web';
  readonly id: string;
  readonly name: string;
  readonly secret: string;
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
}

/** Confidential: client credentials. Its tokens have `sub` `<id>@clients`, as at Auth0. */
export interface MachineClient {
  readonly kind: 'machine';
  readonly id: string;
  readonly name: string;
  readonly secret: string;
  /** API scopes it may be given, and is given when it asks for none. */
  readonly scopes: readonly string[];
}

export type IssuerClient = DeviceClient | WebClient | MachineClient;

export interface IssuerOptions {
  /** The `iss` of every token, to the slash. Ends in `/`, as Auth0's does, and has no path. */
  readonly issuerUrl: string;
  /** The API that access tokens are for; the default where a request names none. */
  readonly audience: string;
  /** Shown on the approval page, so that one sees which stack asks. */
  readonly apiBaseUrl?: string;
  /** The SQLite file (made with mode 0600) that keeps keys, grants and tokens over a restart. */
  readonly dataFile: string;
  /** Approves every device code as the user `demo`, without a page. Loopback only. */
  readonly autoApprove: boolean;
  readonly users: readonly IssuerUser[];
  readonly clients: readonly IssuerClient[];
  /** Every API scope that exists. */
  readonly scopes: readonly string[];
  /** What a scope allows, in words for the approval page. */
  readonly scopeTexts?: Readonly<Record<string, string>>;
  /** Life of an access token in seconds, default 600. */
  readonly tokenTtlSeconds?: number;
  /** Life of a device code in seconds, default 600. */
  readonly deviceCodeTtlSeconds?: number;
  /**
   * Seconds between two polls of a device client; fractions are fine. Default 1, and 0.05 with `autoApprove`,
   * where the first poll finds the answer.
   */
  readonly pollIntervalSeconds?: number;
  readonly log: (line: string) => void;
}

/** The user as whom `autoApprove` answers. */
export const AUTO_APPROVED_USER = 'demo';

/** Scopes that speak of the person and the session, not of the API. */
export const OIDC_SCOPES: readonly string[] = ['openid', 'profile', 'email', 'offline_access'];

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** @throws Error naming the option that cannot work and what to do. */
export function checkOptions(options: IssuerOptions): void {
  const url = URL.parse(options.issuerUrl);
  if (url === null || url.href !== options.issuerUrl || url.pathname !== '/') {
    throw new Error(
      `issuerUrl must be an origin with a slash at its end, like http://127.0.0.1:4011/, not ${options.issuerUrl}`,
    );
  }
  const users = new Set(options.users.map((user) => user.id));
  if (users.size !== options.users.length) throw new Error('two users of the issuer have the same id');
  if (options.users.length === 0) throw new Error('the issuer needs at least one user');
  if (!options.autoApprove) return;
  if (!LOOPBACK.has(url.hostname)) {
    throw new Error(
      `auto-approval is for loopback only, and the issuer is at ${url.hostname}. Leave --auto-approve out.`,
    );
  }
  if (!users.has(AUTO_APPROVED_USER)) {
    throw new Error(`auto-approval answers as the user ${AUTO_APPROVED_USER}, and there is none`);
  }
}

export function subjectOf(user: IssuerUser): string {
  return `auth0|${user.id}`;
}

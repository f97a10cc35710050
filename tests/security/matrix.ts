import {
  ERROR_CODES,
  type ErrorCode,
  hasRole,
  pathParams,
  ROLES,
  type Role,
  type RouteSpec,
  type Scope,
  TOKEN_SCOPES,
} from '../../server/src/contract/index.ts';

/** What an answer must be: the operation's success, or a failure by code. The status follows from the code. */
export type Expected = 'success' | ErrorCode;

export interface Case {
  /** What is wrong with the request, in words that follow "a request with". */
  readonly what: string;
  /** Which operations it concerns; what it leaves out is left out for this reason alone. */
  readonly applies: (route: RouteSpec) => boolean;
  readonly where: string;
  readonly expected: Expected;
  /** The header WWW-Authenticate (RFC 6750 section 3), where one is due. */
  readonly challenge?: (route: RouteSpec) => string;
}

const all = () => true;
const needsToken = (route: RouteSpec) => route.scope !== null;
const needsMember = (route: RouteSpec) => route.role !== null;
const hasBody = (route: RouteSpec) => route.body !== undefined;
const hasParams = (route: RouteSpec) => pathParams(route.path).length > 0;
/** Operators act on the accounts of others: that is what their role is for. */
const withinAccount = (route: RouteSpec) => needsMember(route) && route.role !== 'admin';
const personalTokenScopes: readonly Scope[] = TOKEN_SCOPES;
const forPersonalTokens = (route: RouteSpec) =>
  needsMember(route) && route.scope !== null && personalTokenScopes.includes(route.scope);
const withoutPersonalTokens = (route: RouteSpec) =>
  route.scope !== null && !personalTokenScopes.includes(route.scope);

const TOKEN = 'operations that need a token';
const MEMBER = 'operations that need a member';
const NO_CREDENTIALS = () => 'Bearer realm="stager"';
const BAD_TOKEN = () => 'Bearer realm="stager", error="invalid_token"';
const NO_SCOPE = (route: RouteSpec) =>
  `Bearer realm="stager", error="insufficient_scope", scope="${route.scope}"`;

function badToken(what: string): Case {
  return { what, applies: needsToken, where: TOKEN, expected: 'unauthenticated', challenge: BAD_TOKEN };
}

function noToken(what: string): Case {
  return { what, applies: needsToken, where: TOKEN, expected: 'unauthenticated', challenge: NO_CREDENTIALS };
}

/** The role right below the one that an operation needs; null where every member may. */
export function roleBelow({ role }: RouteSpec): Role | null {
  return ROLES.filter((held) => role !== null && !hasRole(held, role)).at(-1) ?? null;
}

/** Every way to be refused, and the one to be let in. A new operation meets all that apply to it. */
export const CASES = {
  good: { what: 'all that it needs', applies: all, where: 'all operations', expected: 'success' },
  none: noToken('no credentials'),
  scheme: noToken('credentials of another scheme'),
  inQuery: noToken('the token in the query string'),
  malformed: badToken('a malformed token'),
  notAToken: badToken('an Authorization header that holds two words'),
  expired: badToken('an expired token'),
  notYetValid: badToken('a token that is not yet valid'),
  wrongAudience: badToken('a token for another audience'),
  wrongIssuer: badToken('a token of another issuer'),
  wrongKey: badToken('a token that another key has signed'),
  algNone: badToken('a token with alg none'),
  hs256: badToken('a token with HS256, signed with the public key'),
  idToken: badToken('an ID token'),
  noExp: badToken('a token without exp'),
  noSub: badToken('a token without sub'),
  revokedToken: {
    ...badToken('a revoked personal access token'),
    applies: forPersonalTokens,
    where: 'operations for personal access tokens',
  },
  expiredToken: {
    ...badToken('an expired personal access token'),
    applies: forPersonalTokens,
    where: 'operations for personal access tokens',
  },
  unknownToken: badToken('a personal access token that was never made'),
  tokenScope: {
    what: 'a personal access token, which can never hold the scope',
    applies: withoutPersonalTokens,
    where: 'operations that personal access tokens are kept from',
    expected: 'insufficient_scope',
    challenge: NO_SCOPE,
  },
  missingScope: {
    what: 'a token with every scope but the one that is needed',
    applies: needsToken,
    where: TOKEN,
    expected: 'insufficient_scope',
    challenge: NO_SCOPE,
  },
  noAccount: {
    what: 'a token of somebody without an account',
    applies: needsMember,
    where: MEMBER,
    expected: 'no_account',
  },
  suspended: {
    what: 'a token of a suspended account',
    applies: needsMember,
    where: MEMBER,
    expected: 'account_suspended',
  },
  role: {
    what: 'a token of a member with the role below',
    applies: (route) => roleBelow(route) !== null,
    where: 'operations that need more than the least role',
    expected: 'role_required',
  },
  foreignId: {
    what: 'the id of a row of another account in its path',
    applies: (route) => withinAccount(route) && hasParams(route),
    where: 'operations on one row of the account',
    expected: 'not_found',
  },
  unknownId: {
    what: 'an id that nobody has in its path',
    applies: (route) => needsToken(route) && hasParams(route),
    where: 'operations on one row',
    expected: 'not_found',
  },
  notAnId: {
    what: 'something else than an id in its path',
    applies: (route) => needsToken(route) && hasParams(route),
    where: 'operations on one row',
    expected: 'invalid_request',
  },
  largeBody: {
    what: 'a body beyond the limit',
    applies: hasBody,
    where: 'operations with a body',
    expected: 'body_too_large',
  },
  largeChunkedBody: {
    what: 'a body beyond the limit that does not say its length',
    applies: hasBody,
    where: 'operations with a body',
    expected: 'body_too_large',
  },
  unknownField: {
    what: 'an unknown field in its body',
    applies: hasBody,
    where: 'operations with a body',
    expected: 'invalid_request',
  },
  unknownParameter: {
    what: 'an unknown parameter in its query string',
    applies: all,
    where: 'all operations',
    expected: 'invalid_request',
  },
  wrongType: {
    what: 'another content type',
    applies: hasBody,
    where: 'operations with a body',
    expected: 'unsupported_media_type',
  },
  encoded: {
    what: 'a content encoding',
    applies: hasBody,
    where: 'operations with a body',
    expected: 'unsupported_media_type',
  },
  notJson: {
    what: 'a body that is not JSON',
    applies: hasBody,
    where: 'operations with a body',
    expected: 'invalid_request',
  },
  needlessToken: {
    what: 'an expired token where none is needed',
    applies: (route) => !needsToken(route),
    where: 'operations without a token',
    expected: 'success',
  },
} as const satisfies Record<string, Case>;

export type CaseName = keyof typeof CASES;

// Object.keys loses the literal types of a const object that is never extended.
export const CASE_NAMES = Object.keys(CASES) as CaseName[];

export interface Cell {
  readonly route: RouteSpec;
  readonly name: CaseName;
  readonly status: number;
  readonly code: ErrorCode | null;
}

export function cellsOf(route: RouteSpec): Cell[] {
  return CASE_NAMES.filter((name) => CASES[name].applies(route)).map((name) => {
    const { expected } = CASES[name];
    return expected === 'success'
      ? { route, name, status: route.success.status, code: null }
      : { route, name, status: ERROR_CODES[expected].status, code: expected };
  });
}

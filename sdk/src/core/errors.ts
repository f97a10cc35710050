import type { Problem } from '../generated/types.ts';

/** Survives two copies of the package, workers and realms, where `instanceof` does not. */
const KINDS = Symbol.for('stager.sdk.error.kinds');

/** Codes of the API, and of the SDK itself. New ones may be added. */
export type ErrorCode =
  | Problem['code']
  | 'connection_failed'
  | 'timeout'
  | 'aborted'
  | 'not_configured'
  | 'invalid_options'
  | 'invalid_answer'
  | 'transfer_failed'
  | 'write_failed'
  | 'checksum_mismatch'
  | (string & {});

export interface StagerErrorOptions {
  readonly code: ErrorCode;
  readonly retryable?: boolean;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly hint?: string | undefined;
  readonly docsUrl?: string | undefined;
  readonly cause?: unknown;
}

type ErrorClass<E> = { readonly kind: string; readonly prototype: E };

/** Every error that the SDK throws on purpose. */
export class StagerError extends Error {
  static readonly kind: string = 'StagerError';
  override readonly name: string;
  /** Stable word to decide by; messages may change. */
  readonly code: ErrorCode;
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean;
  /** HTTP status, when there was an answer. */
  readonly status: number | undefined;
  /** Names the request in the logs of the API; support asks for it. */
  readonly requestId: string | undefined;
  /** What to do about it, where the SDK knows more than the message says. */
  readonly hint: string | undefined;
  readonly docsUrl: string | undefined;

  constructor(message: string, options: StagerErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.kind;
    this.code = options.code;
    this.retryable = options.retryable ?? false;
    this.status = options.status;
    this.requestId = options.requestId;
    this.hint = options.hint;
    this.docsUrl = options.docsUrl;
    Object.defineProperty(this, KINDS, { value: kindsOf(new.target) });
  }

  /**
   * Whether a value is an error of this class, also one of another copy of this package.
   * @example
   * if (NotFoundError.isInstance(error)) return null;
   */
  static isInstance<E>(this: ErrorClass<E>, error: unknown): error is E {
    if (typeof error !== 'object' || error === null || !(KINDS in error)) return false;
    const kinds = error[KINDS];
    // biome-ignore lint/complexity/noThisInStatic: the class that it is called on is the question
    return Array.isArray(kinds) && kinds.includes(this.kind);
  }
}

/** Names of a class and its ancestors. Class names themselves are lost when a bundler minifies. */
function kindsOf(most: typeof StagerError): string[] {
  const kinds: string[] = [];
  for (let at: unknown = most; typeof at === 'function' && 'kind' in at; at = Object.getPrototypeOf(at)) {
    kinds.push(String(at.kind));
  }
  return kinds;
}

export interface ApiErrorOptions extends StagerErrorOptions {
  readonly status: number;
  readonly headers?: Headers | undefined;
  readonly scope?: string | undefined;
  readonly role?: string | undefined;
  readonly link?: string | undefined;
  readonly issues?: Problem['issues'];
  /** From `Retry-After` or `RateLimit`, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/** The API answered, and said no. */
export class ApiError extends StagerError {
  static override readonly kind: string = 'ApiError';
  override readonly status: number;
  readonly headers: Headers;
  /** The scope that is missing, with `insufficient_scope`. */
  readonly scope: string | undefined;
  /** The role that is needed, with `role_required`. */
  readonly role: string | undefined;
  /** Address of a page on which it can be put right, with `quota_exceeded`. */
  readonly link: string | undefined;
  /** Every violation, with `invalid_request`. */
  readonly issues: readonly { readonly path: string; readonly message: string }[];
  /** When to come again, in milliseconds; undefined when the API did not say. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ApiErrorOptions) {
    super(message, options);
    this.status = options.status;
    this.headers = options.headers ?? new Headers();
    this.scope = options.scope;
    this.role = options.role;
    this.link = options.link;
    this.issues = options.issues ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** 400, 413, 415, 422: the request itself is wrong; see `issues`. */
export class ValidationError extends ApiError {
  static override readonly kind = 'ValidationError';
}

/** 401: no token, or one that is not valid (any more). */
export class AuthenticationError extends ApiError {
  static override readonly kind = 'AuthenticationError';
}

/** 403: the token is valid but may not do this; see `scope` and `role`. */
export class PermissionError extends ApiError {
  static override readonly kind = 'PermissionError';
}

/** 404: it does not exist, or belongs to another account. */
export class NotFoundError extends ApiError {
  static override readonly kind = 'NotFoundError';
}

/** 409: not possible in the present state, or a name is taken. */
export class ConflictError extends ApiError {
  static override readonly kind = 'ConflictError';
}

/** 429, after the retries; see `retryAfterMs`. */
export class RateLimitError extends ApiError {
  static override readonly kind = 'RateLimitError';
}

/** 5xx, after the retries. */
export class ServerError extends ApiError {
  static override readonly kind = 'ServerError';
}

/** No answer: DNS, TLS, a refused or cut connection. `hint` names the usual reason. */
export class ConnectionError extends StagerError {
  static override readonly kind = 'ConnectionError';
}

/** No answer within `timeoutMs`. */
export class TimeoutError extends StagerError {
  static override readonly kind = 'TimeoutError';
}

/** The caller's signal fired. Its `cause` is the signal's reason. */
export class AbortError extends StagerError {
  static override readonly kind = 'AbortError';
  constructor(reason?: unknown) {
    super('The call was aborted.', { code: 'aborted', cause: reason });
  }
}

/** The client or a call was given options that cannot work. Nothing was sent. */
export class OptionsError extends StagerError {
  static override readonly kind = 'OptionsError';
}

/** A photo or a result did not arrive whole. */
export class TransferError extends StagerError {
  static override readonly kind = 'TransferError';
}

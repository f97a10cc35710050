import { ERROR_CODES, type ErrorCode, type ItemError, type Role, type Scope } from '../contract/index.ts';

interface Extra {
  readonly scope?: Scope;
  readonly role?: Role;
  /** Page on which it can be put right, as a path of this API. */
  readonly link?: string;
  readonly issues?: readonly { path: string; message: string }[];
  /** No credentials were sent at all. */
  readonly noCredentials?: boolean;
  /** Seconds, for the header Retry-After. */
  readonly retryAfter?: number;
}

/** A failure that the caller is told about, in the vocabulary of the contract. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ErrorCode;
  readonly extra: Extra;
  constructor(code: ErrorCode, detail: string, extra: Extra = {}, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
    this.extra = extra;
  }
  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

export function notFound(what: string, id: string): DomainError {
  return new DomainError('not_found', `There is no ${what} ${id} in this account.`);
}

export function suspended(accountId: string): DomainError {
  return new DomainError('account_suspended', `Account ${accountId} is suspended. Ask support why.`);
}

export function itemError(code: string, message: string, retryable = false) {
  const error: ItemError = { code, message, retryable };
  return { status: 'error' as const, error };
}

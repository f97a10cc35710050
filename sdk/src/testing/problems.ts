import { ERROR_CODES } from '../generated/constants.ts';
import type { ItemError, Problem } from '../generated/types.ts';

export type FakeErrorCode = keyof typeof ERROR_CODES;

/** Thrown by an operation of the fake: the answer is a problem. */
export class FakeProblem extends Error {
  readonly status: number;
  readonly code: FakeErrorCode;
  readonly extra: Partial<Problem>;

  constructor(code: FakeErrorCode, detail: string, extra: Partial<Problem> = {}) {
    super(detail);
    this.status = ERROR_CODES[code].status;
    this.code = code;
    this.extra = extra;
  }

  body(requestId: string): Problem {
    const { status, title, retryable } = ERROR_CODES[this.code];
    return {
      type: `urn:stager:error:${this.code}`,
      title,
      status,
      code: this.code,
      detail: this.message,
      requestId,
      retryable,
      ...this.extra,
    };
  }
}

export function itemError(
  code: string,
  message: string,
  retryable = false,
  extra: Pick<ItemError, 'link'> = {},
): { status: 'error'; error: ItemError } {
  return { status: 'error', error: { code, message, retryable, ...extra } };
}

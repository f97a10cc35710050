import { ObjectStoreError } from '../../../../ports/index.ts';

/** Why a link or what came with it is refused. Codes never change their meaning. */
const PROBLEMS = {
  signature_invalid: { status: 403, title: 'The signature does not fit the request', retryable: false },
  url_expired: { status: 403, title: 'The link has expired', retryable: false },
  header_unsigned: { status: 403, title: 'A header is not covered by the signature', retryable: false },
  header_missing: { status: 400, title: 'A signed header is missing', retryable: false },
  length_required: { status: 411, title: 'Content-Length is required', retryable: false },
  checksum_mismatch: { status: 400, title: 'The bytes are not those that were announced', retryable: true },
  body_incomplete: { status: 400, title: 'The body ended early', retryable: true },
  not_found: { status: 404, title: 'Not found', retryable: false },
  method_not_allowed: { status: 405, title: 'Method not allowed', retryable: false },
  range_not_satisfiable: { status: 416, title: 'The range lies outside the object', retryable: false },
  internal: { status: 500, title: 'Internal error', retryable: true },
  unavailable: { status: 503, title: 'The store does not answer at the moment', retryable: true },
  store_full: { status: 507, title: 'The store is full', retryable: true },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

export class ObjectProblem extends Error {
  override readonly name = 'ObjectProblem';
  readonly code: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    code: ProblemCode,
    detail: string,
    headers: Record<string, string> = {},
    options?: ErrorOptions,
  ) {
    super(detail, options);
    this.code = code;
    this.headers = headers;
  }
  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

/** What is not in our vocabulary says nothing of its inside. */
export function toProblem(error: unknown): ObjectProblem {
  if (error instanceof ObjectProblem) return error;
  const options = { cause: error };
  const code = error instanceof ObjectStoreError ? error.code : 'failed';
  if (code === 'full') {
    return new ObjectProblem(
      'store_full',
      'There is no room for this object. Tell the operator.',
      {},
      options,
    );
  }
  if (code === 'unreachable') {
    const retry = { 'retry-after': '5' };
    return new ObjectProblem('unavailable', 'The store cannot serve just now. Try again.', retry, options);
  }
  return new ObjectProblem('internal', 'Something failed on our side. Try again.', {}, options);
}

/** RFC 9457, in the shape of the API's own answers. */
export function problemBody(problem: ObjectProblem, requestId: string): string {
  const { status, title, retryable } = PROBLEMS[problem.code];
  return JSON.stringify({
    type: `urn:stager:error:${problem.code}`,
    title,
    status,
    code: problem.code,
    detail: problem.message,
    requestId,
    retryable,
  });
}

import type { ServerResponse } from 'node:http';
import type { z } from 'zod';
import { ERROR_CODES, type ErrorCode, type Problem } from '../contract/index.ts';
import { DomainError } from '../core/errors.ts';
import {
  IssuerUnavailable,
  PaymentsError,
  type PaymentsErrorCode,
  StoreUnavailable,
  TokenRejected,
} from '../ports/index.ts';
import { ObjectStoreError } from '../ports/objects.ts';

type ProblemBody = z.output<typeof Problem>;

export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: ProblemBody;
  /** Whether somebody should look at it. */
  readonly unexpected: boolean;
}

const OUTAGE_RETRY_SECONDS = 5;

/** The one place where errors become answers. What is not in our vocabulary says nothing of its inside. */
export function toProblem(error: unknown, requestId: string): ProblemAnswer {
  const known = classify(error);
  const spec = ERROR_CODES[known.code];
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (known.extra.retryAfter !== undefined) headers['retry-after'] = String(known.extra.retryAfter);
  if (spec.status === 401) headers['www-authenticate'] = challenge(known);
  if (known.extra.scope) {
    headers['www-authenticate'] =
      `Bearer realm="stager", error="insufficient_scope", scope="${known.extra.scope}"`;
  }
  return {
    status: spec.status,
    headers,
    unexpected: known.code === 'internal',
    body: {
      type: `urn:stager:error:${known.code}`,
      title: spec.title,
      status: spec.status,
      code: known.code,
      detail: known.message,
      requestId,
      retryable: spec.retryable,
      ...(known.extra.scope ? { scope: known.extra.scope } : {}),
      ...(known.extra.role ? { role: known.extra.role } : {}),
      ...(known.extra.link ? { link: known.extra.link } : {}),
      ...(known.extra.issues ? { issues: [...known.extra.issues] } : {}),
    },
  };
}

function classify(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  if (error instanceof TokenRejected) {
    return new DomainError('unauthenticated', `${error.message} Log in again with \`stager login\`.`);
  }
  if (error instanceof IssuerUnavailable)
    return outage('issuer_unavailable', 'Tokens cannot be verified just now.');
  if (error instanceof StoreUnavailable)
    return outage('unavailable', 'The database does not answer just now.');
  if (error instanceof ObjectStoreError && error.code !== 'denied') {
    return outage('unavailable', 'The photo store does not answer just now.');
  }
  if (error instanceof PaymentsError) return PAYMENTS[error.code](error.message);
  return new DomainError(
    'internal',
    'Something failed on our side. Send the request id to support if it stays.',
  );
}

const PAYMENTS: Readonly<Record<PaymentsErrorCode, (message: string) => DomainError>> = {
  unavailable: (message) => outage('billing_unavailable', message),
  // What is wrong is for the operator, who reads it in the log.
  misconfigured: () => outage('billing_unavailable', 'Payments are not set up on this installation.'),
  declined: (message) => new DomainError('payment_declined', `${message} Nothing was changed.`),
  refused: (message) =>
    new DomainError('invalid_state', `${message} Look at the plan with \`stager billing status\`.`),
};

/** Who sent no credentials is told what to send, and of no error (RFC 6750 section 3.1). */
function challenge({ extra }: DomainError): string {
  return extra.noCredentials ? 'Bearer realm="stager"' : 'Bearer realm="stager", error="invalid_token"';
}

function outage(code: ErrorCode, detail: string): DomainError {
  return new DomainError(code, `${detail} Try again in some seconds.`, { retryAfter: OUTAGE_RETRY_SECONDS });
}

/** For answers that are made outside Koa. */
export function sendProblem(res: ServerResponse, error: unknown, requestId: string): void {
  const problem = toProblem(error, requestId);
  res
    .writeHead(problem.status, { ...problem.headers, 'x-request-id': requestId })
    .end(JSON.stringify(problem.body));
}

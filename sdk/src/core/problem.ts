import type { Problem } from '../generated/types.ts';
import {
  ApiError,
  type ApiErrorOptions,
  AuthenticationError,
  ConflictError,
  NotFoundError,
  PermissionError,
  RateLimitError,
  ServerError,
  ValidationError,
} from './errors.ts';
import { readRetryAfter } from './retryAfter.ts';

/** The error of a failed answer; the body is what the API calls a problem (RFC 9457), or anything a proxy says. */
export function errorOf(
  status: number,
  headers: Headers,
  text: string,
  { url, hint }: { readonly url?: string; readonly hint?: string | undefined } = {},
): ApiError {
  const problem = parseProblem(text);
  const retryable = problem?.retryable ?? (status === 429 || status >= 500);
  const options: ApiErrorOptions = {
    status,
    headers,
    code: problem?.code ?? fallbackCode(status),
    retryable,
    requestId: problem?.requestId ?? headers.get('x-request-id') ?? undefined,
    scope: problem?.scope,
    role: problem?.role,
    link: pageOf(problem?.link, url),
    issues: problem?.issues,
    retryAfterMs: readRetryAfter(headers, Date.now()),
    hint:
      hint ??
      (problem ? undefined : 'This answer is not of the stager API. Check the address and proxies between.'),
    docsUrl: problem?.type?.startsWith('http') ? problem.type : undefined,
  };
  const ErrorType = classOf(status);
  return new ErrorType(
    problem?.detail ?? problem?.title ?? `The answer was ${status}${excerpt(text)}.`,
    options,
  );
}

function classOf(status: number): typeof ApiError {
  switch (status) {
    case 400:
    case 413:
    case 415:
    case 422:
      return ValidationError;
    case 401:
      return AuthenticationError;
    case 403:
      return PermissionError;
    case 404:
      return NotFoundError;
    case 409:
      return ConflictError;
    case 429:
      return RateLimitError;
    default:
      return status >= 500 ? ServerError : ApiError;
  }
}

/** A page of the API that was asked: its name comes in an answer, and leads nowhere else. */
export function pageOf(link: string | undefined, asked: string | undefined): string | undefined {
  if (link === undefined || asked === undefined) return undefined;
  const page = new URL(link, asked);
  return page.origin === new URL(asked).origin ? page.href : undefined;
}

/** Proxies and load balancers answer with pages of their own; they get the code that fits the status. */
function fallbackCode(status: number): string {
  if (status === 401) return 'unauthenticated';
  if (status === 404) return 'not_found';
  if (status === 429) return 'rate_limited';
  if (status === 502 || status === 503 || status === 504) return 'unavailable';
  return status >= 500 ? 'internal' : 'invalid_answer';
}

function parseProblem(text: string): Partial<Problem> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    // Every field is read as optional, and its absence is handled.
    if (typeof value === 'object' && value !== null && 'code' in value) return value as Partial<Problem>;
  } catch {
    // Not JSON: a page of a proxy.
  }
  return undefined;
}

function excerpt(text: string): string {
  const words = text
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 120);
  return words === '' ? '' : `: ${words}`;
}

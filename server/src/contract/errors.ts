import { z } from 'zod';

interface ErrorSpec {
  /** HTTP status of a whole answer that fails with this code. */
  readonly status: number;
  /** Short, constant title of the problem (RFC 9457 section 3.1.3). */
  readonly title: string;
  /** Whether the same request may succeed later without a change. */
  readonly retryable: boolean;
}

/** The closed set of `code` values of problem answers. Codes never change their meaning. */
export const ERROR_CODES = {
  invalid_request: { status: 400, title: 'The request is not valid', retryable: false },
  cursor_invalid: { status: 400, title: 'The cursor is not valid', retryable: false },
  unauthenticated: { status: 401, title: 'Authentication is required', retryable: false },
  payment_declined: { status: 402, title: 'The payment was declined', retryable: false },
  quota_exceeded: { status: 402, title: 'The plan has no images left', retryable: false },
  insufficient_scope: { status: 403, title: 'The token lacks a scope', retryable: false },
  role_required: { status: 403, title: 'The role does not allow it', retryable: false },
  no_account: { status: 403, title: 'No account for this identity', retryable: false },
  account_suspended: { status: 403, title: 'The account is suspended', retryable: false },
  not_found: { status: 404, title: 'Not found', retryable: false },
  method_not_allowed: { status: 405, title: 'Method not allowed', retryable: false },
  request_timeout: { status: 408, title: 'The request took too long to arrive', retryable: true },
  name_taken: { status: 409, title: 'The name is taken', retryable: false },
  already_member: { status: 409, title: 'The identity belongs to an account', retryable: false },
  last_owner: { status: 409, title: 'An account keeps an owner', retryable: false },
  limit_reached: { status: 409, title: 'No more of these are possible', retryable: false },
  invalid_state: { status: 409, title: 'Not possible in the present state', retryable: false },
  idempotency_in_flight: { status: 409, title: 'The same request is still running', retryable: true },
  body_too_large: { status: 413, title: 'The request body is too large', retryable: false },
  unsupported_media_type: { status: 415, title: 'The content type is not supported', retryable: false },
  idempotency_key_reused: { status: 422, title: 'The idempotency key was used before', retryable: false },
  rate_limited: { status: 429, title: 'Too many requests', retryable: true },
  headers_too_large: { status: 431, title: 'The request headers are too large', retryable: false },
  internal: { status: 500, title: 'Internal error', retryable: true },
  billing_unavailable: { status: 503, title: 'Payments are not available at the moment', retryable: true },
  issuer_unavailable: { status: 503, title: 'The identity provider does not answer', retryable: true },
  unavailable: { status: 503, title: 'Not available at the moment', retryable: true },
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof ERROR_CODES;

// Object.keys loses the literal types of a const object that is never extended.
export const ALL_ERROR_CODES = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]];

const Link = z
  .string()
  .optional()
  .describe('Page on which it can be put right, relative to the address of the API, with `quota_exceeded`');

/** Body of every failed answer: `application/problem+json`, RFC 9457. */
export const Problem = z
  .strictObject({
    type: z.string().describe('`urn:stager:error:` and the code'),
    title: z.string(),
    status: z.int(),
    code: z.enum(ALL_ERROR_CODES),
    detail: z.string().describe('What happened, which rule it broke and what to do about it'),
    requestId: z.string(),
    retryable: z.boolean(),
    scope: z.string().optional().describe('The scope that is missing, with `insufficient_scope`'),
    role: z.string().optional().describe('The role that is needed, with `role_required`'),
    link: Link,
    issues: z
      .array(z.strictObject({ path: z.string(), message: z.string() }))
      .optional()
      .describe('Every violation at once, with `invalid_request`'),
  })
  .meta({ id: 'Problem' });

/** Failure of one item of a batch; its code may be any stable snake_case word. */
export const ItemError = z
  .strictObject({
    code: z.string(),
    message: z.string(),
    retryable: z.boolean(),
    link: Link,
  })
  .meta({ id: 'ItemError' });
export type ItemError = z.infer<typeof ItemError>;

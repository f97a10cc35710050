// Written by `npm run generate` from the contract.

/** Every `code` of a failed answer. */
export const ERROR_CODES = {
  invalid_request: { status: 400, title: "The request is not valid", retryable: false },
  cursor_invalid: { status: 400, title: "The cursor is not valid", retryable: false },
  unauthenticated: { status: 401, title: "Authentication is required", retryable: false },
  payment_declined: { status: 402, title: "The payment was declined", retryable: false },
  quota_exceeded: { status: 402, title: "The plan has no images left", retryable: false },
  insufficient_scope: { status: 403, title: "The token lacks a scope", retryable: false },
  role_required: { status: 403, title: "The role does not allow it", retryable: false },
  no_account: { status: 403, title: "No account for this identity", retryable: false },
  account_suspended: { status: 403, title: "The account is suspended", retryable: false },
  not_found: { status: 404, title: "Not found", retryable: false },
  method_not_allowed: { status: 405, title: "Method not allowed", retryable: false },
  request_timeout: { status: 408, title: "The request took too long to arrive", retryable: true },
  name_taken: { status: 409, title: "The name is taken", retryable: false },
  already_member: { status: 409, title: "The identity belongs to an account", retryable: false },
  last_owner: { status: 409, title: "An account keeps an owner", retryable: false },
  limit_reached: { status: 409, title: "No more of these are possible", retryable: false },
  invalid_state: { status: 409, title: "Not possible in the present state", retryable: false },
  idempotency_in_flight: { status: 409, title: "The same request is still running", retryable: true },
  body_too_large: { status: 413, title: "The request body is too large", retryable: false },
  unsupported_media_type: { status: 415, title: "The content type is not supported", retryable: false },
  idempotency_key_reused: { status: 422, title: "The idempotency key was used before", retryable: false },
  rate_limited: { status: 429, title: "Too many requests", retryable: true },
  headers_too_large: { status: 431, title: "The request headers are too large", retryable: false },
  internal: { status: 500, title: "Internal error", retryable: true },
  billing_unavailable: { status: 503, title: "Payments are not available at the moment", retryable: true },
  issuer_unavailable: { status: 503, title: "The identity provider does not answer", retryable: true },
  unavailable: { status: 503, title: "Not available at the moment", retryable: true },
} as const;

/** Every `type` of a stream event. */
export const EVENT_TYPES = [
  'snapshot',
  'image.queued',
  'image.processing',
  'image.progress',
  'image.ready',
  'image.error',
  'image.canceled',
  'image.deleted',
  'billing.plan_changed',
  'billing.usage_warning',
  'billing.usage_exhausted',
  'ping',
  'reset',
  'bye',
] as const;

/** Seconds between two pings of a stream. */
export const PING_SECONDS = 15;

/** Largest number of items in one batch call. */
export const BATCH_MAX = 100;

/** Largest layout, as JSON without spaces, in characters. */
export const LAYOUT_MAX = 65536;

/** Scopes that a personal access token may have. */
export const TOKEN_SCOPES = [
  'account:read',
  'members:read',
  'projects:read',
  'projects:write',
  'images:read',
  'images:write',
  'billing:read',
] as const;

import type { IncomingMessage, ServerResponse } from 'node:http';

/** Seconds that a browser may remember a preflight. */
const PREFLIGHT_SECONDS = '600';
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
/** What the SDK sends in a browser, and what presigned uploads are signed for. */
const REQUEST_HEADERS = [
  'authorization',
  'content-type',
  'idempotency-key',
  'last-event-id',
  'range',
  'x-amz-checksum-algorithm',
  'x-amz-checksum-sha256',
  'x-request-id',
].join(', ');
const ANSWER_HEADERS = [
  'content-disposition',
  'etag',
  'idempotent-replayed',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'www-authenticate',
  'x-request-id',
].join(', ');

/**
 * Lets the scripts of exactly these origins read answers, and answers their preflights; closed for all others. Tokens
 * come in a header that the page sets itself, so that credentials of the browser are never allowed.
 * @returns true when the request was a preflight and is answered
 */
export function answerCors(
  origins: ReadonlySet<string>,
  { method, headers }: IncomingMessage,
  res: ServerResponse,
): boolean {
  if (origins.size === 0) return false;
  // Also to those without an origin: a cache must not give them what was made for one.
  res.setHeader('vary', 'Origin');
  const { origin } = headers;
  if (origin === undefined || !origins.has(origin)) return false;
  res.setHeader('access-control-allow-origin', origin);
  res.setHeader('access-control-expose-headers', ANSWER_HEADERS);
  if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return false;
  res
    .writeHead(204, {
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': REQUEST_HEADERS,
      'access-control-max-age': PREFLIGHT_SECONDS,
    })
    .end();
  return true;
}

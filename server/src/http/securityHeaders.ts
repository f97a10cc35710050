/**
 * On every answer, whoever makes it. The API serves data only: a browser that is led to show an answer shall run
 * nothing, frame nothing and tell nobody where it was.
 */
export function securityHeaders(hstsSeconds: number): Readonly<Record<string, string>> {
  return {
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cache-control': 'no-store',
    // RFC 6797 section 7.2: without TLS in front it must not be sent.
    ...(hstsSeconds > 0 ? { 'strict-transport-security': `max-age=${hstsSeconds}; includeSubDomains` } : {}),
  };
}

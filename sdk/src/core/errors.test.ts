import { describe, expect, test } from 'vitest';
import { AbortError, ApiError, NotFoundError, StagerError, TimeoutError } from './errors.ts';
import { connectionError, networkHint } from './networkHints.ts';
import { errorOf } from './problem.ts';

describe('errors', () => {
  const missing = errorOf(
    404,
    new Headers(),
    JSON.stringify({ code: 'not_found', detail: 'Nothing there.' }),
  );

  test('are told apart by class', () => {
    expect(missing).toBeInstanceOf(NotFoundError);
    expect([missing.name, missing.code, missing.message]).toEqual([
      'NotFoundError',
      'not_found',
      'Nothing there.',
    ]);
    expect(StagerError.isInstance(missing)).toBe(true);
    expect(ApiError.isInstance(missing)).toBe(true);
    expect(NotFoundError.isInstance(missing)).toBe(true);
    expect(TimeoutError.isInstance(missing)).toBe(false);
    expect(new AbortError().name).toBe('AbortError');
    for (const other of [null, undefined, 'x', {}, new Error('x'), { code: 'not_found' }]) {
      expect(StagerError.isInstance(other)).toBe(false);
    }
  });

  test('are recognised across two copies of the package, where instanceof is not', async () => {
    const copy: typeof import('./errors.ts') = await import(
      `${new URL('./errors.ts', import.meta.url).href}?copy`
    );
    const foreign = new copy.NotFoundError('gone', { code: 'not_found', status: 404 });
    expect(foreign).not.toBeInstanceOf(StagerError);
    expect(NotFoundError.isInstance(foreign)).toBe(true);
    expect(ApiError.isInstance(foreign)).toBe(true);
    expect(TimeoutError.isInstance(foreign)).toBe(false);
  });

  test.each([
    [400, 'ValidationError'],
    [401, 'AuthenticationError'],
    [403, 'PermissionError'],
    [404, 'NotFoundError'],
    [405, 'ApiError'],
    [409, 'ConflictError'],
    [413, 'ValidationError'],
    [415, 'ValidationError'],
    [422, 'ValidationError'],
    [429, 'RateLimitError'],
    [500, 'ServerError'],
    [503, 'ServerError'],
  ])('%i is a %s', (status, name) => {
    expect(errorOf(status, new Headers(), '').name).toBe(name);
  });

  test('what the API says is on the error', () => {
    const problem = {
      type: 'urn:stager:error:insufficient_scope',
      code: 'insufficient_scope',
      detail: 'This needs more.',
      requestId: 'r-1',
      retryable: false,
      scope: 'images:write',
      issues: [{ path: 'body', message: 'x' }],
    };
    const error = errorOf(403, new Headers({ 'retry-after': '7' }), JSON.stringify(problem), {
      hint: 'Do this.',
    });
    expect(error).toMatchObject({
      requestId: 'r-1',
      scope: 'images:write',
      issues: problem.issues,
      hint: 'Do this.',
      retryAfterMs: 7000,
      retryable: false,
      docsUrl: undefined,
    });
    const linked = { ...problem, type: 'https://docs.example/errors' };
    expect(errorOf(403, new Headers(), JSON.stringify(linked)).docsUrl).toBe('https://docs.example/errors');
  });

  test('a page to put it right is one of the API, wherever that is', () => {
    const used = { code: 'quota_exceeded', detail: 'All are used.', link: '/billing' };
    const linkOf = (link: unknown, url?: string) =>
      errorOf(402, new Headers(), JSON.stringify({ ...used, link }), url === undefined ? {} : { url }).link;
    expect(linkOf('/billing', 'https://api.example/v1/images')).toBe('https://api.example/billing');
    expect(linkOf('https://evil.example/billing', 'https://api.example/v1/images')).toBeUndefined();
    expect(linkOf('//evil.example', 'https://api.example/v1/images')).toBeUndefined();
    expect(linkOf('/billing')).toBeUndefined();
    expect(linkOf(undefined, 'https://api.example/v1/images')).toBeUndefined();
  });

  test.each([
    [401, 'unauthenticated'],
    [404, 'not_found'],
    [418, 'invalid_answer'],
    [429, 'rate_limited'],
    [500, 'internal'],
    [502, 'unavailable'],
  ])('a page of a proxy with %i becomes %s, in words', (status, code) => {
    const page = '<html><title>Bad gateway</title><body>upstream is gone</body></html>';
    const error = errorOf(status, new Headers({ 'x-request-id': 'p-1' }), page);
    expect(error.code).toBe(code);
    expect(error.message).toContain('upstream is gone');
    expect(error.message).not.toContain('<');
    expect(error.hint).toContain('not of the stager API');
    expect(error.requestId).toBe('p-1');
  });
});

describe('network failures', () => {
  test.each([
    ['ENOTFOUND', 'resolved'],
    ['ECONNREFUSED', 'Nothing listens'],
    ['ECONNRESET', 'cut'],
    ['UND_ERR_CONNECT_TIMEOUT', 'in time'],
    ['EHOSTUNREACH', 'VPN'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'NODE_EXTRA_CA_CERTS'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'NODE_EXTRA_CA_CERTS'],
    ['CERT_HAS_EXPIRED', 'NODE_EXTRA_CA_CERTS'],
  ])('%s has a hint', (code, words) => {
    const cause = Object.assign(new Error('inside'), { code });
    const error = connectionError('https://stager.example/v1/me', new TypeError('fetch failed', { cause }));
    expect(error.hint).toContain(words);
    expect(error.message).toBe(`Cannot reach https://stager.example (${code}).`);
    expect(error.retryable).toBe(true);
    expect(error.hint).not.toMatch(/REJECT_UNAUTHORIZED|insecure/i);
  });

  test('the reason is found among several', () => {
    const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    expect(networkHint(new TypeError('fetch failed', { cause: new AggregateError([refused]) }))).toContain(
      'Nothing listens',
    );
    expect(networkHint(new Error('else'))).toBeUndefined();
    expect(connectionError('http://x.test', 'odd').message).toContain('odd');
  });
});

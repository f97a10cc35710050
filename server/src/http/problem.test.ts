import { expect, test } from 'vitest';
import { ALL_ERROR_CODES, ERROR_CODES, Problem } from '../contract/index.ts';
import { DomainError } from '../core/errors.ts';
import { IssuerUnavailable, StoreUnavailable, TokenRejected } from '../ports/index.ts';
import { ObjectStoreError } from '../ports/objects.ts';
import { toProblem } from './problem.ts';

test.each(ALL_ERROR_CODES)('%s has the form of RFC 9457', (code) => {
  const { status, body, headers } = toProblem(new DomainError(code, 'What happened.'), 'req-1');
  expect(Problem.parse(body)).toMatchObject({
    code,
    status,
    requestId: 'req-1',
    retryable: ERROR_CODES[code].retryable,
  });
  expect(headers['content-type']).toBe('application/problem+json');
});

test.each([
  ['a bad token', new TokenRejected('The token has expired.'), 401, 'unauthenticated'],
  ['an issuer that is down', new IssuerUnavailable('x'), 503, 'issuer_unavailable'],
  ['a database that is down', new StoreUnavailable('x'), 503, 'unavailable'],
  ['a store that is down', new ObjectStoreError('unreachable', 'x'), 503, 'unavailable'],
  ['a store that says no', new ObjectStoreError('denied', 'secret words'), 500, 'internal'],
  ['a defect', new TypeError('secret words'), 500, 'internal'],
  ['no error at all', 'secret words', 500, 'internal'],
])('%s', (_name, error, status, code) => {
  const problem = toProblem(error, 'req-1');
  expect(problem).toMatchObject({ status, body: { code }, unexpected: code === 'internal' });
  expect(JSON.stringify(problem)).not.toContain('secret words');
  if (status === 503) expect(Number(problem.headers['retry-after'])).toBeGreaterThan(0);
  if (status === 401) expect(problem.headers['www-authenticate']).toContain('invalid_token');
});

test('what a client can act on is passed on', () => {
  const scope = toProblem(new DomainError('insufficient_scope', 'x', { scope: 'images:read' }), 'r');
  expect(scope.body.scope).toBe('images:read');
  expect(scope.headers['www-authenticate']).toContain('scope="images:read"');
  const issues = [{ path: 'body.name', message: 'must not be empty' }];
  expect(toProblem(new DomainError('invalid_request', 'x', { issues }), 'r').body.issues).toEqual(issues);
  expect(toProblem(new DomainError('rate_limited', 'x', { retryAfter: 7 }), 'r').headers['retry-after']).toBe(
    '7',
  );
});

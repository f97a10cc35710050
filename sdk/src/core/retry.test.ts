import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoff, decideRetry, type Outcome } from './retry.ts';

const answer = (status: number, code?: string, retryAfterMs?: number): Outcome => ({
  kind: 'answer',
  status,
  code,
  retryAfterMs,
});

describe('whether a call is made again', () => {
  test.each<[string, Outcome, boolean]>([
    ['400', answer(400, 'invalid_request'), false],
    ['401', answer(401, 'unauthenticated'), false],
    ['403', answer(403, 'insufficient_scope'), false],
    ['404', answer(404, 'not_found'), false],
    ['408 of a proxy', answer(408), true],
    ['409, a name is taken', answer(409, 'name_taken'), false],
    ['409, its twin is running', answer(409, 'idempotency_in_flight'), true],
    ['413', answer(413), false],
    ['422, the key was used', answer(422, 'idempotency_key_reused'), false],
    ['429', answer(429, 'rate_limited', 1000), true],
    ['429 without Retry-After', answer(429), true],
    ['500', answer(500, 'internal'), true],
    ['501', answer(501), false],
    ['502 of a proxy', answer(502), true],
    ['503', answer(503, 'unavailable', 5000), true],
    ['504 of a proxy', answer(504), true],
    ['a cut connection', { kind: 'connection' }, true],
    ['no answer in time', { kind: 'timeout' }, true],
  ])('%s', (_name, outcome, retry) => {
    const question = { outcome, retries: 0, maxRetries: 3, random: 0.5 };
    expect(decideRetry({ ...question, repeatable: true }).retry).toBe(retry);
    expect(decideRetry({ ...question, repeatable: false }).retry).toBe(false);
    expect(decideRetry({ ...question, repeatable: true, maxRetries: 0 }).retry).toBe(false);
    expect(decideRetry({ ...question, repeatable: true, retries: 3 }).retry).toBe(false);
  });

  test.each([
    ['exactly as long as asked', 5_000, 0, { retry: true, delayMs: 5_000, forAll: true }],
    ['with a little spread', 5_000, 1, { retry: true, delayMs: 5_500, forAll: true }],
    ['now, when that is what is asked', 0, 1, { retry: true, delayMs: 0, forAll: true }],
    ['a minute at most', 60_000, 0, { retry: true, delayMs: 60_000, forAll: true }],
    ['else it is for the caller to wait', 60_001, 0, { retry: false }],
  ])('Retry-After is waited for %s', (_name, retryAfterMs, random, expected) => {
    const question = { retries: 0, maxRetries: 1, repeatable: true, random };
    expect(decideRetry({ ...question, outcome: answer(429, 'rate_limited', retryAfterMs) })).toEqual(
      expected,
    );
    expect(decideRetry({ ...question, outcome: answer(503, 'unavailable', retryAfterMs) })).toEqual(expected);
  });

  test('only who is asked to wait makes others wait', () => {
    const question = { retries: 0, maxRetries: 1, repeatable: true, random: 1 };
    expect(decideRetry({ ...question, outcome: answer(429) })).toMatchObject({ forAll: false });
    expect(decideRetry({ ...question, outcome: answer(409, 'idempotency_in_flight', 1000) })).toMatchObject({
      forAll: false,
    });
  });
});

test('the wait between tries is anything up to a bound that doubles', () => {
  expect([0, 1, 2, 3, 4, 9].map((retries) => backoff(retries, 1))).toEqual([
    500, 1000, 2000, 4000, 8000, 8000,
  ]);
  fc.assert(
    fc.property(fc.nat(40), fc.double({ min: 0, max: 1, noNaN: true }), (retries, random) => {
      const ms = backoff(retries, random);
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(ms).toBeLessThanOrEqual(8000);
    }),
  );
});

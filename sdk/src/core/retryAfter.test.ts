import { expect, test } from 'vitest';
import { readRateLimit, readRetryAfter } from './retryAfter.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

test.each([
  ['seconds', { 'retry-after': '3' }, 3000],
  ['no time at all', { 'retry-after': '0' }, 0],
  ['a date', { 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' }, 30_000],
  ['a date that has passed', { 'retry-after': 'Sun, 01 Mar 2026 11:00:00 GMT' }, 0],
  ['nonsense', { 'retry-after': 'soon' }, undefined],
  ['nothing', {}, undefined],
  ['an empty budget', { ratelimit: '"read";r=0;t=12' }, 12_000],
  ['a budget that is not empty', { ratelimit: '"read";r=3;t=12' }, undefined],
  ['both', { 'retry-after': '2', ratelimit: '"read";r=0;t=12' }, 2000],
  ['nonsense and a budget', { 'retry-after': 'soon', ratelimit: '"read";r=0;t=12' }, 12_000],
])('%s', (_name, headers, ms) => {
  expect(readRetryAfter(new Headers(headers), NOW)).toBe(ms);
});

test('the rate limit is read with its policy', () => {
  const headers = new Headers({ ratelimit: '"write";r=10;t=30', 'ratelimit-policy': '"write";q=600;w=60' });
  expect(readRateLimit(headers)).toEqual({ policy: 'write', remaining: 10, resetMs: 30_000, limit: 600 });
  expect(readRateLimit(new Headers())).toBeUndefined();
  expect(readRateLimit(new Headers({ ratelimit: 'what?' }))).toBeUndefined();
});

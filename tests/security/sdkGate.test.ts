import { Stager } from '@stager/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMemoryLimiter } from '../../server/src/infra/limiter/memory.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { makeAccount } from '../support/fixtures.ts';

const CALLS = 50;
/** Begun when the first of the others is told to wait. */
const LATE = 10;
const WINDOW_SECONDS = 2;
const A_WINDOW = { read: 30, write: 30, stream: 30, public: 30 };

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({
    who: (token) => ({ subject: token, expiresAt: new Date(Date.now() + 3_600_000) }),
    scopes: ['projects:read'],
    limiter: createMemoryLimiter(A_WINDOW, WINDOW_SECONDS),
  });
  await makeAccount(api.store, 'member');
});
afterAll(() => api.close());

test('of 50 calls at once all succeed, and once the first is told to wait none is sent before the time', async () => {
  const sent: number[] = [];
  const late: Promise<unknown>[] = [];
  let told: { at: number; waitMs: number } | undefined;
  const call = () => stager.projects.list({ limit: 1 }).page();
  const stager = new Stager({
    baseUrl: api.url,
    token: 'member',
    async fetch(input, init) {
      sent.push(performance.now());
      const answer = await fetch(input, init);
      if (answer.status !== 429 || told) return answer;
      told = { at: performance.now(), waitMs: Number(answer.headers.get('retry-after')) * 1000 };
      return answer;
    },
    logger: {
      // The client says so right before it closes the gate; these calls come right behind that.
      warn() {
        if (late.length === 0) queueMicrotask(() => late.push(...Array.from({ length: LATE }, call)));
      },
    },
  });
  await Promise.all(Array.from({ length: CALLS }, call));
  expect(late).toHaveLength(LATE);
  await Promise.all(late);
  const { at = 0, waitMs = 0 } = told ?? {};
  expect(waitMs).toBeGreaterThan(0);
  expect(sent.filter((time) => time > at && time < at + waitMs)).toEqual([]);
  // Those over the budget are tried once more, and none of them in vain.
  expect(sent).toHaveLength(CALLS + LATE + (CALLS - A_WINDOW.read));
});

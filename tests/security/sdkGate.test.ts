import { Stager } from '@stager/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Limiter } from '../../server/src/ports/index.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { makeAccount } from '../support/fixtures.ts';

const CALLS = 50;
/** Begun when the first of the others is told to wait. */
const LATE = 10;
const BUDGET = 30;
const WAIT_SECONDS = 1;

/** Whoever of the first calls is over the budget is told to wait, and whoever comes later is let in: as a window does, on a machine of whatever speed. */
function createWindow(): Limiter {
  let taken = 0;
  return {
    async take() {
      taken += 1;
      const allowed = taken <= BUDGET || taken > CALLS;
      return { allowed, limit: BUDGET, remaining: allowed ? 1 : 0, resetSeconds: WAIT_SECONDS };
    },
  };
}

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({
    who: (token) => ({ subject: token, expiresAt: new Date(Date.now() + 3_600_000) }),
    scopes: ['projects:read'],
    limiter: createWindow(),
  });
  await makeAccount(api.store, 'member');
});
afterAll(() => api.close());

test('of 50 calls at once all succeed, and once the first is told to wait none is sent before the time', async () => {
  const sent: number[] = [];
  const late: Promise<unknown>[] = [];
  let told: { at: number; waitMs: number } | undefined;
  let answered = 0;
  let warned = 0;
  const allAnswered = Promise.withResolvers<void>();
  const call = () => stager.projects.list({ limit: 1 }).page();
  const stager = new Stager({
    baseUrl: api.url,
    token: 'member',
    async fetch(input, init) {
      sent.push(performance.now());
      const answer = await fetch(input, init);
      answered += 1;
      if (answered === CALLS) allAnswered.resolve();
      // At once: none comes again before each of the others has come.
      await allAnswered.promise;
      if (answer.status !== 429 || told) return answer;
      told = { at: performance.now(), waitMs: Number(answer.headers.get('retry-after')) * 1000 };
      return answer;
    },
    logger: {
      // The client says so right before it closes the gate; these calls come right behind that.
      warn() {
        warned += 1;
        if (warned === 1) queueMicrotask(() => late.push(...Array.from({ length: LATE }, call)));
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
  expect(sent).toHaveLength(CALLS + LATE + (CALLS - BUDGET));
});

import { describe, expect, test } from 'vitest';
import { decideReconnect, type Ending, type ReconnectQuestion } from './reconnect.ts';

const base: Omit<ReconnectQuestion, 'ending'> = {
  wasOpen: true,
  failures: 0,
  unauthorized: 0,
  maxRetries: 3,
  random: 1,
};
const cut: Ending = { kind: 'cut', productive: true };
const silent: Ending = { kind: 'cut', productive: false };
const refused = (status: number, retryAfterMs?: number): Ending => ({
  kind: 'refused',
  status,
  retryAfterMs,
});

describe('whether and when a stream is opened again', () => {
  test.each<[string, Ending, Partial<ReconnectQuestion>, number | false]>([
    ['cut after events', cut, {}, 250],
    ['stalled after events', { kind: 'stalled', productive: true }, {}, 250],
    ['cut without one', silent, {}, 500],
    ['cut without one, again and again', silent, { failures: 4 }, 8_000],
    ['never more than a quarter of a minute', silent, { failures: 30 }, 15_000],
    ['for as long as it takes', { kind: 'unreachable' }, { failures: 1000 }, 15_000],
    ['no delay by luck', silent, { random: 0 }, 0],
    ['never open: a few times', { kind: 'unreachable' }, { wasOpen: false, failures: 2 }, 2_000],
    ['never open: then no more', { kind: 'unreachable' }, { wasOpen: false, failures: 3 }, false],
    ['never open, no retries', { kind: 'unreachable' }, { wasOpen: false, maxRetries: 0 }, false],
    ['the server stops', { kind: 'bye', reason: 'shutdown' }, {}, 1_000],
    ['the token has expired', { kind: 'bye', reason: 'token_expired' }, {}, 250],
    ['we were too slow', { kind: 'bye', reason: 'too_slow' }, {}, 250],
    ['access has ended: the next answer says how', { kind: 'bye', reason: 'access_ended' }, {}, 250],
    ['401 once: with another token', refused(401), {}, 0],
    ['401 twice', refused(401), { unauthorized: 1 }, false],
    ['403', refused(403), {}, false],
    ['404', refused(404), {}, false],
    ['400', refused(400), {}, false],
    ['200 that is no stream', refused(200), {}, false],
    ['429, as long as asked', refused(429, 20_000), {}, 20_000],
    ['429 without a time', refused(429), { failures: 1 }, 1_000],
    ['500', refused(500), {}, 500],
    ['503, as long as asked', refused(503, 5_000), {}, 5_000],
    ['503 when it was never open', refused(503), { wasOpen: false, failures: 3 }, false],
  ])('%s', (_name, ending, change, delayMs) => {
    const answer = decideReconnect({ ...base, ...change, ending });
    expect(answer).toEqual(delayMs === false ? { reconnect: false } : { reconnect: true, delayMs });
  });
});

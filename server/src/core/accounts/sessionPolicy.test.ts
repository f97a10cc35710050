import { expect, test } from 'vitest';
import { type SessionState, sessionState } from './sessionPolicy.ts';

const TIMES = { idle: 30, absolute: 500, confirmed: 100, ahead: 10 };

test.each<[usedAt: number, confirmedUntil: number, endsAt: number, now: number, state: SessionState]>([
  [0, 100, 500, 0, 'live'],
  [60, 100, 500, 89, 'live'],
  [80, 100, 500, 90, 'renew'],
  [80, 100, 500, 99, 'renew'],
  [80, 100, 500, 100, 'unconfirmed'],
  // Idle goes before everything: nobody is there to be confirmed.
  [0, 100, 500, 29, 'live'],
  [0, 100, 500, 30, 'ended'],
  [70, 90, 500, 100, 'ended'],
  // And so does the end, however lively it was.
  [499, 600, 500, 499, 'live'],
  [499, 600, 500, 500, 'ended'],
])(
  'used at %d, confirmed until %d, ends at %d: at %d it is %s',
  (usedAt, confirmedUntil, endsAt, now, state) => {
    const moments = {
      usedAt: new Date(usedAt),
      confirmedUntil: new Date(confirmedUntil),
      endsAt: new Date(endsAt),
    };
    expect(sessionState(moments, TIMES, now)).toBe(state);
  },
);

import { describe, expect, test } from 'vitest';
import type { SubscriptionRow } from '../../ports/index.ts';
import { effectivePlan, nextEnd } from './effectivePlan.ts';

const START = new Date('2026-11-03T10:00:00Z');
const END = new Date('2026-12-03T10:00:00Z');

function aSubscription(wish: Partial<SubscriptionRow> = {}): SubscriptionRow {
  return {
    id: 'sub_1',
    plan: 'pro',
    status: 'active',
    periodStart: START,
    periodEnd: END,
    cancelAtPeriodEnd: false,
    pastDueSince: null,
    graceEndsAt: null,
    nextPlan: null,
    ...wish,
  };
}

const IN_THE_MIDDLE = '2026-11-20T00:00:00Z';
const SINCE = new Date('2026-11-04T00:00:00Z');

test.each<[what: string, wish: Partial<SubscriptionRow>, at: string, plan: string]>([
  ['active', {}, IN_THE_MIDDLE, 'pro'],
  ['on trial', { status: 'trialing' }, IN_THE_MIDDLE, 'pro'],
  ['active, the last moment of its period', {}, '2026-12-03T09:59:59.999Z', 'pro'],
  ['active, and nothing was heard of its renewal', {}, '2026-12-06T09:59:59.999Z', 'pro'],
  ['active, and nothing was heard of its renewal for long', {}, '2026-12-06T10:00:00Z', 'free'],
  [
    'to be canceled, the last moment of its period',
    { cancelAtPeriodEnd: true },
    '2026-12-03T09:59:59.999Z',
    'pro',
  ],
  ['to be canceled, and its period is over', { cancelAtPeriodEnd: true }, '2026-12-03T10:00:00Z', 'free'],
  [
    'past due, within its grace',
    { status: 'past_due', pastDueSince: SINCE },
    '2026-11-10T23:59:59.999Z',
    'pro',
  ],
  [
    'past due, and its grace is over',
    { status: 'past_due', pastDueSince: SINCE },
    '2026-11-11T00:00:00Z',
    'free',
  ],
  [
    'past due, with a grace of its own',
    { status: 'past_due', pastDueSince: SINCE, graceEndsAt: new Date('2026-11-06T00:00:00Z') },
    '2026-11-05T23:59:59.999Z',
    'pro',
  ],
  [
    'past due, and its own grace is over',
    { status: 'past_due', pastDueSince: SINCE, graceEndsAt: new Date('2026-11-06T00:00:00Z') },
    '2026-11-06T00:00:00Z',
    'free',
  ],
  ['past due, nobody knows since when', { status: 'past_due' }, '2026-11-10T09:59:59Z', 'pro'],
  ['past due for long, nobody knows since when', { status: 'past_due' }, '2026-11-10T10:00:00Z', 'free'],
  ['not paid for the first time', { status: 'incomplete' }, IN_THE_MIDDLE, 'free'],
  ['never paid', { status: 'incomplete_expired' }, IN_THE_MIDDLE, 'free'],
  ['unpaid', { status: 'unpaid' }, IN_THE_MIDDLE, 'free'],
  ['canceled', { status: 'canceled' }, IN_THE_MIDDLE, 'free'],
  ['paused', { status: 'paused' }, IN_THE_MIDDLE, 'free'],
])('a subscription that is %s', (_, wish, at, plan) => {
  const subscription = aSubscription(wish);
  expect(effectivePlan('free', [subscription], new Date(at))).toEqual({
    plan,
    subscription: plan === 'pro' ? subscription : null,
  });
});

describe('of several', () => {
  const now = new Date(IN_THE_MIDDLE);
  const business = aSubscription({ id: 'sub_2', plan: 'business' });
  const longer = aSubscription({ id: 'sub_0', periodEnd: new Date('2027-01-03T10:00:00Z') });

  test.each([
    ['the larger plan counts', [aSubscription(), business], business],
    [
      'one that is not in force does not',
      [aSubscription(), { ...business, status: 'unpaid' as const }],
      aSubscription(),
    ],
    ['the same plan counts as long as it goes', [aSubscription(), longer], longer],
  ])('%s', (_, subscriptions, subscription) => {
    const expected = { plan: subscription.plan, subscription };
    expect(effectivePlan('free', subscriptions, now)).toEqual(expected);
    expect(effectivePlan('free', subscriptions.toReversed(), now)).toEqual(expected);
  });
});

test.each<[what: string, subscriptions: readonly SubscriptionRow[], end: string | null]>([
  ['none', [], null],
  ['one that renews', [aSubscription()], '2026-12-06T10:00:00.000Z'],
  ['one that is canceled', [aSubscription({ cancelAtPeriodEnd: true })], END.toISOString()],
  [
    'one whose payment failed',
    [aSubscription({ status: 'past_due', graceEndsAt: new Date('2026-11-21T00:00:00Z') })],
    '2026-11-21T00:00:00.000Z',
  ],
  ['one that is over', [aSubscription({ status: 'canceled' })], null],
  [
    'one whose grace is over, beside one that goes on',
    [aSubscription({ status: 'past_due', graceEndsAt: new Date('2026-11-19T00:00:00Z') }), aSubscription()],
    '2026-12-06T10:00:00.000Z',
  ],
])('the next moment at which the plan may end, of %s', (_, subscriptions, end) => {
  expect(nextEnd(subscriptions, new Date(IN_THE_MIDDLE))?.toISOString() ?? null).toBe(end);
});

test('without any it is the base plan', () => {
  expect(effectivePlan('dev', [], START)).toEqual({ plan: 'dev', subscription: null });
});

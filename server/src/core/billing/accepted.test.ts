import { expect, test } from 'vitest';
import type { AcceptedChange, SubscriptionRow } from '../../ports/index.ts';
import { withAccepted } from './accepted.ts';

function aSubscription(wish: Partial<SubscriptionRow> = {}): SubscriptionRow {
  return {
    id: 'sub_1',
    plan: 'business',
    status: 'active',
    periodStart: new Date('2026-11-03T10:00:00Z'),
    periodEnd: new Date('2026-12-03T10:00:00Z'),
    cancelAtPeriodEnd: false,
    pastDueSince: null,
    graceEndsAt: null,
    nextPlan: null,
    ...wish,
  };
}

const CANCELED: Partial<SubscriptionRow> = { cancelAtPeriodEnd: true };
const SMALLER: Partial<SubscriptionRow> = { nextPlan: 'pro' };

test.each<[Partial<SubscriptionRow>, AcceptedChange | undefined, Partial<SubscriptionRow>]>([
  [{}, undefined, {}],
  [SMALLER, undefined, SMALLER],
  [{}, { kind: 'cancel', plan: null }, CANCELED],
  [SMALLER, { kind: 'cancel', plan: null }, CANCELED],
  [CANCELED, { kind: 'resume', plan: null }, {}],
  [SMALLER, { kind: 'resume', plan: null }, {}],
  [{}, { kind: 'change_plan', plan: 'pro' }, SMALLER],
  [CANCELED, { kind: 'change_plan', plan: 'pro' }, SMALLER],
  [CANCELED, { kind: 'change_plan', plan: 'business' }, {}],
  // Larger: it is told when it is paid.
  [
    { plan: 'pro', ...CANCELED },
    { kind: 'change_plan', plan: 'business' },
    { plan: 'pro', ...CANCELED },
  ],
])('%j with %j is %j', (before, change, after) => {
  expect(withAccepted(aSubscription(before), change)).toEqual(aSubscription(after));
});

import type { PaymentsState } from '@stager/sdk';
import { expect, test } from 'vitest';
import { describePayments } from './payments.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const AN_HOUR_AGO = '2026-11-24T11:00:00.000Z';

function aState(wish: Partial<PaymentsState> = {}): PaymentsState {
  return {
    stripe: { answers: true, trouble: null, apiVersion: '2026-10-28.endive', live: false, missingPrices: [] },
    webhookSecret: true,
    events: { received: 0, unknown: 0, parked: 0, lastReceivedAt: AN_HOUR_AGO, oldestWaitingAt: null },
    reports: { waiting: 0, parked: 0, oldestWaitingAt: null },
    comparison: { endedAt: AN_HOUR_AGO, compared: 12, drift: 0 },
    ...wish,
  };
}

const told = (wish?: Partial<PaymentsState>) => describePayments(aState(wish), NOW);
const one = (name: string, wish: Partial<PaymentsState>) => told(wish).find((check) => check.name === name);

test('all well', () => {
  expect(told().map(({ name, status, message }) => `${name} ${status}: ${message}`)).toEqual([
    'Payments ok: Stripe answers (test mode), API version 2026-10-28.endive',
    'Webhooks ok: the last event came 1 h ago, 0 waiting, 0 parked',
    'Reports ok: 0 images above a limit to be reported, 0 parked',
    'Comparison ok: 12 subscriptions compared with Stripe 1 h ago, 0 differ',
  ]);
});

test('an installation without payments has nothing else to say', () => {
  expect(told({ stripe: null })).toMatchObject([{ name: 'Payments', status: 'skipped' }]);
});

const { events, reports, stripe } = aState();
test.each<[string, Partial<PaymentsState>, status: string, fix: RegExp | null]>([
  [
    'Payments',
    { stripe: { answers: false, trouble: 'no', apiVersion: null, live: null, missingPrices: [] } },
    'failed',
    /STAGER_STRIPE_SECRET_KEY/,
  ],
  [
    'Payments',
    { stripe: stripe && { ...stripe, missingPrices: ['stager_pro_monthly'] } },
    'failed',
    /stripe-setup/,
  ],
  ['Webhooks', { webhookSecret: false }, 'failed', /STAGER_STRIPE_WEBHOOK_SECRETS/],
  ['Webhooks', { events: { ...events, lastReceivedAt: null } }, 'ok', null],
  ['Webhooks', { events: { ...events, parked: 2 } }, 'warning', /stripe-events list/],
  ['Webhooks', { events: { ...events, received: 1, oldestWaitingAt: AN_HOUR_AGO } }, 'warning', /worker/],
  ['Webhooks', { events: { ...events, oldestWaitingAt: '2026-11-24T11:59:00.000Z' } }, 'ok', null],
  ['Reports', { reports: { ...reports, parked: 1 } }, 'warning', /docs\/stripe\.md/],
  ['Reports', { reports: { ...reports, waiting: 1, oldestWaitingAt: AN_HOUR_AGO } }, 'warning', /worker/],
  ['Comparison', { comparison: null }, 'skipped', null],
  ['Comparison', { comparison: { endedAt: AN_HOUR_AGO, compared: 2, drift: 1 } }, 'warning', /reconcile/],
  [
    'Comparison',
    { comparison: { endedAt: '2026-11-22T11:00:00.000Z', compared: 2, drift: 0 } },
    'warning',
    /worker/,
  ],
])('%s of %j is %s', (name, wish, status, fix) => {
  const check = one(name, wish);
  expect(check?.status).toBe(status);
  if (fix) expect(check?.fix).toMatch(fix);
  else expect(check?.fix).toBeNull();
});

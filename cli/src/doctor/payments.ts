import { Admin, type PaymentsState, StagerError } from '@stager/sdk';
import type { Context } from '../context.ts';
import { clean } from '../io/clean.ts';
import { count, formatAge } from '../io/text.ts';
import type { Probe } from './remote.ts';
import { type Check, type Finding, failed, ok, skipped, warning } from './types.ts';

/** An event that waits longer, or an image that is not reported for longer, has no worker. Milliseconds. */
const LATE_MS = 5 * 60_000;
/** The comparison is made once a day. */
const STALE_MS = 36 * 60 * 60_000;

/** How payments are, for who runs the installation; nothing for everybody else. */
export async function checkPayments(context: Context, { latencyMs }: Probe): Promise<Check[]> {
  if (latencyMs === undefined) return [];
  const state = await readPayments(context);
  return state ? describePayments(state, Date.now()) : [];
}

async function readPayments(context: Context): Promise<PaymentsState | undefined> {
  const stager = await context.stager();
  const { scopes } = await stager.me({ signal: context.signal });
  if (!scopes.includes('admin:read')) return undefined;
  try {
    return await new Admin(stager).payments({ signal: context.signal });
  } catch (error) {
    // A login may hold the scope of operators and be none of them, and not every process serves them.
    const theirs = StagerError.isInstance(error) && ['role_required', 'unavailable'].includes(error.code);
    if (!theirs) throw error;
    return undefined;
  }
}

export function describePayments(state: PaymentsState, now: number): Check[] {
  const payments: Check = { name: 'Payments', ...checkKey(state) };
  if (!state.stripe) return [payments];
  return [
    payments,
    { name: 'Webhooks', ...checkWebhooks(state, now) },
    { name: 'Reports', ...checkReports(state, now) },
    { name: 'Comparison', ...checkComparison(state, now) },
  ];
}

function checkKey({ stripe }: PaymentsState): Finding {
  if (!stripe) return skipped('this installation takes none: STAGER_STRIPE_SECRET_KEY is not set');
  if (!stripe.answers) {
    return failed(
      clean(stripe.trouble ?? 'Stripe does not answer'),
      'Check STAGER_STRIPE_SECRET_KEY of the API, and https://status.stripe.com.',
    );
  }
  if (stripe.missingPrices.length > 0) {
    return failed(
      `Stripe has no active price for ${clean(stripe.missingPrices.join(', '))}`,
      'npm run admin -- stripe-setup',
    );
  }
  const mode = stripe.live ? 'live: real money moves' : 'test mode';
  return ok(`Stripe answers (${mode}), API version ${clean(stripe.apiVersion ?? 'unknown')}`);
}

function checkWebhooks({ webhookSecret, events }: PaymentsState, now: number): Finding {
  if (!webhookSecret) return failed('no event is taken', 'Set STAGER_STRIPE_WEBHOOK_SECRETS of the API.');
  const { received, unknown, parked, lastReceivedAt, oldestWaitingAt } = events;
  const message = [
    lastReceivedAt === null ? 'no event yet' : `the last event came ${formatAge(lastReceivedAt, now)}`,
    `${received} waiting`,
    ...(unknown > 0 ? [`${unknown} of unknown customers`] : []),
    `${parked} parked`,
  ].join(', ');
  if (parked > 0) return warning(message, 'stager admin stripe-events list');
  return isLate(oldestWaitingAt, now)
    ? warning(message, 'Is a worker running that has STAGER_STRIPE_SECRET_KEY?')
    : ok(message);
}

function checkReports(
  { reports: { waiting, parked, oldestWaitingAt } }: PaymentsState,
  now: number,
): Finding {
  const since = oldestWaitingAt === null ? '' : `, the oldest delivered ${formatAge(oldestWaitingAt, now)}`;
  const message = `${count(waiting, 'image')} above a limit to be reported${since}, ${parked} parked`;
  if (parked > 0) return warning(message, 'docs/stripe.md says what parks them: see meter_events.detail.');
  return isLate(oldestWaitingAt, now)
    ? warning(message, 'Is a worker running that has STAGER_STRIPE_SECRET_KEY?')
    : ok(message);
}

function checkComparison({ comparison }: PaymentsState, now: number): Finding {
  if (!comparison) return skipped('there was none yet: a worker compares once a day');
  const { endedAt, compared, drift } = comparison;
  const message = `${count(compared, 'subscription')} compared with Stripe ${formatAge(endedAt, now)}, ${drift} differ`;
  if (drift > 0) return warning(message, 'stager reconcile --dry-run');
  return now - Date.parse(endedAt) > STALE_MS
    ? warning(message, 'Is a worker running that has STAGER_STRIPE_SECRET_KEY?')
    : ok(message);
}

function isLate(at: string | null, now: number): boolean {
  return at !== null && now - Date.parse(at) > LATE_MS;
}

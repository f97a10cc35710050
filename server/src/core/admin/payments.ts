import type { PaymentsState } from '../../contract/index.ts';
import { type Payments, PaymentsError } from '../../ports/index.ts';
import type { AdminAct } from './context.ts';

/** Waiting and parked ones are counted up to here; beyond, nobody reads the number. */
const COUNT_MAX = 10_000;

/** Whether Stripe answers to the key of this process. Not within a transaction. */
export async function askStripe(payments: Pick<Payments, 'check'> | null): Promise<PaymentsState['stripe']> {
  if (!payments) return null;
  try {
    return { answers: true, trouble: null, ...(await payments.check()) };
  } catch (error) {
    if (!(error instanceof PaymentsError)) throw error;
    return { answers: false, trouble: error.message, apiVersion: null, live: null, missingPrices: [] };
  }
}

export async function lookAtPayments(
  { tx }: AdminAct,
  known: Pick<PaymentsState, 'stripe' | 'webhookSecret'>,
): Promise<PaymentsState> {
  const events = await tx.payments.events(COUNT_MAX);
  const reports = await tx.payments.meters(COUNT_MAX);
  const comparison = await tx.payments.lastCheck();
  return {
    ...known,
    events: {
      received: events.received,
      unknown: events.unknown,
      parked: events.parked,
      lastReceivedAt: timestamp(events.lastReceivedAt),
      oldestWaitingAt: timestamp(events.oldestWaitingAt),
    },
    reports: {
      waiting: reports.waiting,
      parked: reports.parked,
      oldestWaitingAt: timestamp(reports.oldestWaitingAt),
    },
    comparison: comparison && { ...comparison, endedAt: comparison.endedAt.toISOString() },
  };
}

function timestamp(moment: Date | null): string | null {
  return moment?.toISOString() ?? null;
}

import type { PaymentJobs, Payments } from '../../ports/index.ts';
import { compareSubscriptions } from '../billing/stripe/compareSubscriptions.ts';

/** A subscription that is not at Stripe what it is here. */
export interface SubscriptionDrift {
  readonly accountId: string | null;
  readonly subscriptionId: string;
  readonly expected: string;
  readonly found: string;
}

/** Compares what is known of subscriptions with Stripe. @throws PaymentsError */
export type CompareSubscriptions = () => Promise<readonly SubscriptionDrift[]>;

const WORDS = {
  missing_here: ['as at Stripe', 'not known here'],
  missing_at_stripe: ['at Stripe', 'only here'],
  differs: ['as at Stripe', 'differs in'],
} as const;

export function subscriptionsAt(
  jobs: Pick<PaymentJobs, 'listSubscriptions'>,
  payments: Pick<Payments, 'listSubscriptions'>,
  now: () => number,
): CompareSubscriptions {
  return async () => {
    const { drift } = await compareSubscriptions(jobs, payments, new Date(now()));
    return drift.map(({ kind, subscriptionId, accountId, fields }) => {
      const [expected, found] = WORDS[kind];
      return { accountId, subscriptionId, expected, found: [found, fields.join(', ')].join(' ').trim() };
    });
  };
}

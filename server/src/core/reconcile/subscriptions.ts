import type { PaymentJobs, Payments } from '../../ports/index.ts';
import { compareSubscriptions } from '../billing/stripe/compareSubscriptions.ts';
import type { Found } from '../billing/stripe/syncCustomer.ts';

/** A subscription that is not at Stripe what it is here. */
export interface SubscriptionDrift {
  readonly accountId: string | null;
  readonly subscriptionId: string;
  /** Whose it is at Stripe, and here. */
  readonly customers: readonly string[];
  readonly expected: string;
  readonly found: string;
}

/** What reconciliation needs of whoever takes the money. Every method throws `PaymentsError`. */
export interface Subscriptions {
  /** Compares what is known of all subscriptions with Stripe. */
  compare(): Promise<readonly SubscriptionDrift[]>;
  /** What Stripe says of a customer now. Not within a transaction. */
  read(customerId: string): Promise<Found>;
  /** So long a plan holds whose payment has failed. */
  readonly graceMs: number;
}

const WORDS = {
  missing_here: ['as at Stripe', 'not known here'],
  missing_at_stripe: ['at Stripe', 'only here'],
  differs: ['as at Stripe', 'differs in'],
} as const;

export function subscriptionsAt(
  jobs: Pick<PaymentJobs, 'listSubscriptions' | 'beginRead'>,
  payments: Pick<Payments, 'listSubscriptions' | 'readCustomer'>,
  { now, graceMs }: { readonly now: () => Promise<Date>; readonly graceMs: number },
): Subscriptions {
  return {
    graceMs,

    async compare() {
      const { drift } = await compareSubscriptions(jobs, payments, await now());
      return drift.map(({ kind, subscriptionId, accountId, customers, fields }) => {
        const [expected, found] = WORDS[kind];
        const told = [found, fields.join(', ')].join(' ').trim();
        return { accountId, subscriptionId, customers, expected, found: told };
      });
    },

    async read(customerId) {
      const read = await jobs.beginRead();
      return { customerId, customer: await payments.readCustomer(customerId), read };
    },
  };
}

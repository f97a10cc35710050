import type {
  FoundSubscription,
  HeldCustomer,
  PaidPlan,
  PaymentsTx,
  StripeCustomer,
  StripeRead,
  StripeSubscription,
} from '../../../ports/index.ts';
import { graceEnd } from '../effectivePlan.ts';
import { act, settlePlan } from './settlePlan.ts';

export interface Found {
  readonly customerId: string;
  /** `undefined` when Stripe does not know it. */
  readonly customer: StripeCustomer | undefined;
  /** Begun before Stripe was asked. */
  readonly read: StripeRead;
}

export interface Synced {
  readonly accountId: string;
  /** False when a later read has been written already. */
  readonly written: boolean;
  /** Subscriptions that the account pays for; more than one is somebody's mistake. */
  readonly inForce: readonly string[];
}

export interface SyncOptions {
  readonly now: Date;
  /** So long a plan holds whose payment has failed. */
  readonly graceMs: number;
}

/** Stripe keeps deleted customers. One that it has never heard of is somebody else's, and ends nobody's plan. */
class CustomerNotThere extends Error {
  constructor(customerId: string) {
    super(
      `Stripe does not know ${customerId}, a customer of ours: is STAGER_STRIPE_SECRET_KEY the key of another account?`,
    );
  }
}

/**
 * Writes what was found at Stripe, unless a read that began later was written before. The outcome is the same in
 * whatever order the events come that made us look.
 * @returns `unknown` for a customer that is nobody's yet, `nobody` for one that is no customer any more
 * @throws when Stripe does not know a customer of ours
 */
export async function syncCustomer(
  tx: PaymentsTx,
  { customerId, customer, read }: Found,
  { now, graceMs }: SyncOptions,
): Promise<Synced | 'unknown' | 'nobody'> {
  const held = await holdAccount(tx, customerId, customer, read.number);
  if (held && !customer) throw new CustomerNotThere(customerId);
  const gone = !customer || customer.deleted;
  if (!held) return gone ? 'nobody' : 'unknown';
  const { accountId } = held;
  if (held.read >= read.number) return { accountId, written: false, inForce: [] };
  const ours = gone ? [] : customer.subscriptions.filter(isOurs);
  await tx.saveSubscriptions(
    accountId,
    read,
    ours.map((one) => withGrace(one, graceMs)),
  );
  if (gone) {
    await tx.forgetCustomer(accountId);
    await tx.audit(accountId, [act('billing.customer_deleted', customerId, null)]);
  }
  return { accountId, written: true, inForce: await settlePlan(tx, accountId, now) };
}

/** A customer that we have made says whose it is, even when we did not hear what became of our request. */
async function holdAccount(
  tx: PaymentsTx,
  customerId: string,
  customer: StripeCustomer | undefined,
  read: number,
): Promise<HeldCustomer | undefined> {
  const held = await tx.lockCustomer(customerId);
  if (held || !customer?.accountId || customer.deleted) return held;
  const adopted = await tx.adoptCustomer(customer.accountId, customerId, read);
  // Another worker may have given it to the account between the two.
  return adopted ?? tx.lockCustomer(customerId);
}

function isOurs(
  subscription: StripeSubscription,
): subscription is StripeSubscription & { readonly plan: PaidPlan } {
  return subscription.plan !== null;
}

/** Written with the subscription, so that all processes and the customer have one and the same end. */
function withGrace(
  subscription: StripeSubscription & { readonly plan: PaidPlan },
  graceMs: number,
): FoundSubscription {
  const pastDue = subscription.status === 'past_due';
  return { ...subscription, graceEndsAt: pastDue ? graceEnd(subscription, graceMs) : null };
}

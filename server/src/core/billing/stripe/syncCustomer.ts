import type { BillingPlanEvent, PlanId } from '../../../contract/index.ts';
import type {
  HeldCustomer,
  NewAudit,
  PaidPlan,
  PaymentsTx,
  StripeCustomer,
  StripeSubscription,
} from '../../../ports/index.ts';
import { effectivePlan, isInForce } from '../effectivePlan.ts';
import { planIdOf } from '../plans.ts';

/** Acts in the audit log that Stripe has told of. */
const PRINCIPAL = 'stripe';

export interface Found {
  readonly customerId: string;
  /** `undefined` when Stripe does not know it. */
  readonly customer: StripeCustomer | undefined;
  /** Taken before Stripe was asked. */
  readonly read: number;
}

export interface Synced {
  readonly accountId: string;
  /** False when a later read has been written already. */
  readonly written: boolean;
  /** Subscriptions that the account pays for; more than one is somebody's mistake. */
  readonly inForce: readonly string[];
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
  now: Date,
): Promise<Synced | 'unknown' | 'nobody'> {
  const held = await holdAccount(tx, customerId, customer, read);
  if (held && !customer) throw new CustomerNotThere(customerId);
  const gone = !customer || customer.deleted;
  if (!held) return gone ? 'nobody' : 'unknown';
  const { accountId } = held;
  if (held.read >= read) return { accountId, written: false, inForce: [] };
  const before = await planInForce(tx, accountId, now);
  await tx.saveSubscriptions(accountId, read, gone ? [] : customer.subscriptions.filter(isOurs));
  if (gone) {
    await tx.forgetCustomer(accountId);
    await tx.audit(accountId, [act('billing.customer_deleted', customerId, null)]);
  }
  const after = await planInForce(tx, accountId, now);
  if (before.plan !== after.plan) await tellOfPlan(tx, accountId, before.plan, after.plan, now);
  return { accountId, written: true, inForce: after.inForce };
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

async function planInForce(
  tx: PaymentsTx,
  accountId: string,
  now: Date,
): Promise<{ plan: PlanId; inForce: string[] }> {
  const { basePlan, subscriptions } = await tx.planStanding(accountId);
  const { plan } = effectivePlan(planIdOf(basePlan), subscriptions, now);
  return { plan, inForce: subscriptions.filter((one) => isInForce(one, now)).map(({ id }) => id) };
}

async function tellOfPlan(
  tx: PaymentsTx,
  accountId: string,
  previousPlan: PlanId,
  plan: PlanId,
  now: Date,
): Promise<void> {
  const event: BillingPlanEvent = { type: 'billing.plan_changed', plan, previousPlan, at: now.toISOString() };
  await tx.audit(accountId, [act('billing.plan_change', accountId, `${previousPlan} to ${plan}`)]);
  await tx.publish(accountId, [{ type: event.type, imageId: null, projectId: null, data: event }]);
}

export function act(action: string, objectId: string, detail: string | null): NewAudit {
  return { principal: PRINCIPAL, role: null, credential: null, action, objectId, detail, requestId: null };
}

import type { BillingPlanEvent, PlanId } from '../../../contract/index.ts';
import type { NewAudit, PaymentJobs, PaymentsTx } from '../../../ports/index.ts';
import { effectivePlan, isInForce, nextEnd } from '../effectivePlan.ts';
import { planIdOf } from '../plans.ts';

/** Acts in the audit log that Stripe has told of, or that follow from what it has told. */
const PRINCIPAL = 'stripe';

/**
 * Tells of the plan in force when it is another one than was told last, and notes when to look again: plans also end
 * when nothing is heard, as with the grace of a payment that failed.
 * @returns subscriptions in force
 */
export async function settlePlan(tx: PaymentsTx, accountId: string, now: Date): Promise<string[]> {
  const { basePlan, subscribedPlan, subscriptions } = await tx.planStanding(accountId);
  const base = planIdOf(basePlan);
  const { plan, subscription } = effectivePlan(base, subscriptions, now);
  const before = subscribedPlan ?? base;
  if (before !== plan) await tellOfPlan(tx, accountId, before, plan, now);
  await tx.noteSubscribed(accountId, {
    plan: subscription ? plan : null,
    endsAt: nextEnd(subscriptions, now),
  });
  return subscriptions.filter((one) => isInForce(one, now)).map(({ id }) => id);
}

/**
 * Looks at the accounts whose plan ends by itself, each in a transaction of its own.
 * @returns how many were due
 */
export async function settleEndedPlans(
  jobs: Pick<PaymentJobs, 'transaction'>,
  now: Date,
  signal: AbortSignal,
): Promise<number> {
  const settleOne = () =>
    jobs.transaction(async (tx) => {
      const accountId = await tx.lockEndedPlan(now);
      if (accountId !== undefined) await settlePlan(tx, accountId, now);
      return accountId !== undefined;
    });
  let settled = 0;
  while (!signal.aborted && (await settleOne())) settled += 1;
  return settled;
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

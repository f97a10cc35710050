import type { Billing, PlanId, Usage } from '../../contract/index.ts';
import type { SubscriptionRow, UsageRow } from '../../ports/index.ts';
import { graceEndOf } from './effectivePlan.ts';
import { unitsLeft } from './quota.ts';
import type { Standing } from './standing.ts';

interface Beside {
  /** Units of the period that are neither settled nor refunded. */
  readonly reserved: number;
  readonly unpaidPlan: PlanId | null;
}

export function presentBilling(standing: Standing, { reserved, unpaidPlan }: Beside): Billing {
  const { plan, basePlan, subscription, period, payAsYouGo, offersPayAsYouGo, usage, allowance } = standing;
  return {
    plan,
    basePlan,
    subscription: subscription && presentSubscription(subscription),
    unpaidPlan,
    period: { start: period.start.toISOString(), end: period.end.toISOString() },
    // Read a moment apart, so that more may be reserved than counts.
    used: Math.max(0, usage.units - reserved),
    reserved,
    overage: usage.overage,
    remaining: unitsLeft(allowance),
    payAsYouGo: { offered: offersPayAsYouGo, ...payAsYouGo },
  };
}

function presentSubscription(row: SubscriptionRow): NonNullable<Billing['subscription']> {
  const { plan, status, periodStart, periodEnd, cancelAtPeriodEnd, nextPlan } = row;
  return {
    plan,
    status,
    period: { start: periodStart.toISOString(), end: periodEnd.toISOString() },
    cancelAtPeriodEnd,
    graceEndsAt: status === 'past_due' ? graceEndOf(row).toISOString() : null,
    nextPlan,
  };
}

export function presentUsage({ day, projectId, units, overage }: UsageRow): Usage {
  return { day, projectId, units, overage };
}

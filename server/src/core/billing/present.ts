import type { Billing, Usage } from '../../contract/index.ts';
import type { SubscriptionRow, UsageRow } from '../../ports/index.ts';
import { graceEndOf } from './effectivePlan.ts';
import { unitsLeft } from './quota.ts';
import type { Standing } from './standing.ts';

/** @param reserved units of the period that are neither settled nor refunded */
export function presentBilling(standing: Standing, reserved: number): Billing {
  const { plan, basePlan, subscription, period, payAsYouGo, offersPayAsYouGo, usage, allowance } = standing;
  return {
    plan,
    basePlan,
    subscription: subscription && presentSubscription(subscription),
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

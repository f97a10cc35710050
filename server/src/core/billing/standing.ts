import type { Plan } from '../../contract/index.ts';
import type { PayAsYouGo, PeriodUsage, StandingRow, SubscriptionRow } from '../../ports/index.ts';
import { effectivePlan } from './effectivePlan.ts';
import { type Period, periodOf } from './period.ts';
import { type Plans, planIdOf } from './plans.ts';
import type { Allowance } from './quota.ts';

/** How an account stands at a moment. */
export interface Standing {
  readonly plan: Plan;
  readonly basePlan: Plan['id'];
  readonly subscription: SubscriptionRow | null;
  readonly period: Period;
  readonly payAsYouGo: PayAsYouGo;
  /** Whether units above the limit can be paid one by one: with the bill of a subscription, and no otherwise. */
  readonly offersPayAsYouGo: boolean;
  readonly usage: PeriodUsage;
  readonly allowance: Allowance;
}

export function toStanding(row: StandingRow, plans: Plans, now: Date): Standing {
  const basePlan = planIdOf(row.basePlan);
  const { plan: planId, subscription } = effectivePlan(basePlan, row.subscriptions, now);
  const plan = plans[planId];
  const period = periodOf(subscription, now);
  const { payAsYouGo } = row;
  const offersPayAsYouGo = subscription !== null && plan.overageCents !== null;
  const found = row.usage.find(({ periodStart }) => periodStart.getTime() === period.start.getTime());
  const usage = found ?? unused(period);
  const allowance: Allowance = {
    limit: plan.limit,
    overageCap: payAsYouGo.enabled && offersPayAsYouGo ? payAsYouGo.cap : 0,
    units: usage.units,
    overage: usage.overage,
  };
  return { plan, basePlan, subscription, period, payAsYouGo, offersPayAsYouGo, usage, allowance };
}

function unused({ start }: Period): PeriodUsage {
  return { periodStart: start, units: 0, overage: 0, warnedLimit: null, exhaustedLimit: null };
}

import type { PlanId } from '../../contract/index.ts';
import type { SubscriptionRow } from '../../ports/index.ts';
import { isLarger } from './plans.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** So long a plan holds whose payment has failed, where nobody has said otherwise. */
export const PAST_DUE_GRACE_MS = 7 * DAY_MS;
/** So long behind the end of its period a plan holds that renews, when nothing was heard of its renewal. */
export const RENEWAL_GRACE_MS = 3 * DAY_MS;

export interface Effective {
  readonly plan: PlanId;
  /** Where the plan comes from; null: it is the base plan. */
  readonly subscription: SubscriptionRow | null;
}

/** The plan in force at a moment: that of the largest subscription in force, else the base plan. */
export function effectivePlan(base: PlanId, subscriptions: readonly SubscriptionRow[], now: Date): Effective {
  const [best] = subscriptions.filter((one) => isInForce(one, now)).toSorted(byWorth);
  return best ? { plan: best.plan, subscription: best } : { plan: base, subscription: null };
}

/** First moment at which a subscription is in force no more, if nothing is heard of it; null when it is not now. */
function endsAt(subscription: SubscriptionRow): number | null {
  const { status, periodEnd, cancelAtPeriodEnd } = subscription;
  switch (status) {
    case 'trialing':
    case 'active':
      return periodEnd.getTime() + (cancelAtPeriodEnd ? 0 : RENEWAL_GRACE_MS);
    case 'past_due':
      return graceEndOf(subscription).getTime();
    default:
      return null;
  }
}

/** Of a subscription that is past due. */
export function graceEndOf({
  graceEndsAt,
  ...row
}: Pick<SubscriptionRow, 'graceEndsAt' | 'pastDueSince' | 'periodStart'>): Date {
  return graceEndsAt ?? graceEnd(row, PAST_DUE_GRACE_MS);
}

/** Where the invoice does not say since when it is not paid, it is since the period began. */
export function graceEnd(
  { pastDueSince, periodStart }: Pick<SubscriptionRow, 'pastDueSince' | 'periodStart'>,
  graceMs: number,
): Date {
  return new Date((pastDueSince ?? periodStart).getTime() + graceMs);
}

/** The first moment at which another plan may be in force, if nothing is heard of any subscription; null: none. */
export function nextEnd(subscriptions: readonly SubscriptionRow[], now: Date): Date | null {
  const ends = subscriptions.flatMap((one) => endsAt(one) ?? []).filter((end) => end > now.getTime());
  return ends.length === 0 ? null : new Date(Math.min(...ends));
}

export function isInForce(subscription: SubscriptionRow, now: Date): boolean {
  const end = endsAt(subscription);
  return end !== null && now.getTime() < end;
}

function byWorth(a: SubscriptionRow, b: SubscriptionRow): number {
  if (a.plan !== b.plan) return isLarger(a.plan, b.plan) ? -1 : 1;
  return b.periodEnd.getTime() - a.periodEnd.getTime() || (a.id < b.id ? 1 : -1);
}

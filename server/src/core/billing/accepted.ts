import type { AcceptedChange, SubscriptionRow } from '../../ports/index.ts';
import { isLarger } from './plans.ts';

/**
 * A subscription as it will be when Stripe tells of what it has accepted: people see at once what they have done. A
 * larger plan is none of it: it is in force when it is paid, and that only Stripe tells.
 */
export function withAccepted(row: SubscriptionRow, change: AcceptedChange | undefined): SubscriptionRow {
  if (!change) return row;
  const { kind, plan } = change;
  if (kind === 'cancel') return { ...row, cancelAtPeriodEnd: true, nextPlan: null };
  const goesOn = { ...row, cancelAtPeriodEnd: false, nextPlan: null };
  if (kind === 'resume' || plan === null || plan === row.plan) return goesOn;
  return isLarger(row.plan, plan) ? { ...goesOn, nextPlan: plan } : row;
}

import type { Billing, BillingChange } from '../../contract/index.ts';
import { requireStill } from '../accounts/members.ts';
import { type Act, audit } from '../context.ts';
import { DomainError, notFound } from '../errors.ts';
import { withAccepted } from './accepted.ts';
import { type Plans, planIdOf } from './plans.ts';
import { presentBilling } from './present.ts';
import { waitsForPayment } from './purchases/changes.ts';
import { type Standing, toStanding } from './standing.ts';

/** Unfinished images are counted up to here; beyond, nobody reads the number. */
const RESERVED_MAX = 100_000;

export async function standingOf({ tx, caller, now }: Act, plans: Plans): Promise<Standing> {
  const row = await tx.billing.standing(caller.accountId, now);
  if (!row) throw notFound('account', caller.accountId);
  return toStanding(row, plans, now);
}

export async function readBilling(act: Act, plans: Plans): Promise<Billing> {
  return complete(act, await standingOf(act, plans));
}

async function complete({ tx, caller }: Act, standing: Standing): Promise<Billing> {
  const { subscription, period } = standing;
  const reserved = await tx.billing.countReserved(caller.accountId, period.start, RESERVED_MAX);
  if (!subscription) {
    const running = await tx.stripe.subscription(caller.accountId);
    const unpaidPlan = running && waitsForPayment(running) ? planIdOf(running.plan) : null;
    return presentBilling(standing, { reserved, unpaidPlan });
  }
  const change = await tx.stripe.acceptedChange(caller.accountId, subscription.id);
  const changed = { ...standing, subscription: withAccepted(subscription, change) };
  return presentBilling(changed, { reserved, unpaidPlan: null });
}

/** Pay-as-you-go can be switched off under any plan. */
export async function changeBilling(act: Act, plans: Plans, { payAsYouGo }: BillingChange): Promise<Billing> {
  const { tx, caller } = act;
  await tx.accounts.lock(caller.accountId);
  await requireStill(act, 'owner');
  const standing = await standingOf(act, plans);
  const { enabled, cap = standing.payAsYouGo.cap } = payAsYouGo;
  if (enabled && !standing.offersPayAsYouGo) throw notOffered(standing.plan.name);
  await tx.billing.setPayAsYouGo(caller.accountId, { enabled, cap });
  const detail = enabled ? `on, ${cap === null ? 'without a cap' : `at most ${cap} a period`}` : 'off';
  await audit(act, 'billing.pay_as_you_go', [caller.accountId], detail);
  return complete(act, await standingOf(act, plans));
}

function notOffered(plan: string): DomainError {
  return new DomainError(
    'invalid_state',
    `There is no pay-as-you-go with the plan ${plan} as this account has it. Buy a plan that has it: \`stager billing plans\` shows them.`,
  );
}

import type { PaidPlan, StripeInvoice, StripePage } from '../../../ports/index.ts';
import { DomainError } from '../../errors.ts';
import { isLarger, planIdOf } from '../plans.ts';
import { beginWrite, type Desk, paymentsOf, perform } from './desk.ts';

/** The page of Stripe where an owner changes cards, and sees and pays invoices; good for some minutes. */
export async function openPortal(
  desk: Desk,
  { ref, returnUrl }: { ref: string; returnUrl: string },
): Promise<string> {
  const payments = paymentsOf(desk);
  const { customerId } = await desk.store.read.stripe.customer(desk.caller.accountId);
  if (!customerId) {
    throw new DomainError(
      'invalid_state',
      'This account has never bought a plan: there is nothing to manage yet.',
    );
  }
  const request = { customerId, returnUrl };
  const write = await beginWrite(desk, { kind: 'portal', ref, request });
  return perform(desk, write, (key) => payments.createPortal(request, key));
}

/** The plan ends with the period that is paid. */
export function cancelPlan(desk: Desk, { ref }: { ref: string }): Promise<void> {
  return change(desk, 'cancel', ref, {}, (id, key) => paymentsOf(desk).setCancelAtPeriodEnd(id, true, key));
}

/** Takes a cancellation back that waits for the end of the period, and a smaller plan that does. */
export function resumePlan(desk: Desk, { ref }: { ref: string }): Promise<void> {
  return change(desk, 'resume', ref, {}, (id, key) => paymentsOf(desk).setCancelAtPeriodEnd(id, false, key));
}

/**
 * A larger plan begins at once, and what it costs more for the rest of the period is paid at once; a smaller one begins
 * with the next period, as this one is paid.
 * @throws DomainError `invalid_state` without a subscription; PaymentsError `declined`
 */
export async function changePlan(desk: Desk, { plan, ref }: { plan: PaidPlan; ref: string }): Promise<void> {
  const payments = paymentsOf(desk);
  await change(desk, 'change_plan', ref, { plan }, (id, key, present) => {
    if (present === plan) return payments.keepPlan(id, key);
    return isLarger(plan, planIdOf(present))
      ? payments.upgrade(id, plan, key)
      : payments.downgrade(id, plan, key);
  });
}

async function change(
  desk: Desk,
  kind: 'cancel' | 'resume' | 'change_plan',
  ref: string,
  request: object,
  ask: (subscriptionId: string, key: string, plan: string) => Promise<void>,
): Promise<void> {
  paymentsOf(desk);
  const running = await desk.store.read.stripe.subscription(desk.caller.accountId);
  if (!running) {
    throw new DomainError(
      'invalid_state',
      'This account pays for no plan: buy one with `stager billing checkout`.',
    );
  }
  const write = await beginWrite(desk, { kind, ref, request: { ...request, subscriptionId: running.id } });
  if (write.state !== 'started') return;
  await perform(desk, write, (key) => ask(running.id, key, running.plan));
}

/** Newest first; an account that has never bought anything has none. */
export async function listInvoices(
  desk: Pick<Desk, 'store' | 'payments' | 'caller'>,
  page: { limit: number; after: string | null },
): Promise<StripePage<StripeInvoice>> {
  const payments = paymentsOf(desk);
  const { customerId } = await desk.store.read.stripe.customer(desk.caller.accountId);
  return customerId ? payments.listInvoices(customerId, page) : { items: [], next: null };
}

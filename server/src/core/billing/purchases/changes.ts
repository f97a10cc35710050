import { type PaidPlan, PaymentsError } from '../../../ports/index.ts';
import { DomainError } from '../../errors.ts';
import { isLarger, planIdOf } from '../plans.ts';
import { beginWrite, type Desk, paymentsOf, perform } from './desk.ts';

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
 * with the next period, as this one is paid. The present one goes on, whatever was to become of it.
 * @throws DomainError `invalid_state` without a subscription; PaymentsError `declined`
 */
export async function changePlan(desk: Desk, { plan, ref }: { plan: PaidPlan; ref: string }): Promise<void> {
  const payments = paymentsOf(desk);
  await change(desk, 'change_plan', ref, { plan }, (id, key, present) => {
    if (present === plan) return payments.setCancelAtPeriodEnd(id, false, key);
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
  if (write.state === 'failed') throw failureOf(write.answer);
  if (write.state !== 'started') return;
  await perform(desk, write, (key) => ask(running.id, key, running.plan));
}

/** A repeat has the answer of the first, also when that was a refusal. */
function failureOf(answer: unknown): PaymentsError {
  // As `perform` keeps it.
  const { code, message } = answer as Pick<PaymentsError, 'code' | 'message'>;
  return new PaymentsError(code, message);
}

import { type PaidPlan, PaymentsError, type RunningSubscription } from '../../../ports/index.ts';
import { DomainError } from '../../errors.ts';
import { isLarger, planIdOf } from '../plans.ts';
import { type Asked, beginWrite, type Desk, paymentsOf, perform } from './desk.ts';

/** The plan ends with the period that is paid. */
export async function cancelPlan(desk: Desk, { ref }: { ref: string }): Promise<void> {
  const payments = paymentsOf(desk);
  await change(desk, await runningOf(desk), { kind: 'cancel', ref, request: {} }, (id, key) =>
    payments.setCancelAtPeriodEnd(id, true, key),
  );
}

/** Takes a cancellation back that waits for the end of the period, and a smaller plan that does. */
export async function resumePlan(desk: Desk, { ref }: { ref: string }): Promise<void> {
  const payments = paymentsOf(desk);
  await change(desk, await runningOf(desk), { kind: 'resume', ref, request: {} }, (id, key) =>
    payments.setCancelAtPeriodEnd(id, false, key),
  );
}

/** Whether it goes on only when the invoice that is open is paid, and can only be canceled until then. */
export function waitsForPayment({ status }: Pick<RunningSubscription, 'status'>): boolean {
  return status !== 'active' && status !== 'trialing';
}

/**
 * A larger plan begins at once, and what it costs more for the rest of the period is paid at once; a smaller one begins
 * with the next period, as this one is paid. The present one goes on, whatever was to become of it.
 * @throws DomainError `invalid_state` without a subscription, and while its last invoice is not paid: nobody gets a
 * larger plan for the difference to one that was never paid; PaymentsError `declined`
 */
export async function changePlan(desk: Desk, { plan, ref }: { plan: PaidPlan; ref: string }): Promise<void> {
  const payments = paymentsOf(desk);
  const running = await runningOf(desk);
  if (waitsForPayment(running)) throw unpaid(running.plan);
  await change(desk, running, { kind: 'change_plan', ref, request: { plan } }, (id, key) => {
    if (running.plan === plan) return payments.setCancelAtPeriodEnd(id, false, key);
    return isLarger(plan, planIdOf(running.plan))
      ? payments.upgrade(id, plan, key)
      : payments.downgrade(id, plan, key);
  });
}

async function runningOf(desk: Desk): Promise<RunningSubscription> {
  const running = await desk.store.read.stripe.subscription(desk.caller.accountId);
  if (running) return running;
  throw new DomainError(
    'invalid_state',
    'This account pays for no plan: buy one with `stager billing checkout`.',
  );
}

function unpaid(plan: string): DomainError {
  return new DomainError(
    'invalid_state',
    `The last payment for the plan ${plan} has failed. Pay its invoice with \`stager billing portal\`, then change the plan.`,
  );
}

async function change(
  desk: Desk,
  { id }: RunningSubscription,
  asked: Asked,
  ask: (subscriptionId: string, key: string) => Promise<void>,
): Promise<void> {
  const write = await beginWrite(desk, { ...asked, request: { ...asked.request, subscriptionId: id } });
  if (write.state === 'failed') throw failureOf(write.answer);
  if (write.state !== 'started') return;
  await perform(desk, write, (key) => ask(id, key));
}

/** A repeat has the answer of the first, also when that was a refusal. */
function failureOf(answer: unknown): PaymentsError {
  // As `perform` keeps it.
  const { code, message } = answer as Pick<PaymentsError, 'code' | 'message'>;
  return new PaymentsError(code, message);
}

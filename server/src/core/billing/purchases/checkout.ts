import {
  type CheckoutSession,
  type PaidPlan,
  type Payments,
  PaymentsError,
  type StripeWriteRow,
} from '../../../ports/index.ts';
import { requireStill } from '../../accounts/members.ts';
import { DomainError } from '../../errors.ts';
import { begin, type Desk, ensureCustomer, paymentsOf, perform } from './desk.ts';

export interface Wish {
  readonly plan: PaidPlan;
  /** What makes two purchases the same one, such as the ticket of a link: a double click pays once. */
  readonly ref: string;
  readonly successUrl: string;
  readonly cancelUrl: string;
}

/** Pages that are in the way of another one; more than a few mean that something goes round in circles. */
const MAX_ROUNDS = 5;

/**
 * A page of Stripe to pay at. An account has one at a time: what was opened before is closed first, so that nobody can
 * pay for two plans.
 * @throws DomainError `invalid_state` when a plan is paid for already, `billing_unavailable`, `role_required`
 */
export async function startCheckout(desk: Desk, wish: Wish): Promise<CheckoutSession> {
  const payments = paymentsOf(desk);
  const customerId = await ensureCustomer(desk);
  const { accountId } = desk.caller;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { mine, other } = await claimPage(desk, { ...wish, accountId, customerId });
    if (!other) {
      const done = toSession(mine.answer);
      if (mine.state === 'done' && done) return done;
      if (mine.state !== 'started') throw over();
      // A repeat sends what was sent the first time: with the same key, anything else is refused.
      return perform(desk, mine, (key) => payments.createCheckout(requestOf(mine), key));
    }
    await closePage(desk, other);
  }
  throw new DomainError(
    'invalid_state',
    'Other purchases of this account are under way. Try again in a minute.',
  );
}

interface Claimed {
  readonly mine: StripeWriteRow;
  /** To be closed before. */
  readonly other?: StripeWriteRow;
}

/** One at a time for an account, and never beside a subscription. */
async function claimPage(desk: Desk, request: Request & { readonly ref: string }): Promise<Claimed> {
  const { ref, ...rest } = request;
  const { accountId } = desk.caller;
  return desk.store.transaction(async (tx) => {
    await tx.accounts.lock(accountId);
    await requireStill({ tx, caller: desk.caller }, 'owner');
    const running = await tx.stripe.subscription(accountId);
    if (running) {
      throw new DomainError(
        'invalid_state',
        `This account pays for the plan ${running.plan} already. Change the plan instead of buying another.`,
      );
    }
    const others = (await tx.stripe.openCheckouts(accountId)).filter((one) => one.ref !== ref);
    const [other] = others;
    if (other) return { mine: other, other };
    return { mine: await begin({ ...desk, tx }, { kind: 'checkout', ref, request: rest }) };
  });
}

/** @throws DomainError `invalid_state` when somebody has paid at it */
async function closePage(desk: Desk, write: StripeWriteRow): Promise<void> {
  const payments = paymentsOf(desk);
  // Begun and not answered: with its key, Stripe says what became of it.
  const session =
    toSession(write.answer) ??
    (await perform(desk, write, (key) => payments.createCheckout(requestOf(write), key)));
  if (session.expiresAt.getTime() <= desk.now.getTime() || !(await expire(payments, session.id, write.id))) {
    // Somebody may have paid at it, and Stripe's word of it not have come yet: whoever asks again meets the same page.
    const { status } = await payments.getCheckout(session.id);
    if (status === 'complete' && (await isPaying(payments, requestOf(write).customerId))) throw paid();
  }
  await desk.store.transaction((tx) =>
    tx.stripe.endWrite(desk.caller.accountId, write.id, 'closed', session),
  );
}

/** False when the page is not open any more. */
async function expire(payments: Payments, sessionId: string, writeId: string): Promise<boolean> {
  try {
    await payments.expireCheckout(sessionId, `${writeId}-expire`);
    return true;
  } catch (error) {
    if (error instanceof PaymentsError && error.code === 'refused') return false;
    throw error;
  }
}

/** By Stripe's own word, which is here later. */
async function isPaying(payments: Payments, customerId: string): Promise<boolean> {
  const customer = await payments.readCustomer(customerId);
  return (
    customer?.subscriptions.some(
      ({ plan, status }) => plan !== null && status !== 'canceled' && status !== 'incomplete_expired',
    ) ?? false
  );
}

function paid(): DomainError {
  return new DomainError(
    'invalid_state',
    'A purchase of this account has just been paid. Its plan is active in a moment.',
  );
}

interface Request {
  readonly accountId: string;
  readonly customerId: string;
  readonly plan: PaidPlan;
  readonly successUrl: string;
  readonly cancelUrl: string;
}

function requestOf({ request }: StripeWriteRow): Request {
  // Written by `claimPage`, as JSON.
  return request as Request;
}

/** As `perform` keeps it: moments are text within JSON. */
function toSession(answer: unknown): CheckoutSession | null {
  if (answer === null || answer === undefined) return null;
  const kept = answer as Omit<CheckoutSession, 'expiresAt'> & { readonly expiresAt: string };
  return { ...kept, expiresAt: new Date(kept.expiresAt) };
}

function over(): DomainError {
  return new DomainError('invalid_state', 'This purchase is over. Begin another one.');
}

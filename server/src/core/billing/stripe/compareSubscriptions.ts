import type { KnownSubscription, PaymentJobs, Payments, StripeSubscription } from '../../../ports/index.ts';

export interface Drift {
  readonly kind: 'missing_here' | 'missing_at_stripe' | 'differs';
  readonly subscriptionId: string;
  readonly accountId: string | null;
  /** Whose it is at Stripe, and here. */
  readonly customers: readonly string[];
  /** Names of what differs, ours first. */
  readonly fields: readonly string[];
}

export interface Comparison {
  readonly compared: number;
  readonly drift: readonly Drift[];
}

/** Pages of a hundred; an installation with more has to be told so. */
const MAX_PAGES = 1_000;
/** What began or changed this short ago may be on its way. Milliseconds. */
const SETTLING_MS = 10 * 60_000;

/**
 * Compares all subscriptions at Stripe with ours, and changes nothing. Subscriptions of plans that are not ours do not
 * count, nor do those that are over on both sides.
 * @throws PaymentsError when the list cannot be read to its end: half a list would show drift that is none
 */
export async function compareSubscriptions(
  jobs: Pick<PaymentJobs, 'listSubscriptions'>,
  payments: Pick<Payments, 'listSubscriptions'>,
  now: Date,
): Promise<Comparison> {
  const open = new Map((await jobs.listSubscriptions('open')).map((row) => [row.id, row]));
  const drift: Drift[] = [];
  let compared = 0;
  let after: string | null = null;
  for (let pages = 0; ; pages++) {
    if (pages === MAX_PAGES)
      throw new Error(`there are more than ${MAX_PAGES * 100} subscriptions at Stripe`);
    const page = await payments.listSubscriptions(after);
    const theirs = page.items.filter(({ plan }) => plan !== null);
    const ours = new Map(
      (await jobs.listSubscriptions(theirs.map(({ id }) => id))).map((row) => [row.id, row]),
    );
    for (const one of theirs) {
      compared += 1;
      open.delete(one.id);
      const found = difference(ours.get(one.id), one, now);
      if (found) drift.push(found);
    }
    if (page.next === null) break;
    after = page.next;
  }
  for (const { id, accountId, customerId } of open.values()) {
    const customers = customerId === null ? [] : [customerId];
    drift.push({ kind: 'missing_at_stripe', subscriptionId: id, accountId, customers, fields: [] });
  }
  return { compared: compared + open.size, drift };
}

/** Null when both say the same. */
export function difference(
  ours: KnownSubscription | undefined,
  theirs: StripeSubscription,
  now: Date,
): Drift | null {
  const subscriptionId = theirs.id;
  if (!ours) {
    if (isOver(theirs.status) || now.getTime() - theirs.createdAt.getTime() < SETTLING_MS) return null;
    return {
      kind: 'missing_here',
      subscriptionId,
      accountId: null,
      customers: [theirs.customerId],
      fields: [],
    };
  }
  if (isOver(ours.status) && isOver(theirs.status)) return null;
  const pairs: readonly [string, unknown, unknown][] = [
    ['plan', ours.plan, theirs.plan],
    ['status', ours.status, theirs.status],
    ['periodStart', ours.periodStart.getTime(), theirs.periodStart.getTime()],
    ['periodEnd', ours.periodEnd.getTime(), theirs.periodEnd.getTime()],
    ['cancelAtPeriodEnd', ours.cancelAtPeriodEnd, theirs.cancelAtPeriodEnd],
    ['customer', ours.customerId, theirs.customerId],
  ];
  const fields = pairs
    .filter(([, mine, other]) => mine !== other)
    .map(([name, mine, other]) => `${name}: ${String(mine)}, at Stripe ${String(other)}`);
  if (fields.length === 0) return null;
  const customers = [theirs.customerId, ours.customerId].filter((id) => id !== null);
  return {
    kind: 'differs',
    subscriptionId,
    accountId: ours.accountId,
    customers: [...new Set(customers)],
    fields,
  };
}

function isOver(status: StripeSubscription['status']): boolean {
  return status === 'canceled' || status === 'incomplete_expired';
}

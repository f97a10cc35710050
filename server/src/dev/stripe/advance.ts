import type Stripe from 'stripe';
import { attempt, isOver, periodOf, renew } from './billing.ts';
import { current } from './resources/checkout.ts';
import type { World } from './world.ts';

interface Due {
  readonly at: number;
  readonly happen: () => void;
}

/** Moves the clock to a moment, and has everything happen on the way that falls due, in its order. */
export function advance(world: World, target: number): number {
  const { clock, store } = world;
  let happened = 0;
  for (;;) {
    const next = nextDue(world);
    if (!next || next.at > target) break;
    clock.moveTo(next.at);
    store.together(next.happen);
    happened += 1;
  }
  clock.moveTo(target);
  for (const session of store.list('checkout')) {
    if (session.status === 'open') store.together(() => current(world, session.id));
  }
  return happened;
}

/** What falls due first: the end of a period, or the next try at an invoice. */
function nextDue(world: World): Due | undefined {
  const { store } = world;
  const renewals = store
    .list('subscription')
    .filter((one) => !isOver(one))
    .map((one): Due => ({ at: periodOf(one).end, happen: () => renew(world, one) }));
  const retries = store
    .list('invoice')
    .filter(isWaiting)
    .map((one): Due => ({ at: one.next_payment_attempt, happen: () => attempt(world, one) }));
  return [...renewals, ...retries].sort((a, b) => a.at - b.at)[0];
}

type Waiting = Stripe.Invoice & { readonly next_payment_attempt: number };

function isWaiting(invoice: Stripe.Invoice): invoice is Waiting {
  return invoice.status === 'open' && invoice.next_payment_attempt !== null;
}

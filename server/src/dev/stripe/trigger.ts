import type Stripe from 'stripe';
import { attempt, cardOf, changeSubscription, end, isOver, pay, renew } from './billing.ts';
import { StripeFault } from './errors.ts';
import { complete } from './resources/checkout.ts';
import { deleteCustomer } from './resources/customers.ts';
import { emit, type World } from './world.ts';

/** Makes happen what an event tells of, so that it is true when somebody looks it up. */
type Trigger = (world: World, customer: Stripe.Customer) => void;

const TRIGGERS: Readonly<Record<string, Trigger>> = {
  'checkout.session.completed': (world, { id }) => {
    const open = world.store.list('checkout', id).find(({ status }) => status === 'open');
    if (!open) throw lacking('an open checkout session');
    complete(world, open.id, { id: world.store.newId('card'), last4: '4242', behaviour: 'pays' });
  },
  'customer.subscription.created': (world, { id }) =>
    emit(world, 'customer.subscription.created', latest(world, id)),
  'customer.subscription.updated': (world, { id }) => {
    const subscription = live(world, id);
    changeSubscription(world, subscription, { description: `changed at ${world.clock.now()}` });
  },
  'customer.subscription.deleted': (world, { id }) => {
    end(world, live(world, id), 'cancellation_requested');
  },
  'customer.subscription.paused': (world, { id }) => {
    const paused = changeSubscription(world, live(world, id), { status: 'paused' });
    emit(world, 'customer.subscription.paused', paused);
  },
  'customer.subscription.resumed': (world, { id }) => {
    const resumed = changeSubscription(world, live(world, id), { status: 'active' });
    emit(world, 'customer.subscription.resumed', resumed);
  },
  'invoice.finalized': (world, { id }) => emit(world, 'invoice.finalized', invoiceOf(world, id)),
  'invoice.paid': (world, { id }) => {
    const open = world.store.list('invoice', id).find(({ status }) => status === 'open');
    if (open) pay(world, open, goodCard(world, id));
    else emit(world, 'invoice.paid', invoiceOf(world, id));
  },
  'invoice.payment_failed': (world, { id }) => {
    badCard(world, id);
    const open = world.store.list('invoice', id).find(({ status }) => status === 'open');
    if (open) attempt(world, open);
    else renew(world, live(world, id));
  },
  'customer.updated': (world, customer) => {
    const changed = { ...customer, description: `changed at ${world.clock.now()}` };
    emit(world, 'customer.updated', world.store.put('customer', changed), {
      description: customer.description,
    });
  },
  'customer.deleted': (world, { id }) => {
    deleteCustomer(world, id);
  },
  'charge.refunded': (world, { id }) => {
    const charge = chargeOf(world, id);
    const refunded = world.store.put('charge', { ...charge, refunded: true, amount_refunded: charge.amount });
    emit(world, 'charge.refunded', refunded, { refunded: false });
  },
  'charge.dispute.created': (world, { id }) => {
    const charge = world.store.put('charge', { ...chargeOf(world, id), disputed: true });
    emit(world, 'charge.dispute.created', disputeOf(world, charge));
  },
};

export const TRIGGERED: readonly string[] = Object.keys(TRIGGERS);

/** @param customerId default: the newest one */
export function trigger(world: World, type: string, customerId: string | undefined): void {
  const run = TRIGGERS[type];
  if (!run) throw new StripeFault(400, `There is no trigger for ${type}. There are: ${TRIGGERED.join(', ')}`);
  const customer = customerId ? world.store.get('customer', customerId) : world.store.list('customer')[0];
  if (!customer) throw lacking('a customer');
  world.store.together(() => run(world, customer));
}

function lacking(what: string): StripeFault {
  return new StripeFault(400, `That needs ${what}. Run: stager billing checkout --plan pro`);
}

function latest({ store }: World, customer: string): Stripe.Subscription {
  const [subscription] = store.list('subscription', customer);
  if (!subscription) throw lacking('a subscription');
  return subscription;
}

function live({ store }: World, customer: string): Stripe.Subscription {
  const subscription = store.list('subscription', customer).find((one) => !isOver(one));
  if (!subscription) throw lacking('a subscription that is not over');
  return subscription;
}

function invoiceOf({ store }: World, customer: string): Stripe.Invoice {
  const [invoice] = store.list('invoice', customer);
  if (!invoice) throw lacking('an invoice');
  return invoice;
}

function chargeOf({ store }: World, customer: string): Stripe.Charge {
  const charge = store.list('charge', customer).find(({ refunded }) => !refunded);
  if (!charge) throw lacking('a charge that was not refunded');
  return charge;
}

function goodCard(world: World, customer: string) {
  const card = cardOf(world, customer);
  return card ?? { id: 'pm_test', customer, last4: '4242', behaviour: 'pays' as const };
}

function badCard({ store }: World, customer: string): void {
  store.put('card', { id: store.newId('card'), customer, last4: '0341', behaviour: 'fails_later' }, customer);
}

function disputeOf({ store, clock }: World, charge: Stripe.Charge): Stripe.Dispute {
  const dispute = {
    id: store.newId('charge').replace('ch_', 'dp_'),
    object: 'dispute',
    amount: charge.amount,
    balance_transactions: [],
    charge: charge.id,
    created: clock.now(),
    currency: 'usd',
    enhanced_eligibility_types: [],
    evidence_details: {
      due_by: clock.now() + 7 * 86_400,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
    },
    is_charge_refundable: true,
    livemode: false,
    metadata: {},
    payment_intent: null,
    reason: 'fraudulent',
    status: 'needs_response',
  };
  // Less the evidence, of which nothing was given: thirty fields of null.
  return dispute as unknown as Stripe.Dispute;
}

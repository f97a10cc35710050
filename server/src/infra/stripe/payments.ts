import type Stripe from 'stripe';
import type { Payments, StripeInvoice, StripeSubscription } from '../../ports/index.ts';
import { ACCOUNT_LABEL, createPriceBook, METER_EVENT, missingPrices } from './catalogue.ts';
import { API_VERSION, createClient, type StripeOptions, type UseClient } from './client.ts';
import { inOurWords, isMissing, isStripeError } from './errors.ts';
import { planChanges } from './plans.ts';
import { idOf, openSince, type PlanOfPrice, toCheckout, toInvoice, toSubscription } from './read.ts';

const LIVE_KEY = /^(sk|rk)_live_/;
/** Largest page that Stripe gives. */
const PAGE = 100;
/** Pages of one customer's subscriptions, or open invoices; who has had a thousand of them is no customer. */
const MAX_PAGES = 10;
const EXPANDED = ['data.schedule', 'data.latest_invoice'];

/** Payments by Stripe. `ENDPOINTS` lists what it calls. */
export function createStripePayments(options: StripeOptions): Payments {
  const client = createClient(options);
  const prices = createPriceBook(client);
  const planOfPrice: PlanOfPrice = (id) => prices.planOfPrice(id);
  return mapErrors({
    check: async () => ({
      apiVersion: API_VERSION,
      live: LIVE_KEY.test(options.secretKey),
      missingPrices: await missingPrices(client),
    }),
    ...planChanges(client, prices),
    ...purchases(client, prices),
    ...reads(client, planOfPrice),

    async reportImage({ entryId, customerId, deliveredAt }) {
      const stripe = await client();
      try {
        await stripe.billing.meterEvents.create(
          {
            event_name: METER_EVENT,
            identifier: entryId,
            timestamp: Math.floor(deliveredAt.getTime() / 1000),
            payload: { stripe_customer_id: customerId, value: '1' },
          },
          { idempotencyKey: `${entryId}-meter` },
        );
      } catch (error) {
        // Counted before, by an attempt whose answer was lost longer ago than Stripe remembers keys.
        if (!isStripeError(error) || error.code !== 'duplicate_meter_event') throw error;
      }
    },
  });
}

type Purchases = Pick<Payments, 'createCustomer' | 'createCheckout' | 'expireCheckout' | 'createPortal'>;

function purchases(client: UseClient, prices: ReturnType<typeof createPriceBook>): Purchases {
  return {
    async createCustomer({ accountId, name, email }, key) {
      const stripe = await client();
      const { id } = await stripe.customers.create(
        { name, ...(email !== null && { email }), metadata: { [ACCOUNT_LABEL]: accountId } },
        { idempotencyKey: key },
      );
      return id;
    },

    async createCheckout({ accountId, customerId, plan, successUrl, cancelUrl }, key) {
      const { monthly, overage } = await prices.pricesOf(plan);
      const metadata = { [ACCOUNT_LABEL]: accountId };
      const stripe = await client();
      const session = await stripe.checkout.sessions.create(
        {
          mode: 'subscription',
          customer: customerId,
          client_reference_id: accountId,
          line_items: [{ price: monthly, quantity: 1 }, { price: overage }],
          success_url: successUrl,
          cancel_url: cancelUrl,
          metadata,
          subscription_data: { metadata },
        },
        { idempotencyKey: key },
      );
      return toCheckout(session);
    },

    async expireCheckout(id, key) {
      const stripe = await client();
      await stripe.checkout.sessions.expire(id, {}, { idempotencyKey: key });
    },

    async createPortal({ customerId, returnUrl }, key) {
      const stripe = await client();
      const { url } = await stripe.billingPortal.sessions.create(
        { customer: customerId, ...(returnUrl !== null && { return_url: returnUrl }) },
        { idempotencyKey: key },
      );
      return url;
    },
  };
}

type Reads = Pick<
  Payments,
  'getCheckout' | 'listInvoices' | 'readCustomer' | 'listSubscriptions' | 'customerOfCharge'
>;

function reads(client: UseClient, planOfPrice: PlanOfPrice): Reads {
  return {
    async getCheckout(id) {
      const stripe = await client();
      return toCheckout(await stripe.checkout.sessions.retrieve(id));
    },

    async listInvoices(customerId, { limit, after }) {
      const stripe = await client();
      const { data, has_more: more } = await stripe.invoices.list({
        customer: customerId,
        limit,
        ...(after !== null && { starting_after: after }),
      });
      const items = data.map(toInvoice).filter((invoice): invoice is StripeInvoice => invoice !== undefined);
      return { items, next: more ? (data.at(-1)?.id ?? null) : null };
    },

    async readCustomer(id) {
      const stripe = await client();
      const customer = await stripe.customers.retrieve(id).catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      });
      if (!customer) return undefined;
      if (customer.deleted) return { id, accountId: null, deleted: true, subscriptions: [] };
      const subscriptions = await subscriptionsOf(stripe, id);
      return {
        id,
        accountId: customer.metadata[ACCOUNT_LABEL] ?? null,
        deleted: false,
        subscriptions: await Promise.all(
          subscriptions.map(async (one) => withOldestDebt(stripe, await toSubscription(one, planOfPrice))),
        ),
      };
    },

    async listSubscriptions(after) {
      const stripe = await client();
      const { data, has_more: more } = await stripe.subscriptions.list({
        status: 'all',
        limit: PAGE,
        expand: EXPANDED,
        ...(after !== null && { starting_after: after }),
      });
      return {
        items: await Promise.all(data.map((one) => toSubscription(one, planOfPrice))),
        next: more ? (data.at(-1)?.id ?? null) : null,
      };
    },

    async customerOfCharge(id) {
      const stripe = await client();
      const { customer } = await stripe.charges.retrieve(id);
      return customer && idOf(customer);
    },
  };
}

function subscriptionsOf(stripe: Stripe, customer: string): Promise<Stripe.Subscription[]> {
  return stripe.subscriptions
    .list({ customer, status: 'all', limit: PAGE, expand: EXPANDED })
    .autoPagingToArray({ limit: PAGE * MAX_PAGES });
}

/**
 * Each period of a subscription that is not paid has an invoice of its own. The oldest that is open counts: grace begins
 * once, and not anew with each period.
 */
async function withOldestDebt(stripe: Stripe, subscription: StripeSubscription): Promise<StripeSubscription> {
  if (subscription.pastDueSince === null) return subscription;
  const open = await stripe.invoices
    .list({ subscription: subscription.id, status: 'open', limit: PAGE })
    .autoPagingToArray({ limit: PAGE * MAX_PAGES });
  const since = [...open.map(openSince), subscription.pastDueSince].map((moment) => moment.getTime());
  return { ...subscription, pastDueSince: new Date(Math.min(...since)) };
}

/** What Stripe answers any method with is told in our words. */
function mapErrors(payments: Payments): Payments {
  return new Proxy(payments, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        try {
          return await method.apply(target, args);
        } catch (error) {
          throw inOurWords(error);
        }
      };
    },
  });
}

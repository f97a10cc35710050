import type Stripe from 'stripe';
import { z } from 'zod';
import { subscribe } from '../billing.ts';
import { DAY } from '../clock.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { StripeFault } from '../errors.ts';
import type { ItemWish } from '../objects/subscriptions.ts';
import { expanding, int, metadata, text } from '../params.ts';
import type { FakeCard } from '../store.ts';
import { emit, idOf, toList, unguessable, type World } from '../world.ts';

const address = z.url({ protocol: /^https?$/ }).max(5_000);

const newSession = z.strictObject({
  mode: z.enum(['payment', 'setup', 'subscription']),
  customer: text.optional(),
  client_reference_id: text.max(200).optional(),
  line_items: z.array(z.strictObject({ price: text, quantity: int.optional() })).min(1),
  success_url: address,
  cancel_url: address.optional(),
  metadata,
  subscription_data: z.strictObject({ metadata }).default({ metadata: {} }),
  expires_at: int.optional(),
  ...expanding,
});

/** What the hosted page needs and a session does not tell. */
const LABELS = 'checkout_labels:';

export const checkout: readonly Endpoint[] = [
  endpoint('POST /v1/checkout/sessions', newSession, ({ store, clock, url }, wish) => {
    if (wish.mode !== 'subscription') {
      throw new StripeFault(400, 'The fake sells subscriptions only.', { param: 'mode' });
    }
    if (wish.customer !== undefined) store.get('customer', wish.customer, 'customer');
    const items = wish.line_items.map(({ price, quantity }, at) => {
      const found = store.get('price', price, `line_items[${at}][price]`);
      const metered = found.recurring?.usage_type === 'metered';
      if (metered === (quantity !== undefined)) {
        throw new StripeFault(400, metered ? 'Metered prices take no quantity.' : 'Quantity is required.', {
          param: `line_items[${at}][quantity]`,
        });
      }
      return { price: found, quantity };
    });
    const id = `${store.newId('checkout')}${unguessable()}`;
    const total = items.reduce(
      (sum, { price, quantity }) => sum + (price.unit_amount ?? 0) * (quantity ?? 0),
      0,
    );
    store.set(LABELS + id, JSON.stringify(wish.subscription_data.metadata));
    const now = clock.now();
    return store.put(
      'checkout',
      {
        id,
        object: 'checkout.session',
        adaptive_pricing: null,
        after_expiration: null,
        allow_promotion_codes: null,
        allowed_payment_method_types: null,
        amount_subtotal: total,
        amount_total: total,
        automatic_tax: { enabled: false, liability: null, provider: null, status: null },
        billing_address_collection: null,
        cancel_url: wish.cancel_url ?? null,
        client_reference_id: wish.client_reference_id ?? null,
        client_secret: null,
        collected_information: null,
        consent: null,
        consent_collection: null,
        created: now,
        currency: 'usd',
        currency_conversion: null,
        custom_fields: [],
        custom_text: {
          after_submit: null,
          shipping_address: null,
          submit: null,
          terms_of_service_acceptance: null,
        },
        customer: wish.customer ?? null,
        customer_account: null,
        customer_creation: null,
        customer_details: null,
        customer_email: null,
        discounts: [],
        expires_at: wish.expires_at ?? now + DAY,
        integration_identifier: null,
        invoice: null,
        invoice_creation: null,
        line_items: toList(
          items.map((item) => lineItem(id, item)),
          `/v1/checkout/sessions/${id}/line_items`,
        ),
        livemode: false,
        locale: null,
        managed_payments: null,
        metadata: wish.metadata,
        mode: wish.mode,
        origin_context: null,
        payment_intent: null,
        payment_link: null,
        payment_method_collection: 'always',
        payment_method_configuration_details: null,
        payment_method_options: null,
        payment_method_types: ['card'],
        payment_status: 'unpaid',
        permissions: null,
        recovered_from: null,
        saved_payment_method_options: null,
        setup_intent: null,
        shipping_address_collection: null,
        shipping_cost: null,
        shipping_options: [],
        status: 'open',
        submit_type: null,
        subscription: null,
        success_url: wish.success_url,
        total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
        ui_mode: 'hosted_page',
        url: `${url}/c/pay/${id}`,
        wallet_options: null,
      },
      wish.customer ?? null,
    );
  }),
  endpoint('GET /v1/checkout/sessions/:id', z.strictObject(expanding), (world, _params, id) =>
    withoutLines(current(world, id)),
  ),
  endpoint('POST /v1/checkout/sessions/:id/expire', z.strictObject(expanding), (world, _params, id) => {
    const session = current(world, id);
    if (session.status !== 'open') {
      throw new StripeFault(
        400,
        `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status}.`,
      );
    }
    return withoutLines(expire(world, session));
  }),
];

/** Line items are there when they are asked for only. */
function withoutLines({ line_items: _lines, ...session }: Stripe.Checkout.Session): Stripe.Checkout.Session {
  return session;
}

function lineItem(session: string, { price, quantity }: ItemWish): Stripe.LineItem {
  const amount = (price.unit_amount ?? 0) * (quantity ?? 0);
  return {
    id: `li_${session.slice(-14)}${price.id.slice(-6)}`,
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: 'usd',
    description: price.nickname,
    metadata: {},
    price,
    quantity: quantity ?? null,
  };
}

/** As it is now: one whose time is over has expired. @throws StripeFault 404 */
export function current(world: World, id: string): Stripe.Checkout.Session {
  const session = world.store.get('checkout', id);
  return session.status === 'open' && session.expires_at <= world.clock.now()
    ? expire(world, session)
    : session;
}

function expire(world: World, session: Stripe.Checkout.Session): Stripe.Checkout.Session {
  const expired = world.store.put('checkout', { ...session, status: 'expired', url: null });
  emit(world, 'checkout.session.expired', expired);
  return expired;
}

/** Pays an open session; one that is complete stays as it is. @throws StripeFault when it is expired */
export function complete(
  world: World,
  id: string,
  card: Omit<FakeCard, 'customer'>,
): Stripe.Checkout.Session {
  const { store } = world;
  const session = current(world, id);
  if (session.status === 'complete') return session;
  if (session.status !== 'open') throw new StripeFault(400, 'This Checkout Session has expired.');
  const customer = store.get('customer', idOf(session.customer ?? ''), 'customer');
  const owned = store.put('card', { ...card, customer: customer.id }, customer.id);
  const items = (session.line_items?.data ?? []).flatMap(({ price, quantity }) =>
    price ? [{ price: store.get('price', price.id), quantity: quantity ?? undefined }] : [],
  );
  // Written by the endpoint above.
  const labels = JSON.parse(store.setting(LABELS + id) ?? '{}') as Stripe.Metadata;
  const { subscription, invoice } = subscribe(world, { customer, items, metadata: labels, card: owned });
  const done = store.put('checkout', {
    ...session,
    status: 'complete',
    payment_status: 'paid',
    subscription: subscription.id,
    invoice: invoice.id,
    url: null,
  });
  emit(world, 'checkout.session.completed', withoutLines(done));
  return done;
}

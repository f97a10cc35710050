import type Stripe from 'stripe';
import { z } from 'zod';
import { type Endpoint, endpoint, pageOf } from '../endpoint.ts';
import { StripeFault } from '../errors.ts';
import { decimal, expanding, flag, int, listing, metadata, text } from '../params.ts';

const recurring = z.strictObject({
  interval: z.enum(['day', 'week', 'month', 'year']),
  interval_count: int.optional(),
  usage_type: z.enum(['licensed', 'metered']).optional(),
  meter: text.optional(),
});

const newPrice = z.strictObject({
  currency: z.string().length(3),
  product: text,
  unit_amount: int.optional(),
  unit_amount_decimal: decimal.optional(),
  recurring: recurring.optional(),
  lookup_key: text.optional(),
  transfer_lookup_key: flag.optional(),
  nickname: text.optional(),
  active: flag.optional(),
  metadata,
  ...expanding,
});

const newProduct = z.strictObject({
  id: text.optional(),
  name: text,
  description: text.optional(),
  unit_label: text.optional(),
  active: flag.optional(),
  metadata,
  ...expanding,
});

/** Products, prices and meters. */
export const catalogue: readonly Endpoint[] = [
  endpoint('POST /v1/products', newProduct, ({ store, clock }, wish) => {
    const id = wish.id ?? store.newId('product');
    if (store.find('product', id)) {
      throw new StripeFault(400, 'Product already exists.', { code: 'resource_already_exists', param: 'id' });
    }
    const now = clock.now();
    return store.put('product', {
      id,
      object: 'product',
      active: wish.active ?? true,
      created: now,
      default_price: null,
      description: wish.description ?? null,
      images: [],
      livemode: false,
      marketing_features: [],
      metadata: wish.metadata,
      name: wish.name,
      package_dimensions: null,
      shippable: null,
      statement_descriptor: null,
      tax_code: null,
      tax_details: null,
      type: 'service',
      unit_label: wish.unit_label ?? null,
      updated: now,
      url: null,
    });
  }),
  endpoint('GET /v1/products/:id', z.strictObject(expanding), ({ store }, _params, id) =>
    store.get('product', id),
  ),
  endpoint(
    'POST /v1/products/:id',
    newProduct.omit({ id: true }).partial(),
    ({ store, clock }, change, id) => {
      const product = store.get('product', id);
      const { name = product.name, description = product.description, active = product.active } = change;
      return store.put('product', {
        ...product,
        name,
        description,
        active,
        metadata: { ...product.metadata, ...change.metadata },
        updated: clock.now(),
      });
    },
  ),
  endpoint('POST /v1/prices', newPrice, ({ store, clock }, wish) => {
    store.get('product', wish.product, 'product');
    const holder = store
      .list('price')
      .find((price) => wish.lookup_key && price.lookup_key === wish.lookup_key);
    if (holder && !wish.transfer_lookup_key) {
      throw new StripeFault(400, `A price (\`${holder.id}\`) already uses that lookup key.`, {
        param: 'lookup_key',
      });
    }
    if (holder) store.put('price', { ...holder, lookup_key: null });
    const amount =
      wish.unit_amount_decimal ?? (wish.unit_amount === undefined ? undefined : String(wish.unit_amount));
    if (amount === undefined) {
      throw new StripeFault(400, 'Missing required param: unit_amount.', {
        code: 'parameter_missing',
        param: 'unit_amount',
      });
    }
    // The client reads it from a text and makes its decimal of it.
    const unitAmountDecimal = amount as unknown as Stripe.Price['unit_amount_decimal'];
    return store.put('price', {
      id: store.newId('price'),
      object: 'price',
      active: wish.active ?? true,
      billing_scheme: 'per_unit',
      created: clock.now(),
      currency: wish.currency,
      custom_unit_amount: null,
      livemode: false,
      lookup_key: wish.lookup_key ?? null,
      metadata: wish.metadata,
      nickname: wish.nickname ?? null,
      product: wish.product,
      recurring: wish.recurring
        ? {
            interval: wish.recurring.interval,
            interval_count: wish.recurring.interval_count ?? 1,
            meter: wish.recurring.meter ?? null,
            trial_period_days: null,
            usage_type: wish.recurring.usage_type ?? 'licensed',
          }
        : null,
      tax_behavior: 'unspecified',
      tiers_mode: null,
      transform_quantity: null,
      type: wish.recurring ? 'recurring' : 'one_time',
      unit_amount: /^\d+$/.test(amount) ? Number(amount) : null,
      unit_amount_decimal: unitAmountDecimal,
    });
  }),
  endpoint(
    'GET /v1/prices',
    z.strictObject({
      ...listing,
      lookup_keys: z.array(text).max(10).optional(),
      active: flag.optional(),
      product: text.optional(),
    }),
    ({ store }, { lookup_keys: keys, active, product, ...page }) => {
      const found = store
        .list('price')
        .filter(
          (price) =>
            (!keys || (price.lookup_key !== null && keys.includes(price.lookup_key))) &&
            (active === undefined || price.active === active) &&
            (product === undefined || price.product === product),
        );
      return pageOf('/v1/prices', found, page);
    },
  ),
  endpoint(
    'GET /v1/billing/meters',
    z.strictObject({ ...listing, status: z.enum(['active', 'inactive']).optional() }),
    ({ store }, page) =>
      pageOf(
        '/v1/billing/meters',
        store.list('meter').filter(({ status }) => page.status === undefined || status === page.status),
        page,
      ),
  ),
  endpoint(
    'POST /v1/billing/meters',
    z.strictObject({
      display_name: text,
      event_name: text,
      default_aggregation: z.strictObject({ formula: z.enum(['sum', 'count', 'last']) }),
      customer_mapping: z
        .strictObject({ event_payload_key: text, type: z.enum(['by_id']) })
        .default({ event_payload_key: 'stripe_customer_id', type: 'by_id' }),
      value_settings: z.strictObject({ event_payload_key: text }).default({ event_payload_key: 'value' }),
      ...expanding,
    }),
    ({ store, clock }, wish) => {
      if (
        store.list('meter').some((meter) => meter.event_name === wish.event_name && meter.status === 'active')
      ) {
        throw new StripeFault(
          400,
          `There is already an active meter with the event name ${wish.event_name}.`,
          {
            param: 'event_name',
          },
        );
      }
      const now = clock.now();
      return store.put('meter', {
        id: store.newId('meter'),
        object: 'billing.meter',
        created: now,
        customer_mapping: wish.customer_mapping,
        default_aggregation: wish.default_aggregation,
        display_name: wish.display_name,
        event_name: wish.event_name,
        event_time_window: null,
        livemode: false,
        status: 'active',
        status_transitions: { deactivated_at: null },
        updated: now,
        value_settings: wish.value_settings,
      });
    },
  ),
  endpoint(
    'POST /v1/billing/meter_events',
    z.strictObject({
      event_name: text,
      identifier: z.string().min(1).max(100).optional(),
      timestamp: int.optional(),
      payload: z.record(z.string(), z.string()),
      ...expanding,
    }),
    ({ store, clock }, wish) => {
      const meter = store.list('meter').find(({ event_name: name }) => name === wish.event_name);
      if (!meter) {
        throw new StripeFault(400, `No active meter found for event name ${wish.event_name}.`, {
          param: 'event_name',
        });
      }
      const customer = wish.payload[meter.customer_mapping.event_payload_key] ?? '';
      store.get('customer', customer, `payload[${meter.customer_mapping.event_payload_key}]`);
      const value = Number(wish.payload[meter.value_settings.event_payload_key]);
      if (!Number.isFinite(value))
        throw new StripeFault(400, 'The value is no number.', { param: 'payload[value]' });
      const identifier = wish.identifier ?? store.newId('metered');
      // Else what happens behind an advance would lie in a period that has been paid.
      const timestamp = wish.timestamp === undefined ? clock.now() : clock.shown(wish.timestamp);
      if (store.find('metered', identifier)) {
        throw new StripeFault(400, `An event already exists with identifier ${identifier}.`, {
          code: 'duplicate_meter_event',
          param: 'identifier',
        });
      }
      store.put(
        'metered',
        { id: identifier, customer, event_name: wish.event_name, value, timestamp, billed: false },
        customer,
      );
      return {
        object: 'billing.meter_event',
        created: clock.now(),
        event_name: wish.event_name,
        identifier,
        livemode: false,
        payload: wish.payload,
        timestamp,
      } satisfies Stripe.Billing.MeterEvent;
    },
  ),
];

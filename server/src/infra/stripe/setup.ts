import type Stripe from 'stripe';
import type { PaidPlan } from '../../ports/index.ts';
import { METER_EVENT, monthlyKey, overageKey, PLAN_LABEL } from './catalogue.ts';
import type { UseClient } from './client.ts';
import { isMissing } from './errors.ts';
import { idOf } from './read.ts';

/** What a plan costs; the numbers that customers are shown. */
export interface PlanOffer {
  readonly id: PaidPlan;
  readonly name: string;
  /** A month. */
  readonly priceCents: number;
  /** An image above the limit. */
  readonly overageCents: number;
  readonly currency: string;
}

export interface SetupWish {
  readonly offers: readonly PlanOffer[];
  /** Where Stripe's portal leads back to. */
  readonly returnUrl: string;
  /** Where Stripe sends events; null: no endpoint is made. */
  readonly webhookUrl: string | null;
  readonly eventTypes: readonly string[];
}

export interface SetupDone {
  /** What was made or changed, a line each; empty when all was there. */
  readonly changes: readonly string[];
  /** Of an endpoint that was made now; Stripe tells it this once. */
  readonly webhookSecret: string | null;
}

/** In the metadata of what we made, so that it is found again. */
const MADE = { stager: 'setup' } as const;

/** Makes what is missing in an account at Stripe, and changes what is different. Twice does no more than once. */
export async function setUpStripe(client: UseClient, wish: SetupWish): Promise<SetupDone> {
  const stripe = await client();
  const changes: string[] = [];
  const meter = await ensureMeter(stripe, changes);
  for (const offer of wish.offers) {
    const product = await ensureProduct(stripe, offer, changes);
    await ensurePrice(stripe, changes, monthlyPrice(offer, product));
    await ensurePrice(stripe, changes, overagePrice(offer, product, meter));
  }
  await ensurePortal(stripe, wish.returnUrl, changes);
  const webhookSecret = await ensureWebhook(stripe, wish, changes);
  return { changes, webhookSecret };
}

async function ensureMeter(stripe: Stripe, changes: string[]): Promise<string> {
  const meters = await stripe.billing.meters
    .list({ status: 'active', limit: 100 })
    .autoPagingToArray({ limit: 1_000 });
  const found = meters.find((meter) => meter.event_name === METER_EVENT);
  if (found) return found.id;
  const made = await stripe.billing.meters.create({
    display_name: 'Images above the limit of the plan',
    event_name: METER_EVENT,
    default_aggregation: { formula: 'sum' },
    customer_mapping: { event_payload_key: 'stripe_customer_id', type: 'by_id' },
    value_settings: { event_payload_key: 'value' },
  });
  changes.push(`made the meter ${METER_EVENT}`);
  return made.id;
}

/** Its id is ours. */
async function ensureProduct(stripe: Stripe, { id, name }: PlanOffer, changes: string[]): Promise<string> {
  const productId = `stager_${id}`;
  const title = `stager ${name}`;
  const found = await stripe.products.retrieve(productId).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (!found) {
    await stripe.products.create({ id: productId, name: title, metadata: MADE });
    changes.push(`made the product ${title}`);
  } else if (found.name !== title || !found.active) {
    await stripe.products.update(productId, { name: title, active: true });
    changes.push(`changed the product ${title}`);
  }
  return productId;
}

interface WantedPrice extends Stripe.PriceCreateParams {
  readonly lookup_key: string;
  readonly unit_amount: number;
}

function monthlyPrice({ id, priceCents, currency }: PlanOffer, product: string): WantedPrice {
  return {
    product,
    currency,
    lookup_key: monthlyKey(id),
    unit_amount: priceCents,
    recurring: { interval: 'month', usage_type: 'licensed' },
    metadata: { [PLAN_LABEL]: id },
  };
}

function overagePrice(
  { id, overageCents, currency }: PlanOffer,
  product: string,
  meter: string,
): WantedPrice {
  return {
    product,
    currency,
    lookup_key: overageKey(id),
    unit_amount: overageCents,
    recurring: { interval: 'month', usage_type: 'metered', meter },
  };
}

/** Prices never change: another one takes the lookup key, and who subscribed before goes on paying what they agreed to. */
async function ensurePrice(stripe: Stripe, changes: string[], wanted: WantedPrice): Promise<void> {
  const { lookup_key: key, unit_amount: amount, currency, product } = wanted;
  const { data } = await stripe.prices.list({ lookup_keys: [key], active: true, limit: 1 });
  const [found] = data;
  const same =
    found?.unit_amount === amount && found.currency === currency && idOf(found.product) === product;
  if (same) return;
  await stripe.prices.create({ ...wanted, transfer_lookup_key: true });
  changes.push(`${found ? 'changed' : 'made'} the price ${key}: ${amount} ${currency}`);
}

/** Cards and invoices are Stripe's; plans are changed and cancelled by our pages, which know what a smaller one means. */
async function ensurePortal(stripe: Stripe, returnUrl: string, changes: string[]): Promise<void> {
  const wanted = {
    default_return_url: returnUrl,
    features: {
      customer_update: { enabled: true, allowed_updates: ['address', 'email', 'name', 'tax_id'] },
      invoice_history: { enabled: true },
      payment_method_update: { enabled: true },
      subscription_cancel: { enabled: false },
      subscription_update: { enabled: false },
    },
  } satisfies Stripe.BillingPortal.ConfigurationCreateParams;
  const { data } = await stripe.billingPortal.configurations.list({ is_default: true, limit: 1 });
  const [found] = data;
  if (!found) {
    await stripe.billingPortal.configurations.create({ ...wanted, metadata: MADE });
    changes.push('made the configuration of the portal');
    return;
  }
  const { features } = found;
  const same =
    found.default_return_url === returnUrl &&
    features.invoice_history.enabled &&
    features.payment_method_update.enabled &&
    !features.subscription_cancel.enabled &&
    !features.subscription_update.enabled;
  if (same) return;
  await stripe.billingPortal.configurations.update(found.id, wanted);
  changes.push('changed the configuration of the portal');
}

async function ensureWebhook(
  stripe: Stripe,
  { webhookUrl: url, eventTypes }: SetupWish,
  changes: string[],
): Promise<string | null> {
  if (url === null) return null;
  const endpoints = await stripe.webhookEndpoints.list({ limit: 100 }).autoPagingToArray({ limit: 1_000 });
  const found = endpoints.find((endpoint) => endpoint.url === url);
  // The client types them one by one; ours are among them, as a test of the list says.
  const events = [...eventTypes] as Stripe.WebhookEndpointCreateParams.EnabledEvent[];
  if (!found) {
    const made = await stripe.webhookEndpoints.create({ url, enabled_events: events, metadata: MADE });
    changes.push(`made the webhook endpoint ${url}`);
    return made.secret ?? null;
  }
  const missing = events.filter((type) => !found.enabled_events.includes(type));
  if (missing.length > 0 && !found.enabled_events.includes('*')) {
    await stripe.webhookEndpoints.update(found.id, { enabled_events: events });
    changes.push(`the webhook endpoint ${url} is sent ${missing.join(', ')} as well`);
  }
  return null;
}

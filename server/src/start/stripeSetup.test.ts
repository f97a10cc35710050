import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StripeStub, startStripeStub } from '../../../tests/support/stripeStub.ts';
import { setUpFrom } from './stripeSetup.ts';

/** An account at Stripe, as far as it is set up: objects by kind. */
const made = {
  meters: [] as object[],
  products: new Map<string, object>(),
  prices: [] as Price[],
  portals: [] as object[],
  webhooks: [] as object[],
};
interface Price {
  id: string;
  lookup_key: string | null;
  unit_amount: number;
  currency: string;
  product: string;
  active: boolean;
}

let stub: StripeStub;
beforeAll(async () => {
  const list = (data: object[]) => ({ object: 'list', has_more: false, data });
  const text = (sent: URLSearchParams, name: string) => sent.get(name) ?? '';
  stub = await startStripeStub({
    'GET /v1/billing/meters': () => list(made.meters),
    'POST /v1/billing/meters': (_, sent) => {
      made.meters.push({ id: 'mtr_1', event_name: text(sent, 'event_name') });
      return { id: 'mtr_1' };
    },
    'GET /v1/products/:id': (id) => made.products.get(id),
    'POST /v1/products': (_, sent) => {
      const product = { id: text(sent, 'id'), name: text(sent, 'name'), active: true };
      made.products.set(product.id, product);
      return product;
    },
    'GET /v1/prices': (_, sent) =>
      list(made.prices.filter((price) => price.lookup_key === sent.get('lookup_keys[0]'))),
    'POST /v1/prices': (_, sent) => {
      const key = text(sent, 'lookup_key');
      for (const price of made.prices) if (price.lookup_key === key) price.lookup_key = null;
      const price = {
        id: `price_${made.prices.length}`,
        lookup_key: key,
        unit_amount: Number(sent.get('unit_amount')),
        currency: text(sent, 'currency'),
        product: text(sent, 'product'),
        active: true,
        meter: sent.get('recurring[meter]'),
      };
      made.prices.push(price);
      return price;
    },
    'GET /v1/billing_portal/configurations': () => list(made.portals),
    'POST /v1/billing_portal/configurations': (_, sent) => {
      const on = (name: string) => ({ enabled: sent.get(`features[${name}][enabled]`) === 'true' });
      const portal = {
        id: 'bpc_1',
        default_return_url: sent.get('default_return_url'),
        features: Object.fromEntries(
          ['invoice_history', 'payment_method_update', 'subscription_cancel', 'subscription_update'].map(
            (name) => [name, on(name)],
          ),
        ),
      };
      made.portals.push(portal);
      return portal;
    },
    'GET /v1/webhook_endpoints': () => list(made.webhooks),
    'POST /v1/webhook_endpoints': (_, sent) => {
      const types = [...sent].filter(([name]) => name.startsWith('enabled_events')).map(([, type]) => type);
      made.webhooks.push({ id: 'we_1', url: text(sent, 'url'), enabled_events: types });
      return { id: 'we_1', secret: 'whsec_made' };
    },
  });
});
afterAll(() => stub.close());

function setUp(env: Record<string, string> = {}) {
  return setUpFrom(
    { STAGER_STRIPE_SECRET_KEY: 'sk_test_1', STAGER_STRIPE_API_URL: stub.url, ...env },
    { returnUrl: 'https://stager.example/billing', webhookUrl: 'https://api.example/v1/webhooks/stripe' },
  );
}

test('an empty account is set up whole, and then nothing is left to do', async () => {
  const { changes, webhookSecret } = await setUp();
  expect(changes).toEqual([
    'made the meter stager_image',
    'made the product stager Pro',
    'made the price stager_pro_monthly: 2900 usd',
    'made the price stager_pro_overage: 35 usd',
    'made the product stager Business',
    'made the price stager_business_monthly: 9900 usd',
    'made the price stager_business_overage: 25 usd',
    'made the configuration of the portal',
    'made the webhook endpoint https://api.example/v1/webhooks/stripe',
  ]);
  expect(webhookSecret).toBe('whsec_made');
  expect(made.prices).toContainEqual(
    expect.objectContaining({ lookup_key: 'stager_pro_overage', meter: 'mtr_1' }),
  );
  expect(await setUp()).toEqual({ changes: [], webhookSecret: null });
});

test('a changed price takes the place of the one before', async () => {
  const { changes } = await setUp({ STAGER_PLANS: '{"pro": {"priceCents": 3900}}' });
  expect(changes).toEqual(['changed the price stager_pro_monthly: 3900 usd']);
  expect(made.prices.filter(({ lookup_key: key }) => key === 'stager_pro_monthly')).toMatchObject([
    { unit_amount: 3_900 },
  ]);
});

test('without a key it says which setting is missing', async () => {
  await expect(setUp({ STAGER_STRIPE_SECRET_KEY: '' })).rejects.toThrow(/STAGER_STRIPE_SECRET_KEY/);
});

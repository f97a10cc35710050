import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Stripe from 'stripe';
import { onTestFinished } from 'vitest';
import { type FakeStripeOptions, type RunningStripe, startFakeStripe } from './index.ts';

export const KEY = 'sk_test_fake';
export const SECRET = 'whsec_first';

export interface Rig {
  readonly fake: RunningStripe;
  readonly stripe: Stripe;
  readonly dataFile: string;
  restart(): Promise<RunningStripe>;
}

/** The fake, and the vendor's own client of it. */
export async function startRig(options: Partial<FakeStripeOptions> = {}): Promise<Rig> {
  const dir = mkdtempSync(join(tmpdir(), 'stager-stripe-'));
  const dataFile = join(dir, 'stripe.sqlite');
  const all = { port: 0, dataFile, secretKey: KEY, log: () => undefined, ...options };
  let fake = await startFakeStripe(all);
  onTestFinished(async () => {
    await fake.close();
    rmSync(dir, { recursive: true });
  });
  return {
    get fake() {
      return fake;
    },
    stripe: clientOf(fake.url),
    dataFile,
    async restart() {
      await fake.close();
      fake = await startFakeStripe({ ...all, port: Number(new URL(fake.url).port) });
      return fake;
    },
  };
}

export function clientOf(url: string, key = KEY): Stripe {
  const { hostname, port } = new URL(url);
  return new Stripe(key, { host: hostname, port, protocol: 'http', telemetry: false, maxNetworkRetries: 0 });
}

export interface Shop {
  readonly monthly: Stripe.Price;
  readonly larger: Stripe.Price;
  readonly overage: Stripe.Price;
  readonly customer: Stripe.Customer;
}

/** Two plans of a month and a price for what is metered, and somebody who wants one. */
export async function openShop(stripe: Stripe): Promise<Shop> {
  const product = await stripe.products.create({ name: 'Pro' });
  const meter = await stripe.billing.meters.create({
    display_name: 'Images',
    event_name: 'stager_image',
    default_aggregation: { formula: 'sum' },
  });
  const monthOf = (key: string, amount: number) =>
    stripe.prices.create({
      currency: 'usd',
      product: product.id,
      unit_amount: amount,
      recurring: { interval: 'month' },
      lookup_key: key,
      nickname: key,
    });
  const monthly = await monthOf('stager_pro_monthly', 2_900);
  const larger = await monthOf('stager_business_monthly', 9_900);
  const overage = await stripe.prices.create({
    currency: 'usd',
    product: product.id,
    unit_amount: 35,
    recurring: { interval: 'month', usage_type: 'metered', meter: meter.id },
    lookup_key: 'stager_pro_overage',
  });
  await stripe.billingPortal.configurations.create({
    features: {
      invoice_history: { enabled: true },
      subscription_cancel: { enabled: true },
      subscription_update: { enabled: true, default_allowed_updates: ['price'] },
    },
  });
  const customer = await stripe.customers.create({
    name: 'Elm Realty',
    metadata: { stager_account: 'acc_1' },
  });
  return { monthly, larger, overage, customer };
}

export function beginCheckout(
  stripe: Stripe,
  { monthly, overage, customer }: Shop,
): Promise<Stripe.Checkout.Session> {
  return stripe.checkout.sessions.create({
    mode: 'subscription',
    customer: customer.id,
    line_items: [{ price: monthly.id, quantity: 1 }, { price: overage.id }],
    success_url: 'http://127.0.0.1:9/done?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://127.0.0.1:9/back',
    subscription_data: { metadata: { stager_account: 'acc_1' } },
  });
}

/** What a browser does with a form. */
export async function post(url: string, fields: Readonly<Record<string, string>>): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
}

export const GOOD = { number: '4242 4242 4242 4242', expiry: '12/40', cvc: '123' };

export async function control(
  fake: RunningStripe,
  name: string,
  fields: Readonly<Record<string, string>>,
): Promise<unknown> {
  const response = await fetch(`${fake.url}/v1/_fake/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}` },
    body: new URLSearchParams(fields),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer;
}

export interface Heard {
  readonly events: { readonly type: string; readonly id: string }[];
  readonly url: string;
  /** Answers with it from now on. */
  status: number;
  /** Resolves when so many have come. */
  count(n: number): Promise<void>;
}

/** An endpoint that checks signatures by the vendor's own code. */
export async function listenForEvents(secret = SECRET): Promise<Heard> {
  const events: { type: string; id: string }[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const { webhooks } = new Stripe(KEY, { telemetry: false });
      const event = webhooks.constructEvent(
        Buffer.concat(chunks),
        String(req.headers['stripe-signature']),
        secret,
      );
      if (heard.status < 300) events.push(event);
      res.writeHead(heard.status).end();
      for (const look of waiting) look();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  onTestFinished(() => server.closeAllConnections());
  // A server on TCP has an address with a port.
  const { port } = server.address() as AddressInfo;
  const heard: Heard = {
    events,
    url: `http://127.0.0.1:${port}/hook`,
    status: 200,
    count: (n) =>
      new Promise((resolve) => {
        const look = () => {
          if (events.length < n) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
  return heard;
}

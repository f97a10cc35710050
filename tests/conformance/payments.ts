import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_TYPES } from '../../server/src/core/billing/stripe/eventTypes.ts';
import { type RunningStripe, startFakeStripe } from '../../server/src/dev/stripe/index.ts';
import { trigger } from '../../server/src/dev/stripe/trigger.ts';
import { createClient } from '../../server/src/infra/stripe/client.ts';
import { createStripePayments } from '../../server/src/infra/stripe/payments.ts';
import { setUpStripe } from '../../server/src/infra/stripe/setup.ts';
import { type Mutation, type SentRequest, STRIPE_KEY, startRecorder } from '../support/stripeRecorder.ts';

export interface Recording {
  readonly sent: readonly SentRequest[];
  readonly mutations: readonly Mutation[];
}

/** Everything that the adapter can do, once, against the fake; every request of it is taken down. */
export async function recordAdapter(): Promise<Recording> {
  const folder = mkdtempSync(join(tmpdir(), 'stager-payments-'));
  const fake = await startFakeStripe({
    port: 0,
    dataFile: join(folder, 'stripe.sqlite'),
    secretKey: STRIPE_KEY,
    log: () => undefined,
  });
  const recorder = await startRecorder(fake.url);
  try {
    await useAll(recorder.url, fake);
    return { sent: recorder.sent, mutations: recorder.mutations };
  } finally {
    await recorder.close();
    await fake.close();
    rmSync(folder, { recursive: true });
  }
}

async function useAll(apiUrl: string, { world }: RunningStripe): Promise<void> {
  const setup = (returnUrl: string, factor: number) =>
    setUpStripe(createClient({ secretKey: STRIPE_KEY, apiUrl }), {
      offers: [
        { id: 'pro', name: 'Pro', priceCents: 2_900 * factor, overageCents: 35, currency: 'usd' },
        { id: 'business', name: 'Business', priceCents: 9_900, overageCents: 25, currency: 'usd' },
      ],
      returnUrl,
      webhookUrl: 'https://a.example/v1/webhooks/stripe',
      // Less the first time, so that the second has something to change.
      eventTypes: EVENT_TYPES.slice(0, factor === 1 ? 3 : undefined),
    });
  await setup('https://a.example/billing', 1);
  await setup('https://a.example/other', 2);
  const payments = createStripePayments({ secretKey: STRIPE_KEY, apiUrl });
  await payments.check();
  const accountId = 'acc_1';
  const customerId = await payments.createCustomer({ accountId, name: 'Elm', email: 'a@example.com' }, 'k1');
  const urls = { successUrl: 'https://a.example/ok', cancelUrl: 'https://a.example/no' };
  const unused = await payments.createCheckout({ accountId, customerId, plan: 'pro', ...urls }, 'k2');
  await payments.expireCheckout(unused.id, 'k3');
  const { url, id } = await payments.createCheckout({ accountId, customerId, plan: 'pro', ...urls }, 'k4');
  const card = { number: '4242424242424242', expiry: '12/40', cvc: '123' };
  await fetch(url ?? '', { method: 'POST', body: new URLSearchParams(card), redirect: 'manual' });
  await payments.getCheckout(id);
  await payments.createPortal({ customerId, returnUrl: 'https://a.example/billing' }, 'k5');
  const customer = await payments.readCustomer(customerId);
  const subscription = customer?.subscriptions[0]?.id ?? '';
  await payments.upgrade(subscription, 'business', 'k6');
  await payments.downgrade(subscription, 'pro', 'k7');
  // Once more: the schedule is there by now.
  await payments.downgrade(subscription, 'pro', 'k7b');
  await payments.setCancelAtPeriodEnd(subscription, true, 'k8');
  // A smaller plan instead of none.
  await payments.downgrade(subscription, 'pro', 'k9');
  await payments.listInvoices(customerId, { limit: 10, after: null });
  await payments.listSubscriptions(null);
  await payments.customerOfCharge(world.store.list('charge')[0]?.id ?? '');
  await payments.reportImage({ entryId: 'led_1', customerId, deliveredAt: new Date() });
  // One whose invoice is open is asked about once more.
  trigger(world, 'invoice.payment_failed', customerId);
  await payments.readCustomer(customerId);
}

import nock from 'nock';
import type Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Payments } from '../../ports/index.ts';
import { withinTransaction } from '../postgres/transactionScope.ts';
import { ENDPOINTS } from './endpoints.ts';
import { createStripePayments } from './payments.ts';

/** A request as it left; what replays it against another server sends the same. */
interface Recorded {
  readonly call: string;
  readonly method: string;
  readonly path: string;
  /** Form fields, decoded, in order. */
  readonly form: readonly (readonly [string, string])[];
  readonly idempotencyKey: string | null;
}

const recorded: Recorded[] = [];
let call = '';
let payments: Payments;

beforeAll(() => {
  nock.disableNetConnect();
});
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});
beforeEach(() => {
  payments = createStripePayments({ secretKey: 'sk_test_1' });
});
afterEach(() => {
  const left = nock.pendingMocks();
  nock.cleanAll();
  expect(left).toEqual([]);
});

/** Answers one request, and records it. The body is what the vendor's types say. */
function answer<T extends object>(method: 'GET' | 'POST', path: string, body: T, status = 200): void {
  nock('https://api.stripe.com')
    .intercept((uri) => uri.split('?')[0] === path, method)
    .reply(status, async (request: Request) => {
      const { headers } = request;
      expect(headers.get('stripe-version')).toBe('2026-10-28.endive');
      expect(headers.get('x-stripe-client-telemetry')).toBeNull();
      const form = method === 'POST' ? await request.text() : new URL(request.url).search;
      recorded.push({
        call,
        method,
        path,
        form: [...new URLSearchParams(form)],
        idempotencyKey: method === 'POST' ? headers.get('idempotency-key') : null,
      });
      return JSON.stringify(body);
    });
}

function fails(method: 'GET' | 'POST', path: string, status: number, error: object, times = 1): void {
  nock('https://api.stripe.com')
    .intercept((uri) => uri.split('?')[0] === path, method)
    .times(times)
    .reply(status, { error }, { 'stripe-should-retry': 'false' });
}

type Part<T> = { readonly [K in keyof T]?: T[K] extends object | null ? Part<T[K]> | string | null : T[K] };

/** What of an object of Stripe we look at. */
const price = (id: string, plan: string | null, metered: boolean): Part<Stripe.Price> => ({
  id,
  object: 'price',
  lookup_key: plan === null ? null : `stager_${plan}_${metered ? 'overage' : 'monthly'}`,
  metadata: plan === null || metered ? {} : ({ stager_plan: plan } as never),
  recurring: { interval: 'month', interval_count: 1, usage_type: metered ? 'metered' : 'licensed' },
});

const PRICES = {
  object: 'list',
  has_more: false,
  data: [
    price('price_pro', 'pro', false),
    price('price_pro_over', 'pro', true),
    price('price_business', 'business', false),
    price('price_business_over', 'business', true),
  ],
};
const [START, END] = [1_700_000_000, 1_702_592_000];

function subscription(wish: Part<Stripe.Subscription> = {}): Part<Stripe.Subscription> {
  const item = (id: string, of: Part<Stripe.Price>) => ({
    id,
    object: 'subscription_item',
    price: of,
    current_period_start: START,
    current_period_end: END,
  });
  return {
    id: 'sub_1',
    object: 'subscription',
    customer: 'cus_1',
    status: 'active',
    created: START,
    cancel_at_period_end: false,
    cancel_at: null,
    schedule: null,
    latest_invoice: null,
    items: {
      object: 'list',
      data: [
        item('si_over', price('price_pro_over', 'pro', true)),
        item('si_1', price('price_pro', 'pro', false)),
      ],
    } as never,
    ...wish,
  };
}

const session = (wish: Part<Stripe.Checkout.Session> = {}): Part<Stripe.Checkout.Session> => ({
  id: 'cs_1',
  object: 'checkout.session',
  status: 'open',
  url: 'https://checkout.stripe.com/c/pay/cs_1',
  expires_at: END,
  customer: 'cus_1',
  metadata: { stager_account: 'acc_1' } as never,
  ...wish,
});

const schedule: Part<Stripe.SubscriptionSchedule> = {
  id: 'sub_sched_1',
  object: 'subscription_schedule',
  status: 'active',
  phases: [
    {
      start_date: START,
      end_date: END,
      items: [{ price: 'price_pro_over' }, { price: 'price_pro', quantity: 1 }],
    },
  ] as never,
};

describe('a call', () => {
  beforeEach(({ task }) => {
    call = task.name;
  });

  test('createCustomer', async () => {
    answer('POST', '/v1/customers', { id: 'cus_1', object: 'customer' });
    const made = await payments.createCustomer(
      { accountId: 'acc_1', name: 'Anna & Söhne', email: 'a@example.com' },
      'stw_1',
    );
    expect(made).toBe('cus_1');
    expect(recorded.at(-1)?.idempotencyKey).toBe('stw_1');
  });

  test('createCheckout', async () => {
    answer('GET', '/v1/prices', PRICES);
    answer('POST', '/v1/checkout/sessions', session());
    const request = {
      accountId: 'acc_1',
      customerId: 'cus_1',
      plan: 'pro',
      successUrl: 'https://s.example/success',
      cancelUrl: 'https://s.example/canceled',
    } as const;
    expect(await payments.createCheckout(request, 'stw_2')).toEqual({
      id: 'cs_1',
      status: 'open',
      url: 'https://checkout.stripe.com/c/pay/cs_1',
      expiresAt: new Date(END * 1000),
      customerId: 'cus_1',
      accountId: 'acc_1',
    });
    expect(recorded.at(-1)?.form).toEqual(
      expect.arrayContaining([
        ['line_items[0][price]', 'price_pro'],
        ['line_items[1][price]', 'price_pro_over'],
        ['subscription_data[metadata][stager_account]', 'acc_1'],
      ]),
    );
  });

  test('getCheckout', async () => {
    answer('GET', '/v1/checkout/sessions/cs_1', session({ status: 'complete', url: null }));
    expect(await payments.getCheckout('cs_1')).toMatchObject({ status: 'complete', url: null });
  });

  test('expireCheckout', async () => {
    answer('POST', '/v1/checkout/sessions/cs_1/expire', session({ status: 'expired' }));
    await payments.expireCheckout('cs_1', 'stw_2-expire');
  });

  test('createPortal', async () => {
    answer('POST', '/v1/billing_portal/sessions', { id: 'bps_1', url: 'https://billing.stripe.com/p/1' });
    const portal = { customerId: 'cus_1', returnUrl: 'https://s.example/billing' };
    expect(await payments.createPortal(portal, 'stw_3')).toBe('https://billing.stripe.com/p/1');
  });

  test('setCancelAtPeriodEnd', async () => {
    answer('GET', '/v1/subscriptions/sub_1', subscription());
    answer('POST', '/v1/subscriptions/sub_1', subscription({ cancel_at_period_end: true }));
    await payments.setCancelAtPeriodEnd('sub_1', true, 'stw_4');
  });

  test('upgrade', async () => {
    answer('GET', '/v1/prices', PRICES);
    answer('GET', '/v1/subscriptions/sub_1', subscription({ schedule: 'sub_sched_1' }));
    answer('POST', '/v1/subscription_schedules/sub_sched_1/release', schedule);
    answer('POST', '/v1/subscriptions/sub_1', subscription());
    await payments.upgrade('sub_1', 'business', 'stw_5');
    expect(recorded.at(-1)?.form).toEqual(
      expect.arrayContaining([
        ['items[0][id]', 'si_1'],
        ['items[0][price]', 'price_business'],
        ['items[1][id]', 'si_over'],
        ['items[1][price]', 'price_business_over'],
        ['proration_behavior', 'always_invoice'],
        ['payment_behavior', 'error_if_incomplete'],
      ]),
    );
  });

  test('downgrade', async () => {
    answer('GET', '/v1/prices', PRICES);
    answer('GET', '/v1/subscriptions/sub_1', subscription());
    answer('POST', '/v1/subscription_schedules', schedule);
    answer('POST', '/v1/subscription_schedules/sub_sched_1', schedule);
    await payments.downgrade('sub_1', 'pro', 'stw_6');
    expect(recorded.slice(-2).map(({ idempotencyKey }) => idempotencyKey)).toEqual([
      'stw_6-schedule',
      'stw_6-phases',
    ]);
    // Else what was metered until then would not be billed.
    expect(recorded.at(-1)?.form).toContainEqual(['phases[1][proration_behavior]', 'create_prorations']);
  });

  test('downgrade that goes on', async () => {
    answer('GET', '/v1/prices', PRICES);
    answer('GET', '/v1/subscriptions/sub_1', subscription({ schedule: 'sub_sched_1' }));
    answer('GET', '/v1/subscription_schedules/sub_sched_1', schedule);
    answer('POST', '/v1/subscription_schedules/sub_sched_1', schedule);
    await payments.downgrade('sub_1', 'pro', 'stw_6');
  });

  test('downgrade of a plan that was canceled', async () => {
    answer('GET', '/v1/prices', PRICES);
    answer('GET', '/v1/subscriptions/sub_1', subscription({ cancel_at_period_end: true }));
    answer('POST', '/v1/subscriptions/sub_1', subscription());
    answer('POST', '/v1/subscription_schedules', schedule);
    answer('POST', '/v1/subscription_schedules/sub_sched_1', schedule);
    await payments.downgrade('sub_1', 'pro', 'stw_7');
    expect(recorded.slice(-4)).toContainEqual(
      expect.objectContaining({ idempotencyKey: 'stw_7-resume', form: [['cancel_at_period_end', 'false']] }),
    );
  });

  test('listInvoices', async () => {
    const invoice: Part<Stripe.Invoice> = {
      id: 'in_1',
      number: 'A-1',
      status: 'paid',
      total: 2_900,
      amount_due: 2_900,
      currency: 'usd',
      created: START,
      period_start: START,
      period_end: END,
      hosted_invoice_url: 'https://invoice.stripe.com/i/1',
      invoice_pdf: 'https://pay.stripe.com/1/pdf',
    };
    const draft: Part<Stripe.Invoice> = { ...invoice, id: 'in_2', status: 'draft' };
    answer('GET', '/v1/invoices', { object: 'list', has_more: true, data: [invoice, draft] });
    const page = await payments.listInvoices('cus_1', { limit: 2, after: 'in_0' });
    expect(page).toMatchObject({ items: [{ id: 'in_1', status: 'paid', total: 2_900 }], next: 'in_2' });
    expect(page.items).toHaveLength(1);
  });

  test('readCustomer', async () => {
    answer('GET', '/v1/customers/cus_1', {
      id: 'cus_1',
      object: 'customer',
      metadata: { stager_account: 'acc_1' },
    });
    const next = {
      ...schedule,
      phases: [{ start_date: END, items: [{ price: 'price_business' }] }] as never,
    };
    const unpaid: Part<Stripe.Invoice> = {
      id: 'in_1',
      created: 5,
      status_transitions: { finalized_at: 9 } as never,
    };
    answer('GET', '/v1/subscriptions', {
      object: 'list',
      has_more: false,
      data: [
        subscription({ schedule: next as never, cancel_at: END }),
        subscription({ id: 'sub_2', status: 'past_due', latest_invoice: unpaid as never }),
        subscription({
          id: 'sub_3',
          items: {
            data: [
              {
                id: 'si',
                price: price('p', null, false),
                current_period_start: START,
                current_period_end: END,
              },
            ],
          } as never,
        }),
      ],
    });
    answer('GET', '/v1/prices', PRICES);
    const older = { ...unpaid, id: 'in_0', status_transitions: { finalized_at: 7 } as never };
    answer('GET', '/v1/invoices', { object: 'list', has_more: false, data: [unpaid, older] });
    const customer = await payments.readCustomer('cus_1');
    expect(customer).toMatchObject({ id: 'cus_1', accountId: 'acc_1', deleted: false });
    expect(customer?.subscriptions).toMatchObject([
      { plan: 'pro', nextPlan: 'business', cancelAtPeriodEnd: true, periodEnd: new Date(END * 1000) },
      { id: 'sub_2', status: 'past_due', pastDueSince: new Date(7_000), nextPlan: null },
      { id: 'sub_3', plan: null },
    ]);
  });

  test('readCustomer of one that was deleted', async () => {
    answer('GET', '/v1/customers/cus_1', { id: 'cus_1', object: 'customer', deleted: true });
    expect(await payments.readCustomer('cus_1')).toEqual({
      id: 'cus_1',
      accountId: null,
      deleted: true,
      subscriptions: [],
    });
  });

  test('customerOfCharge', async () => {
    answer('GET', '/v1/charges/ch_1', { id: 'ch_1', object: 'charge', customer: 'cus_1' });
    expect(await payments.customerOfCharge('ch_1')).toBe('cus_1');
  });

  test('listSubscriptions', async () => {
    answer('GET', '/v1/subscriptions', { object: 'list', has_more: true, data: [subscription()] });
    expect(await payments.listSubscriptions('sub_0')).toMatchObject({
      items: [{ id: 'sub_1' }],
      next: 'sub_1',
    });
  });

  test('reportImage', async () => {
    answer('POST', '/v1/billing/meter_events', { object: 'billing.meter_event', identifier: 'led_1' });
    await payments.reportImage({
      entryId: 'led_1',
      customerId: 'cus_1',
      deliveredAt: new Date(START * 1000),
    });
    expect(recorded.at(-1)?.form).toEqual(
      expect.arrayContaining([
        ['identifier', 'led_1'],
        ['timestamp', String(START)],
      ]),
    );
  });
});

test('of a customer whom Stripe has never had there is nothing', async () => {
  fails('GET', '/v1/customers/cus_0', 404, { type: 'invalid_request_error', code: 'resource_missing' });
  expect(await payments.readCustomer('cus_0')).toBeUndefined();
});

test('an image that was counted before is as good as accepted', async () => {
  fails('POST', '/v1/billing/meter_events', 400, {
    type: 'invalid_request_error',
    code: 'duplicate_meter_event',
  });
  await payments.reportImage({ entryId: 'led_1', customerId: 'cus_1', deliveredAt: new Date() });
});

test.each([
  [402, { type: 'card_error', code: 'card_declined', message: 'Your card was declined.' }, 'declined'],
  [402, { type: 'card_error', code: 'authentication_required', message: 'x' }, 'declined'],
  [401, { type: 'invalid_request_error' }, 'misconfigured'],
  [403, { type: 'invalid_request_error' }, 'misconfigured'],
  [400, { type: 'invalid_request_error' }, 'refused'],
  [404, { type: 'invalid_request_error', code: 'resource_missing' }, 'refused'],
  [400, { type: 'idempotency_error' }, 'refused'],
  [409, { type: 'invalid_request_error' }, 'unavailable'],
  [429, { type: 'invalid_request_error', code: 'rate_limit' }, 'unavailable'],
  [500, { type: 'api_error' }, 'unavailable'],
])('an answer of %d with %o is %s', async (status, error, code) => {
  fails('GET', '/v1/checkout/sessions/cs_1', status, error);
  await expect(payments.getCheckout('cs_1')).rejects.toMatchObject({ name: 'PaymentsError', code });
});

test('a server that cannot be reached is tried again, and is an outage', async () => {
  nock('https://api.stripe.com').get('/v1/charges/ch_1').times(3).replyWithError('cut');
  await expect(payments.customerOfCharge('ch_1')).rejects.toMatchObject({ code: 'unavailable' });
});

test('a missing price is named, with the way to make it', async () => {
  answer('GET', '/v1/prices', { object: 'list', has_more: false, data: [] });
  await expect(payments.upgrade('sub_1', 'pro', 'k')).rejects.toMatchObject({
    code: 'misconfigured',
    message: expect.stringMatching(/stager_pro_monthly.*stripe-setup/),
  });
  recorded.pop();
});

test('within a database transaction Stripe is not called', async () => {
  await expect(withinTransaction(() => payments.getCheckout('cs_1'))).rejects.toThrow(
    'within a database transaction',
  );
  answer('GET', '/v1/checkout/sessions/cs_1', session());
  let late: Promise<unknown> = Promise.resolve();
  await withinTransaction(async () => {
    late = new Promise((done) => setImmediate(done)).then(() => payments.getCheckout('cs_1'));
  });
  // What was begun inside and goes on behind the end is outside.
  expect(await late).toMatchObject({ id: 'cs_1' });
  recorded.pop();
});

test('what is sent is what stands in requests.jsonl, for other servers to be asked the same', async () => {
  const lines = recorded.map((request) => `${JSON.stringify(request)}\n`);
  await expect(lines.join('')).toMatchFileSnapshot('./requests.jsonl');
});

test('nothing else of Stripe is called than the endpoints that are listed', () => {
  const pattern = (path: string) => new RegExp(`^${path.replaceAll(':id', '[^/]+')}$`);
  const listed = ENDPOINTS.map((one) => one.split(' ') as [string, string]);
  for (const { method, path } of recorded) {
    expect([method, path, listed.some(([m, p]) => m === method && pattern(p).test(path))]).toEqual([
      method,
      path,
      true,
    ]);
  }
  for (const { method, idempotencyKey } of recorded) {
    expect([method, idempotencyKey !== null]).toEqual([method, method === 'POST']);
  }
});

import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../../../tests/support/api.ts';
import { eventOf, signed } from '../../../../tests/support/stripeEvents.ts';
import { createMemoryLimiter } from '../../infra/limiter/memory.ts';
import { createWebhookVerifier } from '../../infra/stripe/webhook.ts';

const OLD = 'whsec_old_0123456789abcdef';
const NEW = 'whsec_new_0123456789abcdef';
const OTHER = 'whsec_other_0123456789abc';

let api: TestApi;
let superuser: pg.Client;

beforeAll(async () => {
  api = await startTestApi({
    who: () => undefined,
    scopes: [],
    verifyWebhook: createWebhookVerifier([NEW, OLD]),
  });
  superuser = new pg.Client(api.database.superuserUrl);
  await superuser.connect();
});
beforeEach(async () => {
  await superuser.query('DELETE FROM stripe_events');
  await superuser.query('DELETE FROM outbox');
});
afterAll(async () => {
  await superuser.end();
  await api.close();
});

async function send(body: string, headers: Record<string, string>, url = api.url) {
  const response = await fetch(`${url}/v1/webhooks/stripe`, { method: 'POST', body, headers });
  return { status: response.status, body: await response.json() };
}

async function kept(): Promise<Record<string, unknown>[]> {
  const { rows } = await superuser.query<Record<string, unknown>>(
    'SELECT id, type, customer_id, state, payload FROM stripe_events ORDER BY id',
  );
  return rows;
}

async function rings(): Promise<unknown[]> {
  const { rows } = await superuser.query<{ item: unknown }>('SELECT item FROM outbox ORDER BY id');
  return rows.map(({ item }) => item);
}

const paid = eventOf('evt_1', 'invoice.paid', { id: 'in_1', object: 'invoice', customer: 'cus_1' });

describe('an event of Stripe', () => {
  test('is kept with a ring for a worker, and answered', async () => {
    expect(await send(paid, signed(paid, NEW))).toEqual({ status: 200, body: { received: true } });
    expect(await kept()).toEqual([
      {
        id: 'evt_1',
        type: 'invoice.paid',
        customer_id: 'cus_1',
        state: 'received',
        payload: JSON.parse(paid),
      },
    ]);
    expect(await rings()).toEqual([{ kind: 'stripe', customerId: 'cus_1' }]);
  });

  test('is kept once, however often it comes, and at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(paid, signed(paid, NEW))));
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    expect([(await kept()).length, (await rings()).length]).toEqual([1, 1]);
  });

  test('may be signed with each of the secrets, while one is exchanged', async () => {
    expect((await send(paid, signed(paid, OLD))).status).toBe(200);
    expect(await kept()).toHaveLength(1);
  });

  test.each([
    ['customer.updated', { id: 'cus_2', object: 'customer' }, 'cus_2'],
    [
      'charge.refunded',
      { id: 'ch_1', object: 'charge', customer: { id: 'cus_3', object: 'customer' } },
      'cus_3',
    ],
    ['charge.dispute.created', { id: 'dp_1', object: 'dispute', charge: 'ch_1' }, null],
  ])('%s names its customer where it stands', async (type, object, customer) => {
    const event = eventOf('evt_2', type, object);
    await send(event, signed(event, NEW));
    expect(await kept()).toMatchObject([{ customer_id: customer }]);
  });

  test('of a type that nobody handles is answered and forgotten', async () => {
    const event = eventOf('evt_3', 'payout.created', { id: 'po_1', object: 'payout' });
    expect((await send(event, signed(event, NEW))).status).toBe(200);
    expect(await kept()).toEqual([]);
  });
});

describe('what is refused', () => {
  test.each([
    ['a signature with another secret', paid, signed(paid, OTHER)],
    ['a changed byte', paid.replace('in_1', 'in_2'), signed(paid, NEW)],
    ['the same JSON in other bytes', JSON.stringify(JSON.parse(paid)), signed(paid, NEW)],
    ['no signature', paid, {}],
    ['a signature that is none', paid, { 'stripe-signature': 't=1,v1=x' }],
    ['a signature of six minutes ago', paid, signed(paid, NEW, Date.now() - 360_000)],
    ['no JSON', 'hello', signed('hello', NEW)],
  ])('%s', async (_, body, headers) => {
    expect(await send(body, headers)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect([await kept(), await rings()]).toEqual([[], []]);
  });

  test('four minutes on the way are no matter', async () => {
    expect((await send(paid, signed(paid, NEW, Date.now() - 240_000))).status).toBe(200);
  });

  test('a body above a mebibyte, before it is looked at', async () => {
    const large = eventOf('evt_4', 'invoice.paid', { id: 'in_1', text: 'x'.repeat(1024 * 1024) });
    expect(await send(large, signed(large, NEW))).toMatchObject({
      status: 413,
      body: { code: 'body_too_large' },
    });
  });

  test('GET', async () => {
    expect((await fetch(`${api.url}/v1/webhooks/stripe`)).status).toBe(404);
  });
});

test('who cannot sign is limited, and Stripe beside it is not', async () => {
  const own = await startTestApi({
    who: () => undefined,
    scopes: [],
    verifyWebhook: createWebhookVerifier([NEW]),
    limiter: createMemoryLimiter({ read: 3, write: 3, stream: 3, public: 3 }),
  });
  const statuses: number[] = [];
  for (let n = 0; n < 6; n++) statuses.push((await send(paid, signed(paid, OTHER), own.url)).status);
  expect(statuses).toEqual([400, 400, 400, 429, 429, 429]);
  for (let n = 0; n < 6; n++) expect((await send(paid, signed(paid, NEW), own.url)).status).toBe(200);
  await own.close();
});

test('without a secret nothing is accepted, and Stripe comes again later', async () => {
  const own = await startTestApi({ who: () => undefined, scopes: [] });
  const answer = await send(paid, signed(paid, NEW), own.url);
  expect(answer).toMatchObject({ status: 503, body: { code: 'billing_unavailable' } });
  await own.close();
});

import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../../tests/support/api.ts';
import { aStripeEvent, makeAccount, makeAdmin } from '../../../tests/support/fixtures.ts';
import { createClient } from '../../../tests/support/http.ts';
import { ALL_SCOPES } from '../contract/index.ts';
import { type Payments, PaymentsError } from '../ports/index.ts';

let api: TestApi;
let superuser: pg.Client;
let own: string;
let trouble: PaymentsError | undefined;

beforeAll(async () => {
  api = await startTestApi({
    who: (token) => ({ subject: `auth0|${token}`, expiresAt: new Date(Date.now() + 600_000) }),
    scopes: ALL_SCOPES,
    // The one method that is asked here.
    payments: {
      async check() {
        if (trouble) throw trouble;
        return { apiVersion: 'stub', live: false, missingPrices: [] };
      },
    } as Partial<Payments> as Payments,
  });
  superuser = new pg.Client(api.database.superuserUrl);
  await superuser.connect();
  own = await makeAccount(api.store, 'auth0|op');
  await makeAdmin(api.database, 'auth0|op');
  await makeAccount(api.store, 'auth0|ann');
});
beforeEach(async () => {
  await superuser.query('DELETE FROM stripe_events');
  await superuser.query('DELETE FROM outbox');
});
afterAll(async () => {
  await superuser.end();
  await api.close();
});

const op = () => createClient(api.url, 'op');

async function add(state: string, count = 1): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const event = aStripeEvent();
    await api.store.read.stripe.addEvent(event);
    await superuser.query(
      `UPDATE stripe_events SET state = $2, attempts = 12, detail = 'Error: boom' WHERE id = $1`,
      [event.id, state],
    );
    ids.push(event.id);
  }
  return ids;
}

const ids = (body: { items: { id: string }[] }) => body.items.map(({ id }) => id);

test('an owner sees none of it', async () => {
  const [id] = await add('parked');
  const ann = createClient(api.url, 'ann');
  for (const answer of [
    await ann.get('/v1/admin/stripe-events'),
    await ann.post(`/v1/admin/stripe-events/${id}/retry`),
    await ann.post(`/v1/admin/stripe-events/${id}/ignore`, { reason: 'x' }),
  ]) {
    expect([answer.status, answer.body.code, answer.body.role]).toEqual([403, 'role_required', 'admin']);
  }
});

test('an operator without the scopes of operators sees none of it', async () => {
  const narrow = await startTestApi({
    who: () => ({ subject: 'auth0|op', expiresAt: new Date(Date.now() + 600_000) }),
    scopes: ALL_SCOPES.filter((scope) => !scope.startsWith('admin:')),
  });
  await makeAccount(narrow.store, 'auth0|op');
  await makeAdmin(narrow.database, 'auth0|op');
  const narrowOp = createClient(narrow.url, 'op');
  for (const answer of [
    await narrowOp.get('/v1/admin/stripe-events'),
    await narrowOp.post('/v1/admin/stripe-events/evt_1/retry'),
    await narrowOp.post('/v1/admin/stripe-events/evt_1/ignore', { reason: 'x' }),
  ]) {
    expect([answer.status, answer.body.code]).toEqual([403, 'insufficient_scope']);
  }
  await narrow.close();
});

test('those that are parked are listed, newest first, a page at a time', async () => {
  const parked = (await add('parked', 5)).toReversed();
  const [handled] = await add('handled');
  const first = (await op().get('/v1/admin/stripe-events?limit=3')).body;
  expect(first.items[0]).toMatchObject({ state: 'parked', attempts: 12, detail: 'Error: boom' });
  const rest = (await op().get(`/v1/admin/stripe-events?limit=3&cursor=${first.nextCursor}`)).body;
  expect([...ids(first), ...ids(rest), rest.nextCursor]).toEqual([...parked, null]);
  expect(ids((await op().get('/v1/admin/stripe-events?state=handled')).body)).toEqual([handled]);
});

test('one is handled again, with all its attempts, and a worker is told', async () => {
  const [id] = await add('parked');
  const answer = await op().post(`/v1/admin/stripe-events/${id}/retry`);
  expect(answer).toMatchObject({ status: 200, body: { id, state: 'received', attempts: 0, detail: null } });
  const { rows } = await superuser.query('SELECT item FROM outbox');
  expect(rows).toEqual([{ item: { kind: 'stripe', customerId: 'cus_1' } }]);
  const { items } = (await op().get(`/v1/admin/audit?account=${own}&object=${id}`)).body;
  expect(items).toMatchObject([{ action: 'stripe_event.retry', principal: 'auth0|op' }]);
});

test('one is let be, and why is recorded', async () => {
  const [id] = await add('unknown');
  const answer = await op().post(`/v1/admin/stripe-events/${id}/ignore`, { reason: 'of another shop' });
  expect(answer).toMatchObject({ status: 200, body: { state: 'ignored', detail: 'of another shop' } });
  const { items } = (await op().get(`/v1/admin/audit?object=${id}`)).body;
  expect(items).toMatchObject([{ action: 'stripe_event.ignore', detail: 'of another shop' }]);
});

test('what was handled stays so, and what never came is not there', async () => {
  const [id] = await add('handled');
  for (const act of ['retry', 'ignore']) {
    const answer = await op().post(
      `/v1/admin/stripe-events/${id}/${act}`,
      act === 'ignore' ? { reason: 'x' } : undefined,
    );
    expect([answer.status, answer.body.code]).toEqual([409, 'invalid_state']);
  }
  expect((await op().post('/v1/admin/stripe-events/evt_0/retry')).status).toBe(404);
});

test('how payments are: key, webhooks, reports, the last comparison; for operators alone', async () => {
  expect((await createClient(api.url, 'ann').get('/v1/admin/payments')).status).toBe(403);
  await add('parked', 2);
  await add('unknown');
  await add('handled');
  const [waiting] = await add('received');
  await superuser.query(`UPDATE stripe_events SET received_at = '2026-11-24T10:00:00Z' WHERE id = $1`, [
    waiting,
  ]);
  await superuser.query(
    `INSERT INTO meter_events (account_id, entry_id, delivered_at, state)
     VALUES ($1, 'led_a', '2026-11-24T09:00:00Z', 'due'), ($1, 'led_b', now(), 'parked'), ($1, 'led_c', now(), 'sent')`,
    [own],
  );
  await superuser.query(
    `INSERT INTO stripe_checks (started_at, ended_at, compared, drift)
     VALUES ('2026-11-23T03:00:00Z', '2026-11-23T03:01:00Z', 7, '[]'),
            ('2026-11-24T03:00:00Z', '2026-11-24T03:01:00Z', 8, '[{}]'), (now(), NULL, NULL, NULL)`,
  );
  const { body } = await op().get('/v1/admin/payments');
  expect(body).toMatchObject({
    stripe: { answers: true, live: false, apiVersion: 'stub', missingPrices: [] },
    webhookSecret: false,
    events: {
      received: 1,
      unknown: 1,
      parked: 2,
      lastReceivedAt: expect.any(String),
      oldestWaitingAt: '2026-11-24T10:00:00.000Z',
    },
    reports: { waiting: 1, parked: 1, oldestWaitingAt: '2026-11-24T09:00:00.000Z' },
    comparison: { endedAt: '2026-11-24T03:01:00.000Z', compared: 8, drift: 1 },
  });
  trouble = new PaymentsError('misconfigured', 'The key is not accepted.');
  expect((await op().get('/v1/admin/payments')).body.stripe).toEqual({
    answers: false,
    trouble: 'The key is not accepted.',
    apiVersion: null,
    live: null,
    missingPrices: [],
  });
});

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { readConfig } from '../../server/src/infra/config.ts';
import { createPostgresStore } from '../../server/src/infra/postgres/index.ts';
import { startApi } from '../../server/src/start/api.ts';
import { apiConfig } from '../../server/src/start/config.ts';
import { makeAccount } from '../support/fixtures.ts';
import { eventOf, signed } from '../support/stripeEvents.ts';
import { type StripeStub, startStripeStub } from '../support/stripeStub.ts';
import { type Bench, type Result, result } from './result.ts';
import { type BenchServices, startServices } from './services.ts';

const ACCOUNTS = 100;
/** Changes of each account's subscription, one event each. */
const CHANGES = 10;
const COPIES = 3;
/** Requests of Stripe at the same time. */
const SENDERS = 20;
/** How often a worker is killed amid the shuffled events. */
const KILLS = 2;
const PATIENCE_MS = 180_000;
const SECRET = 'whsec_bench_0123456789abcdef';
const DAY = 86_400;
const START = 1_700_000_000;

/** An account's subscription as it changes. */
const STATES = [
  { plan: 'pro', status: 'incomplete' },
  { plan: 'pro', status: 'active' },
  { plan: 'pro', status: 'past_due' },
  { plan: 'pro', status: 'active' },
  { plan: 'business', status: 'active' },
  { plan: 'business', status: 'active', cancel: true },
  { plan: 'business', status: 'active' },
  { plan: 'business', status: 'past_due' },
  { plan: 'pro', status: 'active' },
  { plan: 'pro', status: 'canceled' },
] as const;

interface Customer {
  readonly id: string;
  readonly accountId: string;
  /** Changes that have happened. */
  happened: number;
  /** Where among the states it begins: so that not all end alike. */
  readonly first: number;
}

interface Delivery {
  readonly customer: Customer;
  readonly change: number;
}

/** The last states of Stripe are there before the last event comes, and each before its own. */
async function startStripe(customers: ReadonlyMap<string, Customer>): Promise<StripeStub> {
  return startStripeStub({
    'GET /v1/customers/:id': (id) => {
      const customer = customers.get(id);
      return customer && { id, object: 'customer', metadata: { stager_account: customer.accountId } };
    },
    'GET /v1/subscriptions': (_, sent) => {
      const customer = customers.get(sent.get('customer') ?? '');
      const data = customer && customer.happened > 0 ? [subscriptionOf(customer)] : [];
      return { object: 'list', has_more: false, data };
    },
    'GET /v1/invoices': (_, sent) => {
      const customer = customers.get((sent.get('subscription') ?? '').replace('sub_', ''));
      return { object: 'list', has_more: false, data: customer ? [invoiceOf(customer)] : [] };
    },
  });
}

/** The last one, not paid where that is what the state says. */
function invoiceOf({ happened }: Customer): object {
  const at = START + happened * DAY;
  return { id: 'in', created: at, status_transitions: { finalized_at: at } };
}

function subscriptionOf(customer: Customer): object {
  const { id, happened, first } = customer;
  const state = STATES[(first + happened - 1) % STATES.length] ?? STATES[0];
  const price = { id: 'price', metadata: { stager_plan: state.plan }, recurring: { usage_type: 'licensed' } };
  const start = START + happened * DAY;
  const item = { id: 'si', price, current_period_start: start, current_period_end: start + 30 * DAY };
  return {
    id: `sub_${id}`,
    customer: id,
    status: state.status,
    created: START,
    cancel_at_period_end: 'cancel' in state,
    cancel_at: null,
    schedule: null,
    latest_invoice: invoiceOf(customer),
    items: { data: [item] },
  };
}

function startWorker({ urls, folder }: BenchServices, stripeUrl: string) {
  const main = fileURLToPath(new URL('../../worker/src/main.ts', import.meta.url));
  return fork(main, [], {
    execArgv: ['--conditions=stager-dev'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      STAGER_ENV: 'test',
      STAGER_LOG_LEVEL: 'silent',
      STAGER_DATABASE_URL: urls.worker,
      STAGER_OBJECTS_DIR: join(folder, 'objects'),
      STAGER_OBJECTS_PUBLIC_URL: 'http://127.0.0.1:1',
      STAGER_OBJECTS_SECRETS: 'bench-secret-0123456789',
      STAGER_WORKER_CONCURRENCY: '0',
      STAGER_STRIPE_SECRET_KEY: 'sk_test_bench',
      STAGER_STRIPE_API_URL: stripeUrl,
    },
  });
}

interface Field {
  readonly services: BenchServices;
  readonly apiUrl: string;
  readonly stripeUrl: string;
  readonly client: pg.Client;
}

/** From the first delivery until no event waits any more, in seconds. */
async function drain(
  { services, apiUrl, stripeUrl, client }: Field,
  deliveries: readonly Delivery[],
  kills: number,
): Promise<number> {
  const count = async (): Promise<number> => {
    const { rows } = await client.query<{ left: number }>(
      `SELECT count(*)::integer AS left FROM stripe_events WHERE state NOT IN ('handled', 'ignored')`,
    );
    return rows[0]?.left ?? 0;
  };
  let worker = startWorker(services, stripeUrl);
  await once(worker, 'message');
  const begun = performance.now();
  const queue = [...deliveries].reverse();
  const sending = Promise.all(Array.from({ length: SENDERS }, () => sendAll(apiUrl, queue)));
  for (let kill = 1; kill <= kills; kill++) {
    while (queue.length > deliveries.length * (1 - kill / (kills + 1))) await delay(2);
    const gone = once(worker, 'exit');
    worker.kill('SIGKILL');
    await gone;
    worker = startWorker(services, stripeUrl);
  }
  await sending;
  while ((await count()) > 0) {
    if (performance.now() - begun > PATIENCE_MS) throw new Error(`${await count()} events were not handled`);
    await delay(20);
  }
  const seconds = (performance.now() - begun) / 1000;
  const gone = once(worker, 'exit');
  worker.kill('SIGTERM');
  await gone;
  return seconds;
}

async function sendAll(apiUrl: string, queue: Delivery[]): Promise<void> {
  for (let next = queue.pop(); next; next = queue.pop()) {
    const { customer, change } = next;
    // An event comes behind what it tells of.
    customer.happened = Math.max(customer.happened, change);
    const object = { id: `sub_${customer.id}`, object: 'subscription', customer: customer.id };
    const body = eventOf(`evt_${customer.id}_${change}`, 'customer.subscription.updated', object);
    const sent = { method: 'POST', body, headers: signed(body, SECRET) };
    const { status } = await fetch(`${apiUrl}/v1/webhooks/stripe`, sent);
    if (status !== 200) throw new Error(`an event was answered ${status}`);
  }
}

/** What became of each account, by its number. */
async function endOf(client: pg.Client, customers: readonly Customer[]): Promise<string[]> {
  const { rows } = await client.query<{ account: string; line: string }>(
    `SELECT account_id AS account, concat_ws(' ', plan, status, period_start, period_end, cancel_at_period_end,
                                             past_due_since) AS line FROM subscriptions`,
  );
  const lines = new Map(rows.map(({ account, line }) => [account, line]));
  return customers.map(({ accountId }) => lines.get(accountId) ?? 'none');
}

async function run(): Promise<Result[]> {
  const services = await startServices();
  const customers = new Map<string, Customer>();
  const stripe = await startStripe(customers);
  const store = createPostgresStore({ url: services.urls.api, pool: 4 });
  const api = await startApi(readConfig(apiConfig, apiEnv(services)));
  const client = new pg.Client(services.urls.owner);
  await client.connect();
  const field = { services, apiUrl: api.url, stripeUrl: stripe.url, client };
  const addCustomers = (group: string) =>
    Promise.all(
      Array.from({ length: ACCOUNTS }, async (_, n) => {
        const id = `cus_${group}_${n}`;
        const accountId = await makeAccount(store, undefined, 'free');
        const customer = { id, accountId, happened: 0, first: n % STATES.length };
        customers.set(id, customer);
        return customer;
      }),
    );
  try {
    const inOrder = await addCustomers('ordered');
    const ordered = await drain(field, history(inOrder), 0);
    const expected = await endOf(client, inOrder);
    const mixed = await addCustomers('mixed');
    const all = shuffle(Array.from({ length: COPIES }, () => history(mixed)).flat());
    const seconds = await drain(field, all, KILLS);
    const found = await endOf(client, mixed);
    const wrong = found.filter((line, n) => line !== expected[n]).length;
    const kept = customers.size === 2 * ACCOUNTS && expected.every((line) => line !== 'none');
    return [
      result(
        '1,000 events, shuffled and tripled, the worker killed twice: drained',
        's',
        seconds,
        ordered,
        null,
      ),
      result('accounts that end otherwise than in order', 'accounts', kept ? wrong : ACCOUNTS, null, '<= 0'),
    ];
  } finally {
    await client.end();
    await api.stop();
    await Promise.all([store.close(), stripe.close()]);
    await services.close();
  }
}

/** Each change of each account, in the order in which they happen. */
function history(customers: readonly Customer[]): Delivery[] {
  return Array.from({ length: CHANGES }, (_, n) =>
    customers.map((customer) => ({ customer, change: n + 1 })),
  ).flat();
}

function shuffle<T>(items: readonly T[]): T[] {
  return items
    .map((item) => [Math.random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

function apiEnv({ urls, folder }: BenchServices): Record<string, string> {
  return {
    STAGER_LOG_LEVEL: 'silent',
    STAGER_PORT: '0',
    STAGER_DATABASE_URL: urls.api,
    STAGER_RELAY_DATABASE_URL: urls.relay,
    STAGER_OBJECTS_DIR: join(folder, 'objects'),
    STAGER_OBJECTS_SECRETS: 'bench-secret-0123456789',
    STAGER_OBJECTS_PUBLIC_URL: 'http://127.0.0.1:1',
    STAGER_ISSUER: 'http://127.0.0.1:1/',
    STAGER_AUDIENCE: 'bench',
    STAGER_CLI_CLIENT_ID: 'bench',
    STAGER_STRIPE_WEBHOOK_SECRETS: SECRET,
    STAGER_DRAIN_NOTICE_SECONDS: '0',
    STAGER_DRAIN_SECONDS: '1',
  };
}

export const webhooks: Bench = {
  name: 'webhooks',
  about: 'events of Stripe, shuffled, tripled and with killed workers, beside the same in order',
  run,
};

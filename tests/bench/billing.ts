import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import pg from 'pg';
import { createPostgresStore } from '../../server/src/infra/postgres/index.ts';
import { addOriginal, addSubscription, makeAccount } from '../support/fixtures.ts';
import type { BillingSettings } from './billing-server.ts';
import { type Child, startChild } from './child.ts';
import { type Bench, type Result, result } from './result.ts';
import { type BenchServices, startServices } from './services.ts';

const ACCOUNTS = [1, 50];
/** More than is made. */
const LIMIT = 1_000_000;
const CONNECTIONS = 16;
const REQUESTS = 300;
/** Bursts of both by turns, the first of each only to warm up; the one that was disturbed least counts. */
const ROUNDS = 8;
/** Of the requests of a burst near the limit, those that are granted. The others are refused. */
const GRANTED = 100;

interface Customer {
  readonly principal: string;
  readonly originalId: string;
}

/** With a subscription, which is more to look at than none. */
async function makeCustomers({ urls }: BenchServices, count: number): Promise<Customer[]> {
  const store = createPostgresStore({ url: urls.api, pool: 2 });
  const customers: Customer[] = [];
  for (let n = 0; n < count; n++) {
    const principal = `auth0|${randomUUID()}`;
    const account = await makeAccount(store, principal, 'free');
    await addSubscription({ ownerUrl: urls.owner }, account);
    const { id: originalId } = await addOriginal(store.account(account).read, account);
    customers.push({ principal, originalId });
  }
  await store.close();
  return customers;
}

interface Burst {
  /** Milliseconds a request, each of which asks for one image, by customers in turn. */
  readonly ms: number;
  readonly made: number;
}

async function burst(child: Child, customers: readonly Customer[]): Promise<Burst> {
  // What the file sends with `ready`.
  const { port, tokens } = child.ready as { port: number; tokens: string[] };
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let made = 0;
  const create = (n: number) =>
    new Promise<void>((resolve, reject) => {
      const at = n % customers.length;
      const headers = {
        authorization: `Bearer ${tokens[at]}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      };
      const sent = request(
        { host: '127.0.0.1', port, path: '/v1/images', method: 'POST', agent, headers },
        (answer) => {
          answer.resume();
          if (answer.statusCode === 200) made += 1;
          answer.once('end', () =>
            [200, 402].includes(answer.statusCode ?? 0)
              ? resolve()
              : reject(new Error(`status ${answer.statusCode}`)),
          );
        },
      );
      sent.once('error', reject);
      sent.end(JSON.stringify({ items: [{ originalId: customers[at]?.originalId }] }));
    });
  let next = 0;
  const begin = performance.now();
  const lane = async () => {
    while (next < REQUESTS) await create(next++);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  const ms = performance.now() - begin;
  agent.destroy();
  return { ms: ms / REQUESTS, made };
}

/** Leaves so many units to each, and nothing of it told yet. */
async function leaveUnits({ urls }: BenchServices, each: number): Promise<void> {
  const owner = new pg.Client(urls.owner);
  await owner.connect();
  await owner.query(
    'UPDATE usage_periods SET units = $1, overage = 0, warned_limit = NULL, exhausted_limit = NULL',
    [LIMIT - each],
  );
  await owner.end();
}

async function compare(services: BenchServices, accounts: number, nearLimit: boolean): Promise<Result> {
  const customers = await makeCustomers(services, accounts);
  const settings = (withoutQuota: boolean): BillingSettings => ({
    databaseUrl: services.urls.api,
    objectsRoot: services.folder,
    principals: customers.map(({ principal }) => principal),
    withoutQuota,
    limit: LIMIT,
  });
  const sides = [
    await startChild('billing-server.ts', settings(false)),
    await startChild('billing-server.ts', settings(true)),
  ];
  const figures = sides.map((): number[] => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [n, child] of sides.entries()) {
      const refuses = nearLimit && n === 0 && round > 0;
      if (refuses) await leaveUnits(services, GRANTED / accounts);
      const { ms, made } = await burst(child, customers);
      const granted = refuses ? GRANTED : REQUESTS;
      if (made !== granted) throw new Error(`${made} were made of the ${granted} that there was room for`);
      if (round > 0) figures[n]?.push(ms);
    }
  }
  await Promise.all(sides.map((child) => child.stop()));
  const [ours = Number.NaN, without = Number.NaN] = figures.map((times) => Math.min(...times));
  const label = accounts === 1 ? '1 account' : `${accounts} accounts`;
  const metric = nearLimit
    ? `a request for ${label} at the limit, ${GRANTED} of ${REQUESTS} granted`
    : `an image made for ${label}`;
  return result(metric, 'ms', ours, without, '<= 1.25');
}

export const billing: Bench = {
  name: 'billing',
  about:
    'time of POST /v1/images under the quota of a plan, beside the same API without quotas; 1 and 50 accounts, far from their limit and at it',
  async run() {
    const services = await startServices();
    try {
      const results: Result[] = [];
      for (const nearLimit of [false, true]) {
        for (const accounts of ACCOUNTS) results.push(await compare(services, accounts, nearLimit));
      }
      return results;
    } finally {
      await services.close();
    }
  },
};

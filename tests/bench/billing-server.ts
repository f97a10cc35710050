// `POST /v1/images`: our API, with or without the quota of a plan.
import type { RequestListener } from 'node:http';
import { plansWith } from '../../server/src/core/billing/plans.ts';
import { createPostgresStore } from '../../server/src/infra/postgres/index.ts';
import type { StandingRow, Store, Tx } from '../../server/src/ports/index.ts';
import { createBenchApi, createBenchIssuer, serve } from './apiApp.ts';

export interface BillingSettings {
  readonly databaseUrl: string;
  readonly objectsRoot: string;
  readonly principals: readonly string[];
  /** Every account may make whatever it likes, and nothing is counted. */
  readonly withoutQuota: boolean;
  /** Units of the plan that all have. */
  readonly limit: number;
}

const POOL = 10;

// Written by the benchmark that started this.
const settings = JSON.parse(process.argv[2] ?? '') as BillingSettings;

const UNLIMITED: StandingRow = {
  basePlan: 'dev',
  payAsYouGo: { enabled: false, cap: null },
  subscriptions: [],
  usage: [],
};

function withoutQuota(store: Store): Store {
  const free = (tx: Tx): Tx => ({
    ...tx,
    billing: {
      ...tx.billing,
      standing: async () => UNLIMITED,
      lockStanding: async () => UNLIMITED,
    },
    jobs: { ...tx.jobs, queue: (owner, work) => tx.jobs.queue(owner, { ...work, reservation: null }) },
  });
  return {
    ...store,
    account(id) {
      const { read, transaction } = store.account(id);
      return { read, transaction: (run, options) => transaction((tx) => run(free(tx)), options) };
    },
  };
}

async function ourApp(): Promise<{ handle: RequestListener; close: () => Promise<unknown> }> {
  const store = createPostgresStore({ url: settings.databaseUrl, pool: POOL });
  const api = await createBenchApi({
    url: settings.databaseUrl,
    objectsRoot: settings.objectsRoot,
    store,
    verifyToken: issuer.verify,
    ...(settings.withoutQuota ? { parts: { store: withoutQuota(store) } } : {}),
    settings: { plans: plansWith({ pro: { limit: settings.limit } }) },
  });
  return { handle: api.handle, close: () => api.close().then(() => store.close()) };
}

const issuer = createBenchIssuer();
const { handle, close } = await ourApp();
const tokens = settings.principals.map((principal) => issuer.sign(principal, 'images:write'));
await serve(handle, { tokens }, [close]);

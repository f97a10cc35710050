import { compareSubscriptions } from '@stager/server/core/billing/stripe/compareSubscriptions';
import { type EventLog, handleNextEvents } from '@stager/server/core/billing/stripe/handleEvents';
import { sendMeters } from '@stager/server/core/billing/stripe/sendMeters';
import { settleEndedPlans } from '@stager/server/core/billing/stripe/settlePlan';
import { createLoop, type LoopOptions } from '@stager/server/core/relay/loop';
import type { OutboxItem, PaymentJobs, Payments } from '@stager/server/ports';

const POLL_MS = 1_000;
const OUTBOX_BATCH = 500;
/** Customers whose events are handled at the same time. Most of it is waiting for Stripe. */
const LANES = 4;
const HOUR_MS = 60 * 60_000;
/** Between two looks at whether a comparison is due. */
const CHECK_POLL_MS = 10 * 60_000;
const CHECK_EVERY_MS = 24 * HOUR_MS;
/** Differences that are logged one by one; all of them are kept. */
const LOGGED_MAX = 20;

export interface PaymentsWorkerOptions {
  readonly jobs: PaymentJobs;
  readonly payments: Payments;
  readonly log: EventLog;
  /** So long a plan holds whose payment has failed. */
  readonly graceMs: number;
  /** Called when something was written that a relay can hand on. */
  readonly kick: () => void;
}

export interface PaymentsWorker {
  start(): void;
  /** Resolves when what is under way has ended; what is left another worker does. */
  stop(): Promise<void>;
}

type Item<K extends OutboxItem['kind']> = Extract<OutboxItem, { kind: K }>;

/** Handles what Stripe has told, reports what it has to be told, and compares. Any number of workers may. */
export function createPaymentsWorker(options: PaymentsWorkerOptions): PaymentsWorker {
  const { log } = options;
  const loop = (wish: Omit<LoopOptions, 'log'>) => createLoop({ ...wish, log });
  const loops = [
    loop({ name: 'events of Stripe', everyMs: POLL_MS, turn: (signal) => handleEvents(options, signal) }),
    // By itself: events that cannot be handled hold no reports back.
    loop({ name: 'reports to Stripe', everyMs: POLL_MS, turn: (signal) => report(options, signal) }),
    loop({ name: 'ends of plans', everyMs: POLL_MS, turn: (signal) => endPlans(options, signal) }),
    loop({ name: 'comparison with Stripe', everyMs: CHECK_POLL_MS, turn: () => compare(options) }),
  ];
  return {
    start() {
      for (const one of loops) one.start();
    },
    async stop() {
      await Promise.all(loops.map((one) => one.stop()));
    },
  };
}

async function handleEvents(options: PaymentsWorkerOptions, signal: AbortSignal) {
  const { jobs, kick } = options;
  await drain(jobs, 'stripe', async (items: Item<'stripe'>[]) => {
    const customers = items.map(({ customerId }) => customerId).filter((id) => id !== null);
    await jobs.wakeUnknown([...new Set(customers)]);
  });
  const deps = { ...options, now: () => new Date(), random: Math.random };
  const lane = async () => {
    while (!signal.aborted && (await handleNextEvents(deps))) kick();
  };
  for (const outcome of await Promise.allSettled(Array.from({ length: LANES }, lane))) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
}

async function endPlans({ jobs, log, kick }: PaymentsWorkerOptions, signal: AbortSignal) {
  const ended = await settleEndedPlans(jobs, new Date(), signal);
  if (ended === 0) return;
  log.info({ ended }, 'plans looked at that ended by themselves');
  kick();
}

async function report({ jobs, payments, log }: PaymentsWorkerOptions, signal: AbortSignal) {
  await drain(jobs, 'meter', (items: Item<'meter'>[]) => jobs.addMeters(items));
  const deps = { jobs, payments, log, now: () => new Date(), random: Math.random };
  while (!signal.aborted && (await sendMeters(deps)) > 0);
}

/** Takes all of a kind out of the outbox. Only what is done with the database may be done here: its rows are locked. */
async function drain<K extends 'stripe' | 'meter'>(
  jobs: PaymentJobs,
  kind: K,
  handle: (items: Item<K>[]) => Promise<void>,
): Promise<void> {
  const ofKind = (items: OutboxItem[]) => items.filter((item): item is Item<K> => item.kind === kind);
  while ((await jobs.drainOutbox([kind], OUTBOX_BATCH, (items) => handle(ofKind(items)))) === OUTBOX_BATCH);
}

/** Once a day, by one of the workers. */
async function compare({ jobs, payments, log }: PaymentsWorkerOptions): Promise<void> {
  const now = new Date();
  await jobs.prune(now);
  const check = await jobs.beginCheck(CHECK_EVERY_MS);
  if (check === undefined) return;
  const { compared, drift } = await compareSubscriptions(jobs, payments, now);
  await jobs.endCheck(check, compared, drift);
  for (const one of drift.slice(0, LOGGED_MAX)) log.error(one, 'a subscription differs from that at Stripe');
  log.info({ compared, drift: drift.length }, 'subscriptions compared with Stripe');
}

import { subscriptionsAt, workOnDueRun } from '@stager/server/core/reconcile/index';
import { openObjects, openPayments } from '@stager/server/infra/adapters';
import { createPostgresPaymentJobs, createPostgresReconcileStore } from '@stager/server/infra/postgres/index';
import type { WorkerConfig } from '../config.ts';
import type { FromRuns, ToRuns } from './process.ts';

/**
 * Entry of the process of runs: works on what is due, and ends. It is told the configuration, and ends as well when it is
 * told to stop or whoever started it is gone.
 */

/** A run whose process gives no sign of life for so long goes to another. Milliseconds. */
const LEASE_MS = 60_000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** It works alone, and reads ahead. */
const RUNS_POOL = 3;

const stopping = new AbortController();

async function work(config: WorkerConfig, aheadMs = 0): Promise<void> {
  const url = config.STAGER_DATABASE_URL;
  const opened = createPostgresReconcileStore({ url, pool: RUNS_POOL });
  const now = async () => new Date((await opened.now()).getTime() + aheadMs);
  const store = { ...opened, now };
  const [{ objects, close }, payments] = await Promise.all([
    openObjects(config, { keepDrafts: true }),
    openPayments(config),
  ]);
  const jobs = payments && createPostgresPaymentJobs({ url, pool: 1 });
  const graceMs = config.STAGER_PAYMENT_GRACE_DAYS * DAY_MS;
  const subscriptions = payments && jobs && subscriptionsAt(jobs, payments, { now, graceMs });
  const deps = { store, objects, leaseMs: LEASE_MS, subscriptions };
  try {
    for (;;) {
      const worked = await workOnDueRun(deps, stopping.signal);
      if (!worked) return;
      tell({ type: 'worked', runId: worked.run.id, ended: worked.ended });
      if (stopping.signal.aborted) return;
    }
  } finally {
    await Promise.all([store.close(), jobs?.close()]);
    close();
  }
}

function tell(message: FromRuns): void {
  // Whoever is gone needs no word.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

process.title = 'stager-reconcile';
// Ctrl-C and a service manager's stop reach the whole group; the worker decides what becomes of a run.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.once('disconnect', () => stopping.abort());
process.on('message', (message: ToRuns) => {
  if (message.type === 'stop') return stopping.abort();
  work(message.config, message.aheadMs)
    .catch((error: unknown) => {
      tell({ type: 'failed', error: error instanceof Error ? error : new Error(String(error)) });
      process.exitCode = 1;
    })
    .finally(() => {
      // Nothing else keeps the process.
      if (process.connected) process.disconnect();
    });
});

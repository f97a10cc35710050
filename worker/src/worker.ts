import { availableParallelism, tmpdir } from 'node:os';
import { openDoorbell, openObjects, openPayments } from '@stager/server/infra/adapters';
import { createLogger } from '@stager/server/infra/log';
import { createPostgresNotifier } from '@stager/server/infra/notify/postgres';
import {
  createListener,
  createPostgresDeletionJobs,
  createPostgresJobStore,
  createPostgresPaymentJobs,
  createPostgresReconcileStore,
  refuseMightyRoles,
} from '@stager/server/infra/postgres/index';
import { rereadAndTell } from '@stager/server/infra/reread';
import { type WorkerConfig, workerConfig } from './config.ts';
import { createEraser } from './erase/eraser.ts';
import { serveHealth } from './health.ts';
import { createClaimLoop } from './loop/loop.ts';
import { createWatchdog } from './loop/watchdog.ts';
import { createPaymentsWorker } from './payments/payments.ts';
import { processJob } from './process/job.ts';
import { openWorkDirs } from './process/workDirs.ts';
import { createReconciler } from './reconcile/reconciler.ts';
import { createWorkerRelay } from './relay.ts';
import { createSandboxPool } from './sandbox/pool.ts';
import { createSweeper } from './sweep/sweeper.ts';

/** Events of Stripe are handled a few at a time. */
export const PAYMENTS_POOL = 5;

export interface StopOptions {
  /** Milliseconds for jobs under way; what is not done then is given back. Default: as configured. */
  readonly graceMs?: number;
}

export interface Worker {
  /** Works from now on, which may be told to stop at any moment. */
  start(): Promise<void>;
  /** Resolves when the database has answered the first claim. */
  readonly claiming: Promise<void>;
  /** Resolves when work is due and this worker claims none of it: it should end, and another be started. */
  readonly stuck: Promise<void>;
  /** Claims no more, finishes or gives back what runs, hands on the outbox, closes. The first call counts. */
  stop(options?: StopOptions): Promise<void>;
  /** Takes over the lists of secrets as they are now. What is not valid is logged, and changes nothing. */
  reread(env: NodeJS.ProcessEnv): void;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Longer than removing a batch of objects may take. */
const ERASE_LEASE_MS = 5 * 60_000;
/** It looks for runs, schedules them and purges; a process of its own works on them. */
export const RECONCILE_POOL = 2;

/** Wires a worker. A database that is away is waited for. */
export async function createWorker(config: WorkerConfig): Promise<Worker> {
  const log = createLogger('worker', config.STAGER_LOG_LEVEL);
  const adapters = await createAdapters(config);
  const { jobs, objects, doorbell, notifier } = adapters;
  const concurrency = config.STAGER_WORKER_CONCURRENCY ?? availableParallelism();
  const dirs = openWorkDirs(config.STAGER_WORKER_DIR ?? tmpdir());
  const sandbox = createSandboxPool({
    size: Math.max(1, concurrency),
    memoryMb: config.STAGER_WORKER_MEMORY_MB,
    log,
  });
  const relay = createWorkerRelay({ ...adapters, log });
  const { kick } = relay;
  const maxPixels = config.STAGER_MAX_PIXELS;
  const loop = createClaimLoop({
    jobs,
    doorbell,
    notifier,
    concurrency,
    leaseMs: config.STAGER_LEASE_SECONDS * 1000,
    run: (job, signal) => processJob({ jobs, objects, sandbox, dirs, log, kick, maxPixels }, job, signal),
    log,
    kick,
  });
  const sweeper = createSweeper({ jobs, doorbell, objects, log, kick });
  const billing =
    adapters.payments &&
    createPaymentsWorker({
      ...adapters.payments,
      log,
      kick,
      graceMs: config.STAGER_PAYMENT_GRACE_DAYS * DAY_MS,
    });
  const reconciler = createReconciler({
    store: adapters.reconcile,
    objects,
    config,
    cron: config.STAGER_RECONCILE_CRON,
    log,
  });
  const eraser = createEraser({ deletions: adapters.deletions, objects, leaseMs: ERASE_LEASE_MS, log });
  const stuck = Promise.withResolvers<void>();
  const stuckMs = config.STAGER_STUCK_SECONDS * 1000;
  const watchdog = createWatchdog({ jobs, loop, concurrency, onStuck: stuck.resolve, log, stuckMs });

  let stopping: Promise<void> | undefined;
  const health = config.STAGER_WORKER_PORT
    ? await serveHealth({
        host: config.STAGER_WORKER_HOST,
        port: config.STAGER_WORKER_PORT,
        isReady: () => !stopping && loop.healthy && !watchdog.stuck,
      })
    : undefined;

  async function shutDown(graceMs: number): Promise<void> {
    log.info({ running: loop.running, graceMs }, 'worker stops');
    watchdog.stop();
    await loop.drain(graceMs);
    await billing?.stop();
    await sweeper.stop();
    await reconciler.stop();
    await eraser.stop();
    await relay.stop();
    await sandbox.close();
    await dirs.close();
    await adapters.close();
    await health?.close();
    log.info({}, 'worker stopped');
  }
  return {
    claiming: loop.claiming,
    stuck: stuck.promise,
    async start() {
      relay.start();
      sweeper.start();
      billing?.start();
      reconciler.start();
      eraser.start();
      // What a stop has closed cannot be listened to any more.
      await loop.start().catch((error: unknown) => {
        if (!stopping) throw error;
      });
      if (stopping) return;
      watchdog.start();
      log.info({ concurrency }, 'worker started');
    },
    stop({ graceMs = config.STAGER_DRAIN_SECONDS * 1000 } = {}) {
      stopping ??= shutDown(graceMs);
      return stopping;
    },
    reread: (env) => rereadAndTell(workerConfig, config, env, log),
  };
}

/** The adapters that the configuration names, behind their ports. */
async function createAdapters(config: WorkerConfig) {
  const url = config.STAGER_DATABASE_URL;
  const jobs = createPostgresJobStore({ url, pool: config.STAGER_DATABASE_POOL });
  const reconcile = createPostgresReconcileStore({ url, pool: RECONCILE_POOL });
  const listener = createListener({ url, applicationName: 'stager-worker-listener' });
  const notifier = createPostgresNotifier(listener);
  const [doorbell, { objects, close: closeObjects }, payments] = await Promise.all([
    openDoorbell(config, listener),
    openObjects(config),
    openPayments(config),
  ]);
  const paymentJobs = payments && createPostgresPaymentJobs({ url, pool: PAYMENTS_POOL });
  const deletions = createPostgresDeletionJobs({ url, pool: 1 });
  await refuseMightyRoles([jobs, reconcile]);
  return {
    jobs,
    reconcile,
    deletions,
    objects,
    doorbell,
    notifier,
    payments: payments && paymentJobs && { payments, jobs: paymentJobs },
    async close() {
      await Promise.allSettled([doorbell.close(), notifier.close()]);
      await listener.close();
      await Promise.all([jobs.close(), paymentJobs?.close(), reconcile.close(), deletions.close()]);
      closeObjects();
    },
  };
}

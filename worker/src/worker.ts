import { createServer, type Server } from 'node:http';
import { createRelay } from '@stager/server/core/relay/relay';
import { createPostgresDoorbell } from '@stager/server/infra/doorbell/postgres';
import { createLogger } from '@stager/server/infra/log';
import { createPostgresNotifier } from '@stager/server/infra/notify/postgres';
import { createDiskObjects } from '@stager/server/infra/objects/disk/index';
import { createListener, createPostgresJobStore } from '@stager/server/infra/postgres/index';
import type { WorkerConfig } from './config.ts';
import { createClaimLoop } from './loop/loop.ts';
import { processJob } from './process/job.ts';
import { openWorkDirs } from './process/workDirs.ts';
import { createSandboxPool } from './sandbox/pool.ts';
import { createSweeper } from './sweep/sweeper.ts';

export interface RunningWorker {
  /** Claims no more, finishes or gives back what runs, hands on the outbox, closes. Idempotent. */
  stop(): Promise<void>;
}

/** Wires and starts a worker; it claims when this resolves. */
export async function startWorker(config: WorkerConfig): Promise<RunningWorker> {
  const log = createLogger('worker', config.STAGER_LOG_LEVEL);
  const url = config.STAGER_DATABASE_URL;
  const jobs = createPostgresJobStore({ url, pool: config.STAGER_DATABASE_POOL });
  const listener = createListener({ url, applicationName: 'stager-worker-listener' });
  const doorbell = createPostgresDoorbell(listener);
  const notifier = createPostgresNotifier(listener);
  const objects = createDiskObjects({
    root: config.STAGER_OBJECTS_DIR,
    publicUrl: config.STAGER_OBJECTS_PUBLIC_URL,
    secrets: config.STAGER_OBJECTS_SECRETS,
  });
  const dirs = await openWorkDirs(config.STAGER_WORKER_DIR);
  const sandbox = createSandboxPool({
    size: Math.max(1, config.STAGER_WORKER_CONCURRENCY),
    memoryMb: config.STAGER_WORKER_MEMORY_MB,
    log,
  });
  const relay = createRelay({
    jobs,
    doorbell,
    notifier,
    objects,
    kinds: ['job', 'events', 'remove_object'],
    log,
  });
  const kick = () => relay.kick();
  const loop = createClaimLoop({
    jobs,
    doorbell,
    concurrency: config.STAGER_WORKER_CONCURRENCY,
    leaseMs: config.STAGER_LEASE_SECONDS * 1000,
    run: (job, signal) =>
      processJob(
        { jobs, objects, sandbox, dirs, log, kick, random: Math.random, now: Date.now },
        job,
        signal,
      ),
    log,
    kick,
  });
  const sweeper = createSweeper({ jobs, doorbell, objects, log, kick });
  relay.start();
  sweeper.start();
  await loop.start();
  let draining = false;
  const health =
    config.STAGER_WORKER_PORT === undefined
      ? undefined
      : await serveHealth(config.STAGER_WORKER_PORT, () => !draining && loop.healthy);
  log.info({ concurrency: config.STAGER_WORKER_CONCURRENCY }, 'worker claims');

  let stopping: Promise<void> | undefined;
  async function shutDown(): Promise<void> {
    draining = true;
    await loop.drain(config.STAGER_DRAIN_SECONDS * 1000);
    await sweeper.stop();
    await relay.stop();
    await sandbox.close();
    await dirs.close();
    await Promise.allSettled([doorbell.close(), notifier.close()]);
    await listener.close();
    await jobs.close();
    health?.close();
    log.info({}, 'worker stopped');
  }
  return {
    stop() {
      stopping ??= shutDown();
      return stopping;
    },
  };
}

function serveHealth(port: number, isReady: () => boolean): Promise<Server> {
  const server = createServer((req, res) => {
    const ok = req.url === '/livez' || (req.url === '/readyz' && isReady());
    const known = req.url === '/livez' || req.url === '/readyz';
    res.writeHead(known ? (ok ? 200 : 503) : 404, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ status: ok ? 'ok' : 'failing' }));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

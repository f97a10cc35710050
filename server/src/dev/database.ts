import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { countFailures, restartDelay } from './backoff.ts';
import {
  type DatabaseUrls,
  ensureDatabase,
  quitLeftover,
  type RunningPostgres,
  startPostgres,
} from './postgres/index.ts';

interface Options {
  readonly dataDir: string;
  readonly port: number;
  readonly say: (line: string) => void;
  /** Folder of the programs of another PostgreSQL 15. Default: what STAGER_DEV_POSTGRES says, else the embedded one. */
  readonly bin?: string | undefined;
}

export interface KeptDatabase {
  /** Settles once the first start is done: migrated and seeded. Rejects when that fails or `stop` comes first. */
  readonly urls: Promise<DatabaseUrls>;
  /** Ends the server, also one that is just being started. May be called twice. */
  stop(): Promise<void>;
  /** Ends it without waiting, for a process that is about to exit. */
  kill(): void;
}

/** Runs the database of the stack and starts it again when it dies. */
export function keepDatabase(options: Options): KeptDatabase {
  const folder = join(options.dataDir, 'postgres');
  const stopping = new AbortController();
  const start = () =>
    startPostgres({
      dataDir: folder,
      port: options.port,
      log: () => undefined,
      bin: options.bin ?? process.env['STAGER_DEV_POSTGRES'],
      settings: { max_connections: String(connectionsFor(process.env['STAGER_DATABASE_POOL'])) },
      signal: stopping.signal,
    });
  const first = start();
  const kept = keepRunning(first, start, options.say, stopping.signal);
  const urls = first.then((server) => prepare(server, options.dataDir));
  urls.catch(() => undefined);
  return {
    urls,
    async stop() {
      stopping.abort();
      await kept;
    },
    kill: () => quitLeftover(folder),
  };
}

/** What API and worker may open beside their pools, and tools that somebody runs on the same database. */
const BESIDE_POOLS = 60;

/** Room for the pools of both. What is no number, they refuse themselves. */
export function connectionsFor(pool = ''): number {
  return Math.max(100, 2 * (Number(pool) || 0) + BESIDE_POOLS);
}

/** Resolves when `signal` has fired and no server is left, or when the first start failed. */
async function keepRunning(
  first: Promise<RunningPostgres>,
  start: () => Promise<RunningPostgres>,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let server = await first.catch(() => undefined);
  let failures = 0;
  while (server) {
    const startedAt = performance.now();
    const running = server;
    await Promise.race([running.exited, aborted(signal)]);
    if (signal.aborted) return running.stop();
    failures = countFailures(failures, performance.now() - startedAt);
    say(`PostgreSQL ended; starting it again. Its log: ${running.logFile}`);
    server = await startAgain(start, () => restartDelay(failures++), say, signal);
  }
}

/** Tries until it works or `signal` fires: then there is no server, as an aborted start leaves none. */
async function startAgain(
  start: () => Promise<RunningPostgres>,
  nextDelay: () => number,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<RunningPostgres | undefined> {
  while (!signal.aborted) {
    await sleep(nextDelay(), undefined, { signal }).catch(() => undefined);
    try {
      if (!signal.aborted) return await start();
    } catch (error) {
      if (!signal.aborted)
        say(`PostgreSQL did not start: ${error instanceof Error ? error.message : error}\nTrying again.`);
    }
  }
  return undefined;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function prepare(server: RunningPostgres, dataDir: string): Promise<DatabaseUrls> {
  const urls = await ensureDatabase(server);
  const { migrateUp } = await import('../infra/migrate/index.ts');
  await migrateUp(urls.owner);
  await seedOnce(dataDir, urls);
  return urls;
}

/** The mark is set when all is done: a start that was killed before seeds again, which changes nothing that is there. */
async function seedOnce(dataDir: string, urls: DatabaseUrls): Promise<void> {
  const mark = join(dataDir, 'postgres.seeded-2');
  if (existsSync(mark)) return;
  const { createPostgresAdminStore, createPostgresStore } = await import('../infra/postgres/index.ts');
  const { seedAccounts, seedOperator } = await import('./seed.ts');
  const store = createPostgresStore({ url: urls.api, pool: 2 });
  await seedAccounts(store).finally(() => store.close());
  const admin = createPostgresAdminStore({ url: urls.admin, pool: 1 });
  await seedOperator(admin).finally(() => admin.close());
  writeFileSync(mark, '');
}

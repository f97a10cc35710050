import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ALL_SCOPES } from '../contract/index.ts';
import { type Supervised, supervise } from './child.ts';
import { writeLocalProfile } from './cliProfile.ts';
import type { RunningIssuer } from './localIssuer.ts';
import { lockData } from './lock.ts';
import { AUDIENCE, CI_CLIENT, CLI_CLIENT } from './names.ts';
import type { StackOptions } from './options.ts';
import { choosePorts, type StackPorts } from './ports.ts';
import { type DatabaseUrls, ensureDatabase, type RunningPostgres, startPostgres } from './postgres/index.ts';
import { loadSecrets, type StackSecrets } from './secrets.ts';

export interface Stack {
  readonly apiUrl: string;
  readonly issuer: string;
  readonly dataDir: string;
  readonly binDir: string;
  readonly autoApprove: boolean;
  /** Whether the command line finds this stack without being told. */
  readonly profileInUse: boolean;
  readonly startedInMs: number;
  /** What `DIR/env` holds. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
  kill(): void;
}

type Say = (line: string) => void;

/**
 * Starts everything on 127.0.0.1 and keeps it running: what dies is started again.
 * @throws DataInUse, PortTaken
 */
export async function startStack(options: StackOptions, say: Say): Promise<Stack> {
  const begin = performance.now();
  const { dataDir } = options;
  mkdirSync(join(dataDir, 'logs'), { recursive: true });
  const lock = await lockData(dataDir);
  const running = new Running();
  try {
    const ports = await choosePorts(dataDir, options.port);
    const secrets = loadSecrets(dataDir);
    const issuerUrl = `http://127.0.0.1:${ports.issuer}/`;
    const apiUrl = `http://127.0.0.1:${ports.api}`;
    const logs = join(dataDir, 'logs');
    const common = commonEnv(dataDir, apiUrl, secrets);
    const database = startDatabase(running, dataDir, ports.postgres, say);
    running.database = database;
    // Started at once, so that they load while the database starts; they wait for their settings.
    running.children.push(
      supervise({
        name: 'API',
        entry: '../start/main.ts',
        preload: '../start/api.ts',
        env: database.then((urls) => apiEnv(common, urls, ports, issuerUrl)),
        logFile: join(logs, 'api.log'),
        say,
      }),
      supervise({
        name: 'worker',
        entry: '../../../worker/src/main.ts',
        preload: '../../../worker/src/worker.ts',
        env: database.then((urls) => ({ ...common, ...workerSettings(), STAGER_DATABASE_URL: urls.worker })),
        logFile: join(logs, 'worker.log'),
        say,
      }),
    );
    // Loaded now and not before: the processes above are on their way.
    const issuer = import('./localIssuer.ts').then(({ startLocalIssuer }) =>
      startLocalIssuer({
        ...options,
        apiUrl,
        port: ports.issuer,
        secrets,
        logFile: join(logs, 'issuer.log'),
      }),
    );
    running.issuer = issuer;
    await Promise.all([database, issuer, ...running.children.map((child) => child.ready)]);
    const publicEnv = writeEnv(dataDir, apiUrl, issuerUrl, secrets);
    const profileInUse = writeLocalProfile(apiUrl);
    return {
      apiUrl,
      issuer: issuerUrl,
      dataDir,
      binDir: fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url)),
      autoApprove: options.autoApprove,
      profileInUse,
      startedInMs: performance.now() - begin,
      env: publicEnv,
      async stop() {
        await running.stop();
        lock.release();
      },
      kill: () => running.kill(),
    };
  } catch (error) {
    await running.stop();
    lock.release();
    throw error;
  }
}

/** What was started so far, so that a start that fails half-way leaves nothing behind. */
class Running {
  postgres: RunningPostgres | undefined;
  issuer: Promise<RunningIssuer> | undefined;
  database: Promise<unknown> | undefined;
  readonly children: Supervised[] = [];
  stopping = false;

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.children.map((child) => child.stop()));
    await this.issuer?.then((issuer) => issuer.close()).catch(() => undefined);
    // A start that is given up may still be on its way.
    await this.database?.catch(() => undefined);
    await this.postgres?.stop();
  }

  kill(): void {
    for (const child of this.children) child.kill();
    if (this.postgres) process.kill(this.postgres.pid, 'SIGQUIT');
  }
}

async function startDatabase(
  running: Running,
  dataDir: string,
  port: number,
  say: Say,
): Promise<DatabaseUrls> {
  const start = () => startPostgres({ dataDir: join(dataDir, 'postgres'), port, log: () => undefined });
  const watch = (server: RunningPostgres) => {
    running.postgres = server;
    server.exited.then(async () => {
      if (running.stopping) return;
      say(`PostgreSQL ended; starting it again. Its log: ${server.logFile}`);
      watch(await start());
    });
  };
  const server = await start();
  watch(server);
  const urls = await ensureDatabase(server);
  const { migrateUp } = await import('../infra/migrate/index.ts');
  await migrateUp(urls.owner);
  await seedOnce(dataDir, urls);
  return urls;
}

/** The mark is set when all is done: a start that was killed before seeds again, which changes nothing that is there. */
async function seedOnce(dataDir: string, urls: DatabaseUrls): Promise<void> {
  const mark = join(dataDir, 'postgres.seeded');
  if (existsSync(mark)) return;
  const { createPostgresStore } = await import('../infra/postgres/index.ts');
  const { seedAccounts } = await import('./seed.ts');
  const store = createPostgresStore({ url: urls.api, pool: 2 });
  await seedAccounts(store).finally(() => store.close());
  writeFileSync(mark, '');
}

function commonEnv(dataDir: string, apiUrl: string, secrets: StackSecrets): Record<string, string> {
  return {
    STAGER_ENV: 'development',
    STAGER_LOG_LEVEL: process.env['STAGER_LOG_LEVEL'] ?? 'info',
    STAGER_OBJECTS: 'disk',
    STAGER_OBJECTS_DIR: join(dataDir, 'objects'),
    STAGER_OBJECTS_SECRETS: secrets.objects,
    STAGER_OBJECTS_PUBLIC_URL: apiUrl,
    STAGER_DOORBELL: 'postgres',
  };
}

function apiEnv(
  common: Record<string, string>,
  database: DatabaseUrls,
  ports: StackPorts,
  issuer: string,
): Record<string, string> {
  return {
    ...common,
    STAGER_DATABASE_URL: database.api,
    STAGER_PORT: String(ports.api),
    STAGER_ISSUER: issuer,
    STAGER_AUDIENCE: AUDIENCE,
    STAGER_CLI_CLIENT_ID: CLI_CLIENT,
  };
}

/** Worker settings that a developer may want to vary are taken over from the shell. */
function workerSettings(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && /^STAGER_(WORKER|LEASE)_/.test(name) ? [[name, value]] : [],
    ),
  );
}

/** `DIR/env`: for `source`, by people and scripts. Readable by its owner alone, as it holds a secret. */
function writeEnv(
  dataDir: string,
  apiUrl: string,
  issuer: string,
  secrets: StackSecrets,
): Record<string, string> {
  const env = {
    STAGER_API_URL: apiUrl,
    STAGER_DEV_ISSUER: issuer,
    STAGER_DEV_AUDIENCE: AUDIENCE,
    STAGER_DEV_CLIENT_ID: CI_CLIENT,
    STAGER_DEV_CLIENT_SECRET: secrets.ciClient,
    STAGER_DEV_SCOPES: ALL_SCOPES.join(' '),
  };
  const lines = Object.entries(env).map(([name, value]) => `export ${name}='${value}'`);
  writeFileSync(join(dataDir, 'env'), `${lines.join('\n')}\n`, { mode: 0o600 });
  return env;
}

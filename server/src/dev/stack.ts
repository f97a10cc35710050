import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Supervised, supervise } from './child.ts';
import { writeLocalProfile } from './cliProfile.ts';
import { type KeptDatabase, keepDatabase } from './database.ts';
import type { RunningIssuer } from './localIssuer.ts';
import type { RunningStripe } from './localStripe.ts';
import { lockData } from './lock.ts';
import { AUDIENCE, CI_CLIENT, CLI_CLIENT, CUSTOMER_SCOPES, WEB_CLIENT } from './names.ts';
import type { StackOptions } from './options.ts';
import { choosePorts, type StackPorts } from './ports.ts';
import type { DatabaseUrls } from './postgres/index.ts';
import { loadSecrets, type StackSecrets } from './secrets.ts';

/** What the ready stack tells. */
export interface StackFacts {
  readonly apiUrl: string;
  readonly issuer: string;
  readonly payments: string;
  readonly dataDir: string;
  readonly binDir: string;
  readonly autoApprove: boolean;
  /** Whether the command line finds this stack without being told. */
  readonly profileInUse: boolean;
  readonly startedInMs: number;
  /** What `DIR/env` holds. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Stack {
  /** Rejects with DataInUse, PortTaken, StackStopped, or what went wrong; then nothing is left running. */
  readonly ready: Promise<StackFacts>;
  /** Ends everything in order, also in the middle of the start. May be called twice. */
  stop(): Promise<void>;
  /** Ends everything without waiting, for a process that is about to exit. */
  kill(): void;
}

/** The start was given up because `stop` was called. */
export class StackStopped extends Error {
  override readonly name = 'StackStopped';
}

/** The folder of the data cannot be made there. */
export class DataUnusable extends Error {
  override readonly name = 'DataUnusable';
}

/** Step by step: the recursive one of Node never ends where a parent is there and takes no folder, as in /proc. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new DataUnusable(`The folder ${path} cannot be made (${why}). Choose another one with --data DIR.`);
  }
}

type Say = (line: string) => void;

/** Starts everything on 127.0.0.1 and keeps it running: what dies is started again. */
export function openStack(options: StackOptions, say: Say): Stack {
  const running = new Running();
  const ready = start(options, say, running).catch(async (error: unknown) => {
    await running.stop();
    throw running.stopAsked ? new StackStopped('The stack was stopped before it was ready.') : error;
  });
  ready.catch(() => undefined);
  return {
    ready,
    async stop() {
      running.stopAsked = true;
      await running.stop();
      // A start that is under way ends now, with what it had just begun.
      await ready.catch(() => undefined);
      await running.stop();
    },
    kill: () => running.kill(),
  };
}

/** What was started so far, so that a start that ends half-way leaves nothing behind. */
class Running {
  lock: { release(): void } | undefined;
  database: KeptDatabase | undefined;
  issuer: Promise<RunningIssuer> | undefined;
  payments: Promise<RunningStripe> | undefined;
  readonly children: Supervised[] = [];
  stopAsked = false;

  /** Between the steps of the start: nothing is begun after a stop. */
  goOn(): void {
    if (this.stopAsked) throw new StackStopped('stopped');
  }

  async stop(): Promise<void> {
    await Promise.all(this.children.map((child) => child.stop()));
    await this.issuer?.then((issuer) => issuer.close()).catch(() => undefined);
    await this.payments?.then((payments) => payments.close()).catch(() => undefined);
    await this.database?.stop();
    this.lock?.release();
    this.lock = undefined;
  }

  kill(): void {
    for (const child of this.children) child.kill();
    this.database?.kill();
  }
}

async function start(options: StackOptions, say: Say, running: Running): Promise<StackFacts> {
  const begin = performance.now();
  const { dataDir } = options;
  const logs = join(dataDir, 'logs');
  makeFolder(logs);
  running.lock = await lockData(dataDir);
  running.goOn();
  const ports = await choosePorts(dataDir, options.port);
  running.goOn();
  const secrets = loadSecrets(dataDir);
  const issuerUrl = `http://127.0.0.1:${ports.issuer}/`;
  const apiUrl = `http://127.0.0.1:${ports.api}`;
  const paymentsUrl = `http://127.0.0.1:${ports.payments}`;
  const common = commonEnv(dataDir, apiUrl, paymentsUrl, secrets);
  running.database = keepDatabase({ dataDir, port: ports.postgres, say });
  const { urls } = running.database;
  // Started at once, so that they load while the database starts; they wait for their settings.
  running.children.push(
    supervise({
      name: 'API',
      entry: '../start/main.ts',
      preload: '../start/api.ts',
      env: urls.then((database) => ({
        ...apiEnv(common, database, ports, issuerUrl, secrets),
        STAGER_STRIPE_WEBHOOK_SECRETS: secrets.webhooks,
      })),
      logFile: join(logs, 'api.log'),
      say,
    }),
    supervise({
      name: 'worker',
      entry: '../../../worker/src/main.ts',
      preload: '../../../worker/src/worker.ts',
      env: urls.then((database) => ({ ...common, STAGER_DATABASE_URL: database.worker })),
      logFile: join(logs, 'worker.log'),
      say,
    }),
  );
  // Loaded now and not before: the processes above are on their way.
  running.issuer = import('./localIssuer.ts').then(({ startLocalIssuer }) =>
    startLocalIssuer({
      ...options,
      apiUrl,
      port: ports.issuer,
      secrets,
      logFile: join(logs, 'issuer.log'),
    }),
  );
  running.payments = import('./localStripe.ts').then(({ startLocalStripe }) =>
    startLocalStripe({
      dataDir,
      apiUrl,
      port: ports.payments,
      secrets,
      logFile: join(logs, 'payments.log'),
    }),
  );
  await Promise.all([
    urls,
    running.issuer,
    running.payments,
    ...running.children.map((child) => child.ready),
  ]);
  running.goOn();
  return {
    apiUrl,
    issuer: issuerUrl,
    payments: paymentsUrl,
    dataDir,
    binDir: fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url)),
    autoApprove: options.autoApprove,
    env: writeEnv(dataDir, apiUrl, issuerUrl, paymentsUrl, secrets, (await urls).admin),
    profileInUse: writeLocalProfile(apiUrl),
    startedInMs: performance.now() - begin,
  };
}

function commonEnv(
  dataDir: string,
  apiUrl: string,
  paymentsUrl: string,
  secrets: StackSecrets,
): Record<string, string> {
  return {
    STAGER_ENV: 'development',
    STAGER_LOG_LEVEL: process.env['STAGER_LOG_LEVEL'] ?? 'info',
    STAGER_OBJECTS: 'disk',
    STAGER_OBJECTS_DIR: join(dataDir, 'objects'),
    STAGER_OBJECTS_SECRETS: secrets.objects,
    STAGER_OBJECTS_PUBLIC_URL: apiUrl,
    STAGER_DOORBELL: 'postgres',
    STAGER_STRIPE_SECRET_KEY: secrets.payments,
    STAGER_STRIPE_API_URL: paymentsUrl,
    // No balancer stands before the one API.
    STAGER_DRAIN_NOTICE_SECONDS: '0',
    ...adjusted(),
  };
}

function apiEnv(
  common: Record<string, string>,
  database: DatabaseUrls,
  ports: StackPorts,
  issuer: string,
  secrets: StackSecrets,
): Record<string, string> {
  return {
    ...common,
    STAGER_DATABASE_URL: database.api,
    STAGER_RELAY_DATABASE_URL: database.relay,
    STAGER_ADMIN_DATABASE_URL: database.admin,
    STAGER_PORT: String(ports.api),
    STAGER_ISSUER: issuer,
    STAGER_AUDIENCE: AUDIENCE,
    STAGER_CLI_CLIENT_ID: CLI_CLIENT,
    STAGER_PUBLIC_URL: `http://127.0.0.1:${ports.api}`,
    STAGER_WEB_CLIENT_ID: WEB_CLIENT,
    STAGER_WEB_CLIENT_SECRET: secrets.webClient,
    STAGER_SESSION_SECRETS: secrets.sessions,
  };
}

/**
 * What a developer may want to vary is taken over from the shell: limits and rates, and the adapters of production in
 * the place of the embedded ones. The database, the issuer and all addresses are the stack's own.
 */
const ADJUSTABLE =
  /^STAGER_(WORKER|LEASE|DRAIN|MAX|BODY|FINALIZE|RATE|STREAMS|CORS|HSTS|S3|REDIS)_|^STAGER_(TRUSTED_PROXIES|OBJECTS|OBJECTS_PUBLIC_URL|DOORBELL|LIMITER|DATABASE_POOL|PLANS|PAYMENT_GRACE_DAYS|RECONCILE_CRON)$/;

function adjusted(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && ADJUSTABLE.test(name) ? [[name, value]] : [],
    ),
  );
}

/** `DIR/env`: for `source`, by people and scripts. Readable by its owner alone, as it holds a secret. */
function writeEnv(
  dataDir: string,
  apiUrl: string,
  issuer: string,
  payments: string,
  secrets: StackSecrets,
  adminDatabase: string,
): Record<string, string> {
  const env = {
    STAGER_API_URL: apiUrl,
    STAGER_DEV_ISSUER: issuer,
    STAGER_DEV_PAYMENTS: payments,
    STAGER_DEV_PAYMENTS_KEY: secrets.payments,
    STAGER_DEV_AUDIENCE: AUDIENCE,
    STAGER_DEV_CLIENT_ID: CI_CLIENT,
    STAGER_DEV_CLIENT_SECRET: secrets.ciClient,
    STAGER_DEV_SCOPES: CUSTOMER_SCOPES.join(' '),
    // For `npm run admin`.
    STAGER_ADMIN_DATABASE_URL: adminDatabase,
  };
  const lines = Object.entries(env).map(([name, value]) => `export ${name}='${value}'`);
  writeFileSync(join(dataDir, 'env'), `${lines.join('\n')}\n`, { mode: 0o600 });
  return env;
}

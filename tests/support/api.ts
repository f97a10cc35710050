import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPersonalTokens } from '../../server/src/core/accounts/personalTokens.ts';
import { createCallerResolver } from '../../server/src/core/accounts/resolveCaller.ts';
import { plansWith } from '../../server/src/core/billing/plans.ts';
import { createEventHub, type EventHub } from '../../server/src/core/events/hub.ts';
import { examine } from '../../server/src/core/uploads/examine.ts';
import { createMemory } from '../../server/src/core/uploads/memory.ts';
import { createApp } from '../../server/src/http/app.ts';
import type { Settings } from '../../server/src/http/deps.ts';
import { createApiServer, type ServerOptions } from '../../server/src/http/server.ts';
import { createMemoryLimiter } from '../../server/src/infra/limiter/memory.ts';
import { createLogger } from '../../server/src/infra/log.ts';
import { createPostgresNotifier } from '../../server/src/infra/notify/postgres.ts';
import { createDiskObjects } from '../../server/src/infra/objects/disk/index.ts';
import {
  createListener,
  createPostgresAdminStore,
  createPostgresStore,
} from '../../server/src/infra/postgres/index.ts';
import {
  type Limiter,
  type Payments,
  type Store,
  systemClock,
  TokenRejected,
  type VerifiedToken,
  type VerifyWebhook,
} from '../../server/src/ports/index.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { findSecrets } from './secretsInLogs.ts';
import { makeTempDir } from './tempDir.ts';

/** A line of the API's log, as far as tests look at it. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export interface TestApi {
  readonly url: string;
  readonly database: TestDatabase;
  readonly store: Store;
  readonly hub: EventHub;
  readonly log: readonly LogLine[];
  readonly server: Server;
  /** As a deployment's SIGTERM. */
  drain(): void;
  /** News of an account, as the relay tells them. */
  notify(accountId: string): Promise<void>;
  close(): Promise<void>;
}

export interface TestApiOptions {
  readonly streams?: Partial<Settings['streams']>;
  readonly settings?: Partial<Settings>;
  /** Default: more than any test sends. */
  readonly limiter?: Limiter;
  /** What the HTTP server is given beside its limits of production. */
  readonly server?: Partial<Omit<ServerOptions, 'handle' | 'log'>>;
  readonly openSignup?: boolean;
  readonly payments?: Payments;
  readonly verifyWebhook?: VerifyWebhook;
  /** What stands for the issuer: who a token is, and until when. */
  readonly who: (token: string) => { subject: string; expiresAt: Date } | undefined;
  readonly scopes: readonly string[];
  /** In the place of `who`: how tokens are verified. */
  readonly verifyToken?: (token: string) => Promise<VerifiedToken>;
}

/** Seconds pass fast: what is remembered of members is a tenth of a second old at most. */
function quickTime(): number {
  return Date.now() * 50;
}

/** The API in this process, on a database of its own; only the issuer is told by the test. */
export async function startTestApi(options: TestApiOptions): Promise<TestApi> {
  const database = await createTestDatabase();
  const store = createPostgresStore({ url: database.apiUrl, pool: 6 });
  const listener = createListener({ url: database.apiUrl });
  const notifier = createPostgresNotifier(listener);
  const hub = await createEventHub(notifier);
  const draining = new AbortController();
  const lines: LogLine[] = [];
  const root = makeTempDir('stager-api');
  const minute = 10_000;
  let written = '';
  const logger = createLogger('api', 'debug', {
    write(line) {
      written += line;
    },
  });
  const write = (level: LogLine['level']) => (fields: object, message: string) => {
    lines.push({ level, fields: { ...fields }, message });
    logger[level](fields, message);
  };
  const personalTokens = createPersonalTokens({ store, now: Date.now, ttlMs: 100 });
  // The methods that the HTTP layer calls; a logger has many more.
  const log = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  } as never;
  const admin = createPostgresAdminStore({ url: database.adminUrl, pool: 2 });
  const app = createApp({
    store,
    admin,
    objects: createDiskObjects({
      root,
      publicUrl: 'http://127.0.0.1:1',
      secrets: ['test-secret-0123456789'],
    }),
    clock: systemClock,
    limiter:
      options.limiter ?? createMemoryLimiter({ read: minute, write: minute, stream: minute, public: minute }),
    log,
    hub,
    callers: createCallerResolver({
      store,
      now: quickTime,
      openSignup: options.openSignup ?? false,
    }),
    verifyToken: async (token) => {
      if (options.verifyToken) return options.verifyToken(token);
      const known = options.who(token);
      if (!known) throw new TokenRejected('The token is not valid here.');
      const credential = { kind: 'login', id: 'cli' } as const;
      return { ...known, scopes: [...options.scopes], credential, accountId: null };
    },
    personalTokens,
    payments: options.payments ?? null,
    verifyWebhook: options.verifyWebhook ?? null,
    memory: createMemory(64 * 1024 * 1024),
    examine: async (...facts) => examine(...facts),
    kickRelay: () => undefined,
    draining: draining.signal,
    settings: {
      issuer: 'https://issuer.example/',
      audience: 'https://api.example',
      cliClientId: 'cli',
      uploads: { maxBytes: 1e7, maxPixels: 1e8 },
      plans: plansWith(),
      bodyLimit: 100_000,
      bodyMs: 30_000,
      trustedProxies: 0,
      streams: {
        pingMs: 15_000,
        accessCheckMs: 3_000,
        drainMs: 10_000,
        perAccount: 1_000,
        ...options.streams,
      },
      ...options.settings,
      adapters: { objects: 'disk', doorbell: 'postgres', limiter: 'local' },
      checkResponses: true,
    },
  });
  const server = createApiServer({
    handle: app.callback(),
    log,
    hstsSeconds: 0,
    corsOrigins: [],
    draining: draining.signal,
    ...options.server,
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  // A TCP listener has an AddressInfo; only pipes have strings.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    database,
    store,
    hub,
    log: lines,
    server,
    drain: () => draining.abort(),
    notify: (accountId) => notifier.notify([accountId]),
    async close() {
      draining.abort();
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
      await hub.close();
      await personalTokens.idle();
      await notifier.close();
      await listener.close();
      await Promise.all([store.close(), admin.close()]);
      await database.drop();
      const found = findSecrets([{ name: 'the log of the API', text: written }], []);
      if (found.length > 0) throw new Error(`secrets in a log:\n${found.join('\n')}`);
    },
  };
}
